//! A pattern for the name half of an action.

use super::{Candidate, letter_place, merged::Text};
use crate::{
    Effect,
    action::{RequestAction, lower_word},
    glob::{self, ANY, STAR},
    hash::{ONES, WORD_BYTES, mask, word_in},
    steps,
};
use alloc::vec::Vec;

/// A pattern in lower case that a statement lists. Its first eight bytes stand here, so that
/// nearly all names that do not match are told by one comparison.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name {
    head: u64,
    /// Which bytes of `head` are literal.
    mask: u64,
    start: u32,
    length: u32,
    pub statement: u32,
    pub effect: Effect,
    pub shape: Shape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    /// No wildcard.
    Exact,
    /// One star, at the end.
    Prefix,
    /// One star, at the start.
    Suffix,
    /// A star at both ends.
    Contains,
    /// Any other.
    General,
}

impl Name {
    /// Compiles a pattern; its text goes into `arena`.
    pub(super) fn new(pattern: &[u8], listed_by: Candidate, arena: &mut Vec<u8>) -> Self {
        let start = arena.len();
        arena.extend_from_slice(pattern);
        let (wildcards, literal) = fold_and_encode(arena, start);
        let encoded = &arena[start..];
        let (shape, kept) = match encoded {
            _ if wildcards == 0 => (Shape::Exact, 0..encoded.len()),
            [.., STAR] if wildcards == 1 => (Shape::Prefix, 0..literal),
            [STAR, ..] if wildcards == 1 => (Shape::Suffix, 1..encoded.len()),
            [STAR, .., STAR] if wildcards == 2 => (Shape::Contains, 1..encoded.len() - 1),
            _ => (Shape::General, 0..encoded.len()),
        };
        // An exact name also has nothing where the head has nothing.
        let mask = match (shape, literal) {
            (Shape::Exact, _) => u64::MAX,
            (_, literal) => mask(literal),
        };
        Self {
            head: word_in(encoded, 0..literal),
            mask,
            start: (start + kept.start) as u32,
            length: kept.len() as u32,
            statement: listed_by.statement,
            effect: listed_by.effect,
            shape,
        }
    }

    /// Whether it is worth while to compare all.
    #[inline]
    pub(super) fn may_match(&self, action: &RequestAction<'_>) -> bool {
        steps::add(1);
        (action.name_word ^ self.head) & self.mask == 0
    }

    /// The first letters that it matches, as bits.
    pub(super) fn letters(&self) -> u64 {
        let is_literal = self.mask & 0xff == 0xff;
        if is_literal { 1 << letter_place(self.head) } else { u64::MAX }
    }

    /// Whether the whole matches, given that the first word may.
    #[inline]
    pub(super) fn matches(&self, action: &RequestAction<'_>, arena: &[u8]) -> bool {
        let (length, asked) = (self.length as usize, action.name().len());
        if matches!(self.shape, Shape::Exact | Shape::Prefix) {
            let fits = asked == length || (asked > length && self.shape == Shape::Prefix);
            // The first word has been compared.
            return fits && (length <= WORD_BYTES || action.starts_after_word(self.text(arena)));
        }
        self.matches_behind(action, arena)
    }

    /// The same for patterns that do not start with all their text.
    #[inline(never)]
    fn matches_behind(&self, action: &RequestAction<'_>, arena: &[u8]) -> bool {
        let (name, length) = (action.name(), self.length as usize);
        match self.shape {
            Shape::Exact | Shape::Prefix => false,
            Shape::Suffix => {
                name.len() >= length && {
                    name[name.len() - length..].eq_ignore_ascii_case(self.text(arena))
                }
            }
            Shape::Contains => {
                action.with_lower_name(|name| glob::contains(name, self.text(arena)))
            }
            Shape::General => action.with_lower_name(|name| glob::matches(self.text(arena), name)),
        }
    }

    /// The same pattern, its text copied into another arena.
    pub(super) fn copied(&self, from: &[u8], arena: &mut Vec<u8>) -> Self {
        let start = arena.len() as u32;
        arena.extend_from_slice(self.text(from));
        Self { start, ..*self }
    }

    /// Where its text stands in its arena.
    pub(super) fn place(&self) -> Text {
        Text { start: self.start, length: self.length }
    }

    /// Whether it matches every name.
    pub(super) fn is_every_name(&self) -> bool {
        self.shape == Shape::Prefix && self.length == 0
    }

    /// Its text in its arena, without the stars that its shape tells.
    #[inline]
    pub(super) fn text<'a>(&self, arena: &'a [u8]) -> &'a [u8] {
        let start = self.start as usize;
        &arena[start..start + self.length as usize]
    }
}

/// Puts the pattern text at the end of an arena in lower case and encodes its wildcards, by words: how many wildcards
/// there are, and how many bytes before the first.
fn fold_and_encode(arena: &mut [u8], start: usize) -> (usize, usize) {
    const STARS: u64 = b'*' as u64 * ONES;
    const QUESTIONS: u64 = b'?' as u64 * ONES;
    let end = arena.len();
    let (mut wildcards, mut literal) = (0, end - start);
    for at in (start..end).step_by(WORD_BYTES) {
        let word = lower_word(word_in(arena, at..end));
        let (stars, questions) = (zeros(word ^ STARS), zeros(word ^ QUESTIONS));
        let wild = stars | questions;
        if wild != 0 && wildcards == 0 {
            literal = at - start + wild.trailing_zeros() as usize / 8;
        }
        wildcards += wild.count_ones() as usize;
        let encoded = (stars * u64::from(STAR)) | (questions * u64::from(ANY));
        let bytes = ((word & !(wild * 0xff)) | encoded).to_le_bytes();
        match arena[at..].first_chunk_mut() {
            Some(place) => *place = bytes,
            None => arena[at..].copy_from_slice(&bytes[..end - at]),
        }
    }
    (wildcards, literal)
}

/// A one in each byte that is zero, and in no other.
const fn zeros(word: u64) -> u64 {
    const LOW_BITS: u64 = 0x7f * ONES;
    (!(((word & LOW_BITS) + LOW_BITS) | word | LOW_BITS)) >> 7
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    #[test]
    fn folds_and_encodes_as_byte_by_byte() {
        let letters: Vec<char> = "a*Z?+)>@[`{\u{e9}*?*".chars().collect();
        for length in 0..40 {
            for step in 1..letters.len() {
                let text: String =
                    (0..length).map(|at| letters[at * step % letters.len()]).collect();
                let expected = glob::encode(&text.to_ascii_lowercase());
                let is_wild = |byte: &u8| matches!(*byte, STAR | ANY);
                let wildcards = expected.iter().filter(|byte| is_wild(byte)).count();
                let literal = expected.iter().position(is_wild).unwrap_or(expected.len());
                for before in ["", "s3", "before"] {
                    let mut arena = [before.as_bytes(), text.as_bytes()].concat();
                    let told = fold_and_encode(&mut arena, before.len());
                    assert_eq!(told, (wildcards, literal), "{text}");
                    assert_eq!(arena[before.len()..], expected, "{text}");
                    assert_eq!(arena[..before.len()], *before.as_bytes());
                }
            }
        }
    }
}
