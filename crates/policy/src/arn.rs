//! The resource of a request, taken apart at most once per decision.

use crate::action::first_colon;
use core::cell::OnceCell;

type Segments<'a> = ([&'a str; 4], &'a str);

/// The fields of a text, parted by colons: so many at most, the last holding all that follows.
#[derive(Debug, Clone)]
pub(crate) struct Fields<'a> {
    rest: Option<&'a str>,
    left: usize,
}

/// The fields of `text`.
pub(crate) const fn fields(text: &str, most: usize) -> Fields<'_> {
    Fields { rest: Some(text), left: most }
}

impl<'a> Iterator for Fields<'a> {
    type Item = &'a str;

    #[inline]
    fn next(&mut self) -> Option<&'a str> {
        let text = self.rest?;
        self.left = self.left.saturating_sub(1);
        let colon = if self.left == 0 { None } else { first_colon(text.as_bytes()) };
        self.rest = colon.map(|at| &text[at + 1..]);
        Some(colon.map_or(text, |at| &text[..at]))
    }
}

/// A request's resource. It is literal: a `*` in it is no wildcard.
#[derive(Debug)]
pub(crate) struct RequestResource<'a> {
    text: &'a str,
    /// Partition, service, region, account and the rest, if it is an ARN. Most patterns are
    /// compared with the text as a whole.
    segments: OnceCell<Option<Segments<'a>>>,
}

impl<'a> RequestResource<'a> {
    pub(crate) const fn new(text: &'a str) -> Self {
        Self { text, segments: OnceCell::new() }
    }

    fn split(text: &'a str) -> Option<Segments<'a>> {
        let mut parts = text.strip_prefix("arn:")?.splitn(5, ':');
        let mut head = [""; 4];
        for segment in &mut head {
            *segment = parts.next()?;
        }
        Some((head, parts.next()?))
    }

    fn segments(&self) -> Option<&Segments<'a>> {
        self.segments.get_or_init(|| Self::split(self.text)).as_ref()
    }

    /// The whole text.
    pub(crate) const fn text(&self) -> &'a str {
        self.text
    }

    /// Partition, service, region and account of an ARN.
    pub(crate) fn head(&self) -> Option<&[&'a str; 4]> {
        self.segments().map(|(head, _)| head)
    }

    /// What follows the fifth colon of an ARN.
    pub(crate) fn rest(&self) -> Option<&'a str> {
        self.segments().map(|(_, rest)| *rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn fields_are_those_of_splitn() {
        let texts = [
            "",
            ":",
            "arn",
            "arn:aws:s3:::bucket/key:with:colons",
            "::::::::",
            "\u{e9}:\u{e9}\u{e9}:",
            "a:b",
        ];
        for text in texts {
            for most in 1..8 {
                let expected: Vec<&str> = text.splitn(most, ':').collect();
                assert_eq!(fields(text, most).collect::<Vec<_>>(), expected, "{text}");
            }
        }
    }
}
