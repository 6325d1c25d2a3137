//! The texts of a context: those that stand in the message of a request, and copies of all others.

use super::known::is_lower;
use alloc::string::String;
use core::ops::Range;

/// Mostly there are so many bytes to copy, or none.
const USUAL_BYTES: usize = 128;

/// A row of texts: the message, and behind it what was copied.
#[derive(Debug, Clone, Default)]
pub(super) struct Texts<'a> {
    message: &'a str,
    own: String,
}

/// A range of a row of texts, or of a list.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// The range. A context of four gigabytes is no request.
    #[inline]
    pub(super) fn of(range: Range<usize>) -> Self {
        let short = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { start: short(range.start), end: short(range.end) }
    }

    #[inline]
    pub(super) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl<'a> Texts<'a> {
    pub(super) fn over(message: &'a str) -> Self {
        Self { message, own: String::new() }
    }

    /// The place of a text, which is copied unless it stands in the message.
    pub(super) fn add(&mut self, text: &str) -> Span {
        let start = self.start(text);
        Span::of(start..start + text.len())
    }

    /// The place of a text in lower case, as contexts compare keys.
    pub(super) fn add_lowered(&mut self, text: &str) -> Span {
        if !text.is_ascii() {
            return self.add(&text.to_lowercase());
        }
        if is_lower(text) {
            return self.add(text);
        }
        let start = self.copy(text);
        self.own[start - self.message.len()..].make_ascii_lowercase();
        Span::of(start..start + text.len())
    }

    /// Where that place starts.
    #[inline]
    pub(super) fn start(&mut self, text: &str) -> usize {
        place_in(self.message, text).unwrap_or_else(|| self.copy(text))
    }

    fn copy(&mut self, text: &str) -> usize {
        if self.own.is_empty() {
            self.own.reserve(USUAL_BYTES);
        }
        let start = self.message.len() + self.own.len();
        self.own.push_str(text);
        start
    }

    #[inline]
    pub(super) fn get(&self, span: Span) -> &str {
        let (texts, range) = self.at(span);
        &texts[range]
    }

    #[inline]
    pub(super) fn bytes(&self, span: Span) -> Option<&[u8]> {
        let (texts, range) = self.at(span);
        texts.as_bytes().get(range)
    }

    #[inline]
    fn at(&self, span: Span) -> (&str, Range<usize>) {
        let (range, message) = (span.range(), self.message.len());
        match range.end <= message {
            true => (self.message, range),
            false => (&self.own, range.start - message..range.end - message),
        }
    }
}

/// Where a text starts in the message, if that is where it is.
#[inline]
fn place_in(message: &str, text: &str) -> Option<usize> {
    let start = text.as_ptr().addr().wrapping_sub(message.as_ptr().addr());
    // Of a text without bytes nothing is known of where it is.
    let is_in = !text.is_empty() && start <= message.len() && text.len() <= message.len() - start;
    is_in.then_some(start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_the_message_is_not_copied() {
        let (message, elsewhere) = (String::from("key:välue,other"), String::from("other"));
        let mut texts = Texts::over(&message);
        let parts =
            [&message[..3], &message[4..10], &message[11..], &*elsewhere, "", &message[4..4]];
        let spans = parts.map(|part| texts.add(part));
        assert_eq!(spans.map(|span| texts.get(span)), parts);
        assert_eq!(spans.map(|span| texts.bytes(span)), parts.map(|part| Some(part.as_bytes())));
        assert_eq!(texts.own, elsewhere);
    }
}
