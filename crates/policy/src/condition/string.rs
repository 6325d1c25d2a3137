//! String operators.

use super::Family;
use crate::{
    Context, Version,
    glob::Glob,
    steps,
    variable::{Buffer, Template, Wildcards},
};

/// How strings are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Exact,
    /// Simple lower-casing: no full case folding, no normalisation.
    Folded,
    Like,
}

impl Mode {
    pub(super) fn of(family: Family) -> Self {
        match family {
            Family::Folded => Self::Folded,
            Family::Like => Self::Like,
            _ => Self::Exact,
        }
    }
}

/// Values of variables that are together so many times longer than the request's value equal it in
/// no mode: they are literal, and no character has more than four bytes.
const MOST_TIMES: usize = 4;

/// A value of the policy.
#[derive(Debug, Clone)]
pub(super) enum Pattern {
    /// Without variables, letters as they are.
    Fixed(Glob),
    Template(Template),
}

impl Pattern {
    pub(super) fn new(text: &str, version: Version, mode: Mode) -> Self {
        let wildcards = if mode == Mode::Like { Wildcards::Yes } else { Wildcards::No };
        match Template::new(text, version, wildcards) {
            Template::Fixed(text) if mode != Mode::Folded => Self::Fixed(Glob::new(text.into())),
            template => Self::Template(template),
        }
    }

    /// A variable that cannot be resolved equals nothing, so that a negated operator can be true
    /// (policy variables page: "Variables with no value").
    #[inline]
    pub(super) fn matches(&self, mode: Mode, value: &[u8], context: &Context<'_>) -> bool {
        match self {
            Self::Fixed(pattern) => pattern.matches_bytes(value),
            Self::Template(template) if mode == Mode::Folded => {
                let mut buffer = Buffer::new();
                let most = value.len().saturating_mul(MOST_TIMES);
                let pattern = template.resolve(context, &mut buffer, most);
                pattern.is_some_and(|pattern| equal_folded(pattern, value))
            }
            Self::Template(template) => template.matches(value, context),
        }
    }
}

fn equal_folded(pattern: &[u8], value: &[u8]) -> bool {
    steps::add(1);
    if pattern.is_ascii() && value.is_ascii() {
        // Texts of other lengths are not compared.
        steps::add(if pattern.len() == value.len() {
            value.len() / steps::BYTES_AT_ONCE
        } else {
            0
        });
        return pattern.eq_ignore_ascii_case(value);
    }
    steps::add(pattern.len() + value.len());
    let (Ok(pattern), Ok(value)) = (str::from_utf8(pattern), str::from_utf8(value)) else {
        return false;
    };
    let lower = pattern.chars().flat_map(char::to_lowercase);
    lower.eq(value.chars().flat_map(char::to_lowercase))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_is_simple() {
        assert!(equal_folded("ÄB".as_bytes(), "äb".as_bytes()));
        assert!(!equal_folded("ß".as_bytes(), b"ss"));
        assert!(equal_folded(b"aB", b"Ab"));
    }
}
