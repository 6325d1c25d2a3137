//! A policy as far as it could be read: every element borrowed from the JSON, with its place.

use super::PolicyType;
use crate::{Effect, Span, Version, condition::Operator};
use alloc::vec::Vec;

/// A text and the bytes it was read from, quotes included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word<'a> {
    pub text: &'a str,
    pub span: Span,
}

/// A policy.
#[derive(Debug)]
pub(super) struct Policy<'a> {
    pub policy_type: PolicyType,
    pub version: Version,
    pub span: Span,
    pub statements: Vec<Statement<'a>>,
}

/// A statement; elements that are missing or cannot be read are `None` or empty.
#[derive(Debug)]
pub(super) struct Statement<'a> {
    pub span: Span,
    pub sid: Option<Word<'a>>,
    pub effect: Option<Effect>,
    pub principal: Option<Principals<'a>>,
    pub action: Option<Listed<'a>>,
    pub resource: Option<Listed<'a>>,
    pub conditions: Vec<Condition<'a>>,
    /// The place of a `Condition` that tests nothing.
    pub empty_condition: Option<Span>,
}

/// `Action`, `NotAction`, `Resource` or `NotResource`.
#[derive(Debug)]
pub(super) struct Listed<'a> {
    pub negated: bool,
    /// The element's name.
    pub name: Word<'a>,
    /// The place of its value.
    pub span: Span,
    /// Written as an empty list.
    pub is_empty: bool,
    pub values: Vec<Word<'a>>,
}

/// `Principal` or `NotPrincipal`.
#[derive(Debug)]
pub(super) struct Principals<'a> {
    pub negated: bool,
    pub name: Word<'a>,
    pub span: Span,
    /// The bare string `*`.
    pub is_everyone: bool,
    pub types: Vec<PrincipalType<'a>>,
}

/// One type of principal with its values.
#[derive(Debug)]
pub(super) struct PrincipalType<'a> {
    pub name: Word<'a>,
    pub span: Span,
    /// Written as an empty list.
    pub is_empty: bool,
    pub values: Vec<Word<'a>>,
}

/// One key under one operator.
#[derive(Debug)]
pub(super) struct Condition<'a> {
    pub operator: Operator,
    pub operator_name: Word<'a>,
    pub key: Word<'a>,
    pub span: Span,
    /// Written as an empty list.
    pub is_empty: bool,
    pub values: Vec<Scalar<'a>>,
}

/// A condition value.
#[derive(Debug)]
pub(super) struct Scalar<'a> {
    pub word: Word<'a>,
    pub kind: ScalarKind,
}

/// The JSON type of a condition value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScalarKind {
    Text,
    Number,
    Bool,
}

impl Word<'_> {
    /// The place of a part of the text; the whole string where escapes keep it from being found.
    pub(super) fn part(&self, from: usize, to: usize) -> Span {
        if self.span.len() == self.text.len() + 2 {
            self.span.start + 1 + from..self.span.start + 1 + to
        } else {
            self.span.clone()
        }
    }

    pub(super) fn is(&self, text: &str) -> bool {
        self.text.eq_ignore_ascii_case(text)
    }
}

impl<'a> Statement<'a> {
    pub(super) fn allows(&self) -> bool {
        self.effect == Some(Effect::Allow)
    }

    /// The values of the principal types of that name.
    pub(super) fn principals_of(&self, name: &str) -> impl Iterator<Item = &Word<'a>> {
        let types = self.principal.iter().flat_map(|principal| &principal.types);
        types.filter(move |kind| kind.name.text == name).flat_map(|kind| &kind.values)
    }

    /// Whether any condition tests a key of that name.
    pub(super) fn tests(&self, key: &str) -> bool {
        self.conditions.iter().any(|condition| condition.key.is(key))
    }
}
