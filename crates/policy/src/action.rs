//! The action of a request, and patterns that no table of services can hold.

use crate::{
    document::Listed,
    glob::{Glob, encode, is_everything},
    hash::{WORD_BYTES, hash_in, word_in},
};
use alloc::{boxed::Box, vec::Vec};
use core::ops::Range;

/// Room for an action. A word of it stays empty, so that words can be read past the end of a name.
const INLINE_BYTES: usize = 80;

/// The action of a request in lower case (IAM policy elements: Action), taken apart once.
#[derive(Debug)]
pub(crate) struct RequestAction {
    inline: [u8; INLINE_BYTES],
    /// An action too long for `inline`, as none of AWS is.
    heap: Vec<u8>,
    /// Where the service ends, and where the name begins and ends.
    service_end: usize,
    name: Range<usize>,
    /// The first eight bytes of the service, and its hash.
    pub service_word: u64,
    pub service_hash: u64,
    /// The first eight bytes of the name.
    pub name_word: u64,
}

impl RequestAction {
    /// Splits `service:Name`; a text without colon has no service.
    #[inline]
    pub(crate) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut action = Self {
            inline: [0; INLINE_BYTES],
            heap: Vec::new(),
            service_end: 0,
            name: 0..bytes.len(),
            service_word: 0,
            service_hash: 0,
            name_word: 0,
        };
        let colon = if bytes.len() <= INLINE_BYTES - WORD_BYTES {
            lower(bytes, &mut action.inline)
        } else {
            action.heap = bytes.to_ascii_lowercase();
            bytes.iter().position(|byte| *byte == b':')
        };
        if let Some(colon) = colon {
            (action.service_end, action.name) = (colon, colon + 1..bytes.len());
        }
        action.service_hash = hash_in(action.lower(), 0..action.service_end);
        action.service_word = word_in(action.lower(), 0..action.service_end);
        action.name_word = word_in(action.lower(), action.name.clone());
        action
    }

    fn lower(&self) -> &[u8] {
        if self.heap.is_empty() { &self.inline } else { &self.heap }
    }

    /// The service, in lower case.
    pub(crate) fn service(&self) -> &[u8] {
        &self.lower()[..self.service_end]
    }

    /// The name, in lower case.
    pub(crate) fn name(&self) -> &[u8] {
        &self.lower()[self.name.clone()]
    }
}

/// Writes a text in lower case; the place of its first colon. Eight bytes at a time.
#[inline]
fn lower(text: &[u8], into: &mut [u8; INLINE_BYTES]) -> Option<usize> {
    let (from, rest) = text.as_chunks::<WORD_BYTES>();
    let (to, _) = into.as_chunks_mut::<WORD_BYTES>();
    let mut colon = None;
    let mut write = |at: usize, word: u64| {
        to[at] = lower_word(word).to_le_bytes();
        let found = zero_bytes(word ^ COLONS);
        if colon.is_none() && found != 0 {
            colon = Some(at * WORD_BYTES + found.trailing_zeros() as usize / 8);
        }
    };
    for (at, word) in from.iter().enumerate() {
        write(at, u64::from_le_bytes(*word));
    }
    if !rest.is_empty() {
        // The last word of the text overlaps what is written already.
        let last = match text.last_chunk::<WORD_BYTES>() {
            Some(last) => u64::from_le_bytes(*last) >> (8 * (WORD_BYTES - rest.len())),
            None => word_in(rest, 0..rest.len()),
        };
        write(from.len(), last);
    }
    colon
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = 0x80 * ONES;
const COLONS: u64 = b':' as u64 * ONES;

/// Each byte of a word in lower case: those from `A` to `Z` are found by their carries.
const fn lower_word(word: u64) -> u64 {
    let low_bits = word & !HIGH_BITS;
    let from_a = low_bits + (0x80 - b'A' as u64) * ONES;
    let past_z = low_bits + (0x7f - b'Z' as u64) * ONES;
    let is_upper = (from_a ^ past_z) & !word & HIGH_BITS;
    word | is_upper >> 2
}

/// The high bit of the first byte that is zero, and perhaps of later bytes.
const fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGH_BITS
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
    pub(crate) fn new(listed: &Listed) -> Self {
        let halves = listed.values.iter().filter_map(|text| text.value.split_once(':'));
        let patterns = halves.map(|(service, name)| (Glob::folded(service), Glob::folded(name)));
        Self { negated: listed.negated, patterns: patterns.collect() }
    }

    /// Whether the statement covers the action.
    pub(crate) fn cover(&self, action: &RequestAction) -> bool {
        let is_listed = |(service, name): &(Glob, Glob)| {
            service.matches_bytes(action.service()) && name.matches_bytes(action.name())
        };
        self.patterns.iter().any(is_listed) != self.negated
    }
}

/// Whether an action pattern means every action.
pub(crate) fn is_every_action(pattern: &str) -> bool {
    is_everything(&encode(pattern))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    #[test]
    fn splits_and_lowers() {
        let action = RequestAction::new("S3:GetObject");
        assert_eq!((action.service(), action.name()), (&b"s3"[..], &b"getobject"[..]));
        let action = RequestAction::new("noColon");
        assert_eq!((action.service(), action.name()), (&b""[..], &b"nocolon"[..]));
        for length in 0..30 {
            for at in 0..length {
                let mut text = String::from("Zz[@AaYy`{\u{e9}").repeat(3);
                let end = (0..=length).rev().find(|end| text.is_char_boundary(*end));
                text.truncate(end.unwrap_or(0));
                let text = text.char_indices().map(|(n, c)| if n == at { ':' } else { c });
                let text: String = text.collect();
                let action = RequestAction::new(&text);
                let (service, name) = text.split_once(':').unwrap_or(("", &text));
                assert_eq!(action.service(), service.to_ascii_lowercase().as_bytes(), "{text}");
                assert_eq!(action.name(), name.to_ascii_lowercase().as_bytes(), "{text}");
            }
        }
        let long = String::from("svc:") + &"A".repeat(100);
        let action = RequestAction::new(&long);
        assert_eq!((action.service(), action.name().len()), (&b"svc"[..], 100));
        assert_eq!(action.name()[99], b'a');
    }
}
