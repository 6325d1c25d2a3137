//! The values of condition keys.

use super::texts::{Span, Texts};

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
    texts: &'a Texts<'a>,
    values: &'a [Span],
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
    pub(super) fn new(texts: &'a Texts<'a>, values: &'a [Span]) -> Self {
        Self { texts, values }
    }

    /// The values in order.
    pub fn iter(self) -> impl Iterator<Item = &'a str> {
        self.values.iter().map(move |span| self.texts.get(*span))
    }
}

impl PartialEq for List<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for List<'_> {}
