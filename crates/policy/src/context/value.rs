//! The values of condition keys.

use core::ops::Range;

/// The value of a condition key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// A single-valued key.
    One(&'a str),
    /// A multivalued key, whatever the number of its values.
    Many(List<'a>),
}

/// The values of a multivalued key.
#[derive(Debug, Clone, Copy)]
pub struct List<'a> {
    text: &'a str,
    values: &'a [Span],
}

/// A range of a context's texts or lists.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    /// The range. A context of four gigabytes is no request.
    pub(super) fn of(range: Range<usize>) -> Self {
        let short = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Self { start: short(range.start), end: short(range.end) }
    }

    pub(super) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    #[inline]
    pub(super) fn of_text(self, text: &str) -> &str {
        &text[self.range()]
    }
}

impl<'a> Value<'a> {
    /// The value of a single-valued key.
    pub fn single(self) -> Option<&'a str> {
        match self {
            Self::One(value) => Some(value),
            Self::Many(_) => None,
        }
    }

    /// All values.
    pub fn all(self) -> impl Iterator<Item = &'a str> {
        let (one, many) = match self {
            Self::One(value) => (Some(value), None),
            Self::Many(list) => (None, Some(list)),
        };
        one.into_iter().chain(many.into_iter().flat_map(List::iter))
    }

    /// Whether it is a list without values.
    pub fn is_empty(self) -> bool {
        matches!(self, Self::Many(list) if list.values.is_empty())
    }
}

impl<'a> List<'a> {
    pub(super) fn new(text: &'a str, values: &'a [Span]) -> Self {
        Self { text, values }
    }

    /// The values in order.
    pub fn iter(self) -> impl Iterator<Item = &'a str> {
        self.values.iter().map(move |span| span.of_text(self.text))
    }
}

impl PartialEq for List<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for List<'_> {}
