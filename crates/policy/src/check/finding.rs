//! What a check finds, and where: the shapes of `ValidatePolicyFinding` and `Location`.

use super::Issue;
use crate::Span;
use alloc::{string::String, vec::Vec};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum FindingType {
    /// A part of the policy does not work.
    Error,
    /// The policy allows more than it should.
    SecurityWarning,
    /// The policy does not follow good practice.
    Warning,
    /// It could be written better and would mean the same.
    Suggestion,
}

impl FindingType {
    /// As AWS spells it: `SECURITY_WARNING`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "ERROR",
            Self::SecurityWarning => "SECURITY_WARNING",
            Self::Warning => "WARNING",
            Self::Suggestion => "SUGGESTION",
        }
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub issue: Issue,
    /// What is wrong here and what to do, in one or two sentences.
    pub details: String,
    /// The places it is about; never none.
    pub locations: Vec<Location>,
}

/// A place in a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location {
    /// The way to it through the JSON; empty for the whole document.
    pub path: Vec<PathElement>,
    /// Its first character.
    pub start: Point,
    /// What follows its last character.
    pub end: Point,
    /// Its bytes in the source text.
    pub bytes: Span,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathElement {
    /// A member of a list, counted from zero.
    Index(usize),
    /// A name in an object; only a part of it may follow.
    Key(String),
    /// The value that stands under a name in an object.
    Value(String),
    /// A part of a string, in characters: the last step of a path.
    Substring {
        /// Characters before it.
        start: usize,
        /// Its characters.
        length: usize,
    },
}

/// A point between two characters of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// The line, counted from one.
    pub line: usize,
    /// Characters of the line before it.
    pub column: usize,
    /// Characters of the text before it.
    pub offset: usize,
}
