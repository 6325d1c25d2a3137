//! What can be wrong with a document's structure; each kind of policy has its own words for it.

use crate::{Span, json::JsonError};
use alloc::{boxed::Box, string::String};

/// A structural fault.
#[derive(Debug)]
pub(crate) struct Problem {
    pub kind: ProblemKind,
    pub span: Span,
    pub detail: String,
}

/// The kinds of structural fault that some kind of policy words differently.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ProblemKind {
    /// Not JSON, or beyond the limits.
    Json,
    /// `Version` is not one of the two.
    Version,
    /// No `Statement`, or an empty one.
    NoStatement,
    /// No `Effect`.
    NoEffect,
    /// `Effect` is neither `Allow` nor `Deny` in any case of letters.
    Effect(Box<str>),
    /// An element that the language does not have.
    Unknown(Box<str>),
    /// `Principal` is neither a string nor an object.
    PrincipalShape,
    /// `Principal` is an empty object.
    PrincipalEmpty,
    /// Anything else: a wrong type, both of `X` and `NotX`, an unknown condition operator.
    Shape,
}

impl Problem {
    pub(crate) fn new(kind: ProblemKind, span: &Span, detail: impl Into<String>) -> Self {
        Self { kind, span: span.clone(), detail: detail.into() }
    }

    pub(crate) fn shape(span: &Span, detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::Shape, span, detail)
    }
}

impl From<JsonError> for Problem {
    fn from(error: JsonError) -> Self {
        Self::new(ProblemKind::Json, &(error.at..error.at + 1), error.what)
    }
}
