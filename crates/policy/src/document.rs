//! The typed syntax tree of a policy document, with spans.

mod principal;
mod problem;
mod read;
mod statement;

pub(crate) use problem::{Problem, ProblemKind};
pub(crate) use read::{read, read_loaded};

use crate::{Span, condition::Operator, json::Text};
use alloc::{boxed::Box, vec::Vec};

/// The version of the policy language. They differ only in policy variables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Version {
    /// `2008-10-17`, also meant by a document without a version: `${…}` is plain text.
    V2008,
    /// `2012-10-17`: with policy variables.
    V2012,
}

/// What a statement that applies does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// `Allow`.
    Allow,
    /// `Deny`: an explicit deny, which nothing overrides.
    Deny,
}

/// A whole document.
#[derive(Debug)]
pub(crate) struct Document<'a> {
    /// `None`: the document names no version.
    pub version: Option<Version>,
    pub statements: Vec<Statement<'a>>,
    /// Characters of the text except white space outside strings.
    pub size: usize,
    pub span: Span,
}

/// One statement.
#[derive(Debug)]
pub(crate) struct Statement<'a> {
    pub span: Span,
    pub sid: Option<Text<'a>>,
    pub effect: Effect,
    /// The effect as written; IAM reads other spellings of it first and refuses them later.
    pub effect_text: Text<'a>,
    pub principal: Option<Principals<'a>>,
    pub action: Option<Listed<'a>>,
    pub resource: Option<Listed<'a>>,
    pub conditions: Vec<ConditionBlock<'a>>,
}

/// `Action`, `NotAction`, `Resource` or `NotResource`.
#[derive(Debug)]
pub(crate) struct Listed<'a> {
    pub negated: bool,
    pub values: Vec<Text<'a>>,
    pub span: Span,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug)]
pub(crate) struct Principals<'a> {
    pub negated: bool,
    pub written: Written<'a>,
    pub span: Span,
}

/// The two ways to write principals.
#[derive(Debug)]
pub(crate) enum Written<'a> {
    /// A bare string; only `*` has a meaning.
    Bare(Text<'a>),
    /// A map from principal type to values.
    Map(Vec<(Text<'a>, Vec<Text<'a>>)>),
}

/// One key under one condition operator, with its values.
#[derive(Debug)]
pub(crate) struct ConditionBlock<'a> {
    pub operator: Operator,
    /// The operator as written.
    pub operator_text: Text<'a>,
    pub key: Text<'a>,
    /// Whether the same key stands earlier under the operator in another case of letters.
    pub repeats: bool,
    pub values: Vec<Text<'a>>,
}

impl Statement<'_> {
    /// Whether the effect is spelt as the language demands.
    pub(crate) fn effect_is_exact(&self) -> bool {
        matches!(&*self.effect_text.value, "Allow" | "Deny")
    }
}

impl Principals<'_> {
    /// The values with their types; a bare string counts as type `AWS`.
    pub(crate) fn entries(&self) -> Box<dyn Iterator<Item = (&str, &Text<'_>)> + '_> {
        match &self.written {
            Written::Bare(text) => Box::new(core::iter::once(("AWS", text))),
            Written::Map(entries) => {
                Box::new(entries.iter().flat_map(|(kind, values)| {
                    values.iter().map(move |value| (&*kind.value, value))
                }))
            }
        }
    }
}
