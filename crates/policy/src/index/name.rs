//! A pattern for the name half of an action.

use super::{Candidate, letter_place, merged::Text};
use crate::{
    Effect,
    action::{HIGH_BITS, RequestAction, lower_word},
    glob::{self, ANY, STAR},
    hash::{ONES, WORD_BYTES, mask, word_in},
    steps,
};
use alloc::vec::Vec;
use core::ops::Range;

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
    /// Compiles the pattern that ends an action's text; its own text goes into `arena`.
    #[inline]
    pub(super) fn new(
        action: &[u8],
        name_start: usize,
        listed_by: Candidate,
        arena: &mut Vec<u8>,
    ) -> Self {
        let start = arena.len();
        let Folded { first, wildcards, literal } =
            fold_and_encode(action, name_start..action.len(), arena);
        let encoded = &arena[start..];
        let (shape, kept) = match encoded {
            _ if wildcards == 0 => (Shape::Exact, 0..encoded.len()),
            [.., STAR] if wildcards == 1 => (Shape::Prefix, 0..literal),
            [STAR, ..] if wildcards == 1 => (Shape::Suffix, 1..encoded.len()),
            [STAR, .., STAR] if wildcards == 2 => (Shape::Contains, 1..encoded.len() - 1),
            _ => (Shape::General, 0..encoded.len()),
        };
        // An exact name also has nothing where the head has nothing.
        let mask = if wildcards == 0 { u64::MAX } else { mask(literal) };
        Self {
            head: first & mask,
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

/// What is told of a pattern while its text is folded.
#[derive(Default)]
pub(super) struct Folded {
    /// Its first eight bytes, encoded.
    pub first: u64,
    pub wildcards: usize,
    /// How many bytes stand before the first wildcard.
    literal: usize,
}

/// Puts a part of a text at the end of an arena, in lower case and its wildcards encoded, by words.
#[inline]
pub(super) fn fold_and_encode(text: &[u8], part: Range<usize>, arena: &mut Vec<u8>) -> Folded {
    let (begin, length) = (arena.len(), part.len());
    let mut folded = Folded { literal: length, ..Folded::default() };
    let (words, rest) = text[part.clone()].as_chunks::<WORD_BYTES>();
    let mut at = 0;
    for word in words {
        arena.extend_from_slice(&folded.add(at, u64::from_le_bytes(*word)));
        at += WORD_BYTES;
    }
    if !rest.is_empty() {
        let word = word_in(text, part.start + at..part.end);
        arena.extend_from_slice(&folded.add(at, word));
        arena.truncate(begin + length);
    }
    folded
}

impl Folded {
    /// Folds and encodes the word at a place.
    #[inline]
    fn add(&mut self, at: usize, word: u64) -> [u8; WORD_BYTES] {
        let mut word = lower_word(word);
        let (no_mark, no_star) = (unlike(word, b'?'), unlike(word, b'*'));
        let wild = !(no_mark & no_star) & HIGH_BITS;
        if wild != 0 {
            if self.wildcards == 0 {
                self.literal = at + wild.trailing_zeros() as usize / 8;
            }
            let ones = wild >> 7;
            // The sum of its bytes: not all machines count bits as fast.
            self.wildcards += (ones.wrapping_mul(ONES) >> 56) as usize;
            // All bits for a star, all but the last for the other.
            word = (word | ones.wrapping_mul(u64::from(STAR))) ^ ((!no_mark & HIGH_BITS) >> 7);
        }
        if at == 0 {
            self.first = word;
        }
        word.to_le_bytes()
    }
}

const _: () = assert!(STAR == 0xff && ANY == STAR ^ 1);

/// The high bit of each byte that is not this ASCII character, and of no other.
const fn unlike(word: u64, character: u8) -> u64 {
    let differs = word ^ (character as u64 * ONES);
    (((differs & !HIGH_BITS) + !HIGH_BITS) | differs) & HIGH_BITS
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
                    for service in ["", "a:", "autoscaling:"] {
                        let action = [service.as_bytes(), text.as_bytes()].concat();
                        let mut arena = before.as_bytes().to_vec();
                        let part = service.len()..action.len();
                        let told = fold_and_encode(&action, part, &mut arena);
                        assert_eq!((told.wildcards, told.literal), (wildcards, literal), "{text}");
                        assert_eq!(told.first, word_in(&expected, 0..expected.len()), "{text}");
                        assert_eq!(arena[before.len()..], expected, "{text}");
                        assert_eq!(arena[..before.len()], *before.as_bytes());
                    }
                }
            }
        }
    }
}
