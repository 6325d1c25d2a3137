//! The action of a request, and patterns that no table of services can hold.

use crate::{
    document::Listed,
    glob::Glob,
    hash::{ONES, WORD_BYTES, hash_words, mask, place_of, word_in},
};
use alloc::boxed::Box;
use core::ops::Range;

/// Room for a name in lower case: no name of AWS is as long.
const INLINE_BYTES: usize = 80;

/// The action of a request (IAM policy elements: Action), taken apart once. Its letters stay as
/// they are; what is compared first, the first word of each half, is in lower case.
#[derive(Debug)]
pub(crate) struct RequestAction<'a> {
    service: &'a [u8],
    name: &'a [u8],
    /// The first eight bytes of the service, and its hash.
    pub service_word: u64,
    pub service_hash: u64,
    /// The first eight bytes of the name.
    pub name_word: u64,
}

impl<'a> RequestAction<'a> {
    /// Splits `service:Name`; a text without colon has no service.
    #[inline]
    pub(crate) fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes();
        match first_colon(bytes) {
            Some(colon) => Self::in_buffer(bytes, 0..colon, colon + 1..bytes.len()),
            None => Self::in_buffer(bytes, 0..0, 0..bytes.len()),
        }
    }

    /// Of halves that stand apart.
    pub(crate) fn of_halves(service: &'a [u8], name: &'a [u8]) -> Self {
        let of_name = Self::in_buffer(name, 0..0, 0..name.len());
        let of_service = Self::in_buffer(service, 0..service.len(), 0..0);
        Self { name: of_name.name, name_word: of_name.name_word, ..of_service }
    }

    /// Words are read from the whole buffer, which costs less near the end of a half. Always inlined: what is compared
    /// first stays in registers.
    #[inline(always)]
    fn in_buffer(buffer: &'a [u8], service: Range<usize>, name: Range<usize>) -> Self {
        let service_word = lower_word(word_in(buffer, service.clone()));
        let service_hash = hash_words(service.len(), |at| match at {
            0 => service_word,
            _ => lower_word(word_in(buffer, at..service.end)),
        });
        Self {
            service_word,
            service_hash,
            name_word: lower_word(word_in(buffer, name.clone())),
            service: &buffer[service],
            name: &buffer[name],
        }
    }

    /// Whether the service is this one, in lower case.
    #[inline]
    pub(crate) fn has_service(&self, lower: &[u8]) -> bool {
        // Up to a word has been compared when the words are.
        self.service.len() == lower.len()
            && self.service_word == word_in(lower, 0..lower.len())
            && (lower.len() <= WORD_BYTES || self.service.eq_ignore_ascii_case(lower))
    }

    /// Whether these are its halves, in lower case.
    #[inline]
    pub(crate) fn is(&self, service: &[u8], name: &[u8]) -> bool {
        self.has_service(service)
            && self.name.len() == name.len()
            && self.name_word == word_in(name, 0..name.len())
            && (name.len() <= WORD_BYTES || self.starts_after_word(name))
    }

    /// The hash of both halves.
    #[inline]
    pub(crate) fn hash(&self) -> u64 {
        let name = self.name;
        let of_name = hash_words(name.len(), |at| match at {
            0 => self.name_word,
            _ => lower_word(word_in(name, at..name.len())),
        });
        combined(self.service_hash, of_name)
    }

    /// The length of the service.
    #[inline]
    pub(crate) fn service_length(&self) -> usize {
        self.service.len()
    }

    /// The name, in the request's letters.
    #[inline]
    pub(crate) fn name(&self) -> &'a [u8] {
        self.name
    }

    /// Whether the name starts with this one, in lower case, given that its first word does.
    #[inline]
    pub(crate) fn starts_after_word(&self, lower: &[u8]) -> bool {
        self.name.get(..lower.len()).is_some_and(|head| is_lower_of(head, lower))
    }

    /// Hands over the service in lower case.
    pub(crate) fn with_lower_service<T>(&self, ask: impl FnOnce(&[u8]) -> T) -> T {
        with_lower(self.service, ask)
    }

    /// Hands over the name in lower case.
    pub(crate) fn with_lower_name<T>(&self, ask: impl FnOnce(&[u8]) -> T) -> T {
        with_lower(self.name, ask)
    }
}

/// The hash of an action, given those of its halves.
#[inline]
const fn combined(service: u64, name: u64) -> u64 {
    service.rotate_left(32) ^ name
}

/// Whether `lower`, at least a word long, is the lower case of a text with the same first word. The
/// last words overlap those before.
#[inline]
fn is_lower_of(text: &[u8], lower: &[u8]) -> bool {
    let is_word = |text: &[u8; WORD_BYTES], lower: &[u8; WORD_BYTES]| {
        lower_word(u64::from_le_bytes(*text)) == u64::from_le_bytes(*lower)
    };
    let (Some(last), Some(lower_last)) = (text.last_chunk(), lower.last_chunk()) else {
        return text.eq_ignore_ascii_case(lower);
    };
    let words = text.as_chunks::<WORD_BYTES>().0.iter().zip(lower.as_chunks().0);
    text.len() == lower.len()
        && is_word(last, lower_last)
        && words.skip(1).all(|(word, lower)| is_word(word, lower))
}

/// Hands over a text in lower case, from the stack unless it is long.
fn with_lower<T>(text: &[u8], ask: impl FnOnce(&[u8]) -> T) -> T {
    let mut inline = [0; INLINE_BYTES];
    match inline.get_mut(..text.len()) {
        Some(lower) => {
            lower.copy_from_slice(text);
            lower.make_ascii_lowercase();
            ask(lower)
        }
        None => ask(&text.to_ascii_lowercase()),
    }
}

/// The place of the first colon.
#[inline]
pub(crate) fn first_colon(text: &[u8]) -> Option<usize> {
    place_of(b':', text, 0)
}

/// Splits texts `service:Name` that are listed one after another. Lists mostly go service by
/// service, so that it is the same service as before, which is told by its first word.
#[derive(Debug, Default)]
pub(crate) struct Halves<'a> {
    /// The last service, its colon included.
    last: &'a [u8],
    /// The first eight bytes of it, and which of them there are.
    word: u64,
    mask: u64,
}

impl<'a> Halves<'a> {
    /// Where the name starts after the colon, and whether the service is the last one; `None` without colon.
    #[inline]
    pub(crate) fn split(&mut self, text: &'a [u8]) -> Option<(usize, bool)> {
        let length = self.last.len();
        if length > 0
            && (word_in(text, 0..text.len()) ^ self.word) & self.mask == 0
            && (length <= WORD_BYTES || text.starts_with(self.last))
        {
            return Some((length, true));
        }
        let start = first_colon(text)? + 1;
        let last = &text[..start];
        *self = Self { last, word: word_in(text, 0..start), mask: mask(start) };
        Some((start, false))
    }
}

pub(crate) const HIGH_BITS: u64 = 0x80 * ONES;

/// Each byte of a word in lower case: those from `A` to `Z` are found by their carries.
pub(crate) const fn lower_word(word: u64) -> u64 {
    let low_bits = word & !HIGH_BITS;
    let from_a = low_bits + (0x80 - b'A' as u64) * ONES;
    let past_z = low_bits + (0x7f - b'Z' as u64) * ONES;
    let is_upper = (from_a ^ past_z) & !word & HIGH_BITS;
    word | is_upper >> 2
}

/// An action element with a wildcard in the service half of a pattern (rule A-1).
#[derive(Debug, Clone)]
pub(crate) struct OddActions {
    negated: bool,
    patterns: Box<[(Glob, Glob)]>,
}

impl OddActions {
    /// Compiles the element, which has no pattern of stars alone. Patterns without colon match
    /// nothing.
    pub(crate) fn new(listed: &Listed<'_>) -> Self {
        let halves = listed.values.iter().filter_map(|text| text.value.split_once(':'));
        let patterns = halves.map(|(service, name)| (Glob::folded(service), Glob::folded(name)));
        Self { negated: listed.negated, patterns: patterns.collect() }
    }

    /// Whether the statement covers the action.
    pub(crate) fn cover(&self, action: &RequestAction<'_>) -> bool {
        action.with_lower_service(|asked_service| {
            action.with_lower_name(|asked_name| {
                let is_listed = |(service, name): &(Glob, Glob)| {
                    service.matches_bytes(asked_service) && name.matches_bytes(asked_name)
                };
                self.patterns.iter().any(is_listed) != self.negated
            })
        })
    }
}

/// Whether a text can be the service half of an action.
pub(crate) fn is_service(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|byte| IS_OF_SERVICE[usize::from(*byte)])
}

/// Whether a byte may stand in the service half of an action.
const IS_OF_SERVICE: [bool; 256] = {
    let (mut table, mut byte) = ([false; 256], 0_u8);
    while byte < 0x80 {
        table[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
        byte += 1;
    }
    table
};

/// Whether an action pattern means every action.
pub(crate) fn is_every_action(pattern: &str) -> bool {
    !pattern.is_empty() && pattern.bytes().all(|byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::hash;
    use alloc::string::String;

    /// Compares every half with the lower case of what `split_once` says.
    fn check(text: &str) {
        let action = RequestAction::new(text);
        let (service, name) = text.split_once(':').unwrap_or(("", text));
        let (service, name) = (service.to_ascii_lowercase(), name.to_ascii_lowercase());
        action.with_lower_service(|lower| assert_eq!(lower, service.as_bytes(), "{text}"));
        action.with_lower_name(|lower| assert_eq!(lower, name.as_bytes(), "{text}"));
        assert!(action.has_service(service.as_bytes()), "{text}");
        assert_eq!(action.service_hash, hash(service.as_bytes()), "{text}");
        assert_eq!(action.service_word, word_in(service.as_bytes(), 0..service.len()), "{text}");
        assert_eq!(action.name_word, word_in(name.as_bytes(), 0..name.len()), "{text}");
        assert!(!action.has_service((service + "x").as_bytes()), "{text}");
    }

    #[test]
    fn halves_are_those_of_each_text() {
        let texts = [
            "s3:Get",
            "s3:",
            "S3:Get",
            "s3",
            "s3x:Get",
            "s:3:Get",
            "",
            ":",
            "",
            ":",
            "::",
            "autoscaling:A",
            "autoscaling:B",
            "autoscaler:C",
            "autoscaling",
            "autoscal",
            "autosca:D",
            "autosca:E",
            "*:a",
            "*:b",
        ];
        let mut halves = Halves::default();
        let mut last = None;
        for text in texts.iter().chain(texts.iter().rev()) {
            let colon = text.find(':');
            let told = halves.split(text.as_bytes());
            assert_eq!(told.map(|(start, _)| start), colon.map(|at| at + 1), "{text}");
            if let (Some(at), Some((_, is_last))) = (colon, told) {
                assert_eq!(is_last, last == Some(&text[..at]), "{text}");
                last = Some(&text[..at]);
            }
        }
    }

    #[test]
    fn services_are_of_letters_digits_and_two_marks() {
        let allowed = b"-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        for byte in 0..=u8::MAX {
            let is_allowed = allowed.contains(&byte);
            assert_eq!(is_service(&[byte]), is_allowed, "{byte}");
            assert_eq!(is_service(&[b's', byte, b'3']), is_allowed, "{byte}");
        }
        assert!(!is_service(b""));
    }

    #[test]
    fn splits_and_lowers() {
        for text in ["S3:GetObject", "noColon", "", ":", "a:", ":B", "SecretsManager:GetIt"] {
            check(text);
        }
        for length in 0..30 {
            for at in 0..length {
                let mut text = String::from("Zz[@AaYy`{\u{e9}").repeat(3);
                let end = (0..=length).rev().find(|end| text.is_char_boundary(*end));
                text.truncate(end.unwrap_or(0));
                let text = text.char_indices().map(|(n, c)| if n == at { ':' } else { c });
                check(&text.collect::<String>());
            }
        }
        check(&(String::from("svc:") + &"A".repeat(100)));
    }
}
