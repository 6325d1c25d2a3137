//! A pattern for the name half of an action.

use crate::{
    action::RequestAction,
    glob::{self, ANY, STAR},
    hash::{WORD_BYTES, mask, word_in},
};
use alloc::vec::Vec;

/// A pattern in lower case. Its first eight bytes stand here, so that nearly all names that do not
/// match are told by one comparison.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name {
    head: u64,
    /// Which bytes of `head` are literal.
    mask: u64,
    start: u32,
    length: u32,
    shape: Shape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
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
    pub(super) fn new(pattern: &str, arena: &mut Vec<u8>) -> Self {
        let start = arena.len();
        arena.extend(pattern.bytes().map(|byte| glob::encode_byte(byte.to_ascii_lowercase())));
        let encoded = &arena[start..];
        let is_wild = |byte: &u8| matches!(*byte, STAR | ANY);
        let wildcards = encoded.iter().filter(|byte| is_wild(byte)).count();
        let literal = encoded.iter().position(is_wild).unwrap_or(encoded.len());
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
            shape,
        }
    }

    #[inline]
    pub(super) fn matches(&self, action: &RequestAction, arena: &[u8]) -> bool {
        (action.name_word ^ self.head) & self.mask == 0 && self.matches_all(action.name(), arena)
    }

    fn matches_all(&self, name: &[u8], arena: &[u8]) -> bool {
        let start = self.start as usize;
        let text = &arena[start..start + self.length as usize];
        match self.shape {
            // The first word has been compared.
            Shape::Exact if text.len() <= WORD_BYTES => name.len() == text.len(),
            Shape::Exact => name == text,
            Shape::Prefix if text.len() <= WORD_BYTES => name.len() >= text.len(),
            Shape::Prefix => name.starts_with(text),
            Shape::Suffix => name.ends_with(text),
            Shape::Contains => glob::contains(name, text),
            Shape::General => glob::matches(text, name),
        }
    }
}
