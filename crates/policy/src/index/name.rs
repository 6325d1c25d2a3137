//! A pattern for the name half of an action.

use super::{Candidate, arena::Put, letter_place, merged::Text};
use crate::{
    Effect,
    action::{RequestAction, lower_word},
    glob,
    hash::{WORD_BYTES, mask},
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
    /// Compiles a pattern that was put into an arena.
    #[inline]
    pub(super) fn new(pattern: &[u8], put: &Put, listed_by: Candidate) -> Self {
        let length = pattern.len();
        let (shape, literal, kept) = match &pattern[put.plain..] {
            [] => (Shape::Exact, length, 0..length),
            [b'*'] => (Shape::Prefix, put.plain, 0..put.plain),
            _ => Self::shape(pattern),
        };
        // An exact name also has nothing where the head has nothing.
        let mask = if shape == Shape::Exact { u64::MAX } else { mask(literal) };
        Self {
            head: lower_word(put.first) & mask,
            mask,
            start: (put.start + kept.start) as u32,
            length: kept.len() as u32,
            statement: listed_by.statement,
            effect: listed_by.effect,
            shape,
        }
    }

    /// The shape of any pattern, how many bytes stand before its first wildcard, and where the text is that the shape
    /// does not tell.
    #[cold]
    fn shape(pattern: &[u8]) -> (Shape, usize, Range<usize>) {
        let (length, is_wild) = (pattern.len(), |byte: &u8| matches!(byte, b'*' | b'?'));
        let literal = pattern.iter().position(is_wild).unwrap_or(length);
        let wildcards = pattern.iter().filter(|byte| is_wild(byte)).count();
        let (shape, kept) = match pattern {
            _ if wildcards == 0 => (Shape::Exact, 0..length),
            [.., b'*'] if wildcards == 1 => (Shape::Prefix, 0..literal),
            [b'*', ..] if wildcards == 1 => (Shape::Suffix, 1..length),
            [b'*', .., b'*'] if wildcards == 2 => (Shape::Contains, 1..length - 1),
            _ => (Shape::General, 0..length),
        };
        (shape, literal, kept)
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
