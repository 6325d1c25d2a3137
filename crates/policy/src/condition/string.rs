//! String operators.

use super::{Family, Verdict};
use crate::{
    Context, Version, glob,
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
pub(super) struct Pattern(Template);

impl Pattern {
    pub(super) fn new(text: &str, version: Version, mode: Mode) -> Self {
        let wildcards = if mode == Mode::Like { Wildcards::Yes } else { Wildcards::No };
        Self(Template::new(text, version, wildcards))
    }

    /// A variable that cannot be resolved equals nothing, so that a negated operator can be true
    /// (policy variables page: "Variables with no value").
    pub(super) fn verdict(&self, mode: Mode, value: &str, context: &Context) -> Verdict {
        let mut buffer = Buffer::new();
        let most = value.len().saturating_mul(MOST_TIMES);
        let Some(pattern) = self.0.resolve(context, &mut buffer, most) else {
            return Verdict::Differ;
        };
        Verdict::of(match mode {
            Mode::Exact => pattern == value.as_bytes(),
            Mode::Folded => equal_folded(pattern, value),
            Mode::Like => glob::matches(pattern, value.as_bytes()),
        })
    }
}

fn equal_folded(pattern: &[u8], value: &str) -> bool {
    if pattern.is_ascii() && value.is_ascii() {
        return pattern.eq_ignore_ascii_case(value.as_bytes());
    }
    core::str::from_utf8(pattern).is_ok_and(|pattern| {
        let lower = pattern.chars().flat_map(char::to_lowercase);
        lower.eq(value.chars().flat_map(char::to_lowercase))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_is_simple() {
        assert!(equal_folded("ÄB".as_bytes(), "äb"));
        assert!(!equal_folded("ß".as_bytes(), "ss"));
        assert!(equal_folded(b"aB", "Ab"));
    }
}
