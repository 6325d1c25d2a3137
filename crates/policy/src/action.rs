//! `Action` and `NotAction`.

use crate::{
    document::Listed,
    glob::{Glob, encode, is_everything},
};
use alloc::boxed::Box;

/// The action of a request in its two halves.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestAction<'a> {
    pub service: &'a str,
    pub name: &'a str,
}

impl<'a> RequestAction<'a> {
    /// Splits `service:Name`; a text without colon has no service.
    pub(crate) fn new(text: &'a str) -> Self {
        let (service, name) = text.split_once(':').unwrap_or(("", text));
        Self { service, name }
    }

    /// Whether it is this action, without regard to case.
    pub(crate) fn is(&self, service: &str, name: &str) -> bool {
        self.service.eq_ignore_ascii_case(service) && self.name.eq_ignore_ascii_case(name)
    }

    /// Whether its name begins so, without regard to case.
    pub(crate) fn name_starts_with(&self, start: &str) -> bool {
        self.name.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
    }
}

/// A compiled action element.
#[derive(Debug, Clone)]
pub(crate) struct Actions {
    negated: bool,
    patterns: Box<[Pattern]>,
}

#[derive(Debug, Clone)]
enum Pattern {
    /// All stars: every action.
    Everything,
    /// Each half matches its own half.
    Halves(Glob, Glob),
    /// Without colon: no action.
    Nothing,
}

impl Actions {
    /// Compiles the element. Both halves ignore case (IAM policy elements: Action).
    pub(crate) fn new(listed: &Listed) -> Self {
        let patterns = listed.values.iter().map(|text| Pattern::new(&text.value)).collect();
        Self { negated: listed.negated, patterns }
    }

    /// Whether the statement covers the action. An empty list covers none, even under `NotAction`.
    pub(crate) fn cover(&self, action: &RequestAction<'_>) -> bool {
        let listed = self.patterns.iter().any(|pattern| pattern.matches(action));
        listed != self.negated && !self.patterns.is_empty()
    }
}

impl Pattern {
    fn new(text: &str) -> Self {
        if is_everything(&encode(text)) {
            return Self::Everything;
        }
        match text.split_once(':') {
            Some((service, name)) => Self::Halves(Glob::folded(service), Glob::folded(name)),
            None => Self::Nothing,
        }
    }

    fn matches(&self, action: &RequestAction<'_>) -> bool {
        match self {
            Self::Everything => true,
            Self::Halves(service, name) => {
                service.matches_folded(action.service) && name.matches_folded(action.name)
            }
            Self::Nothing => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_by_halves() {
        let matches = |pattern, action| Pattern::new(pattern).matches(&RequestAction::new(action));
        assert!(matches("*", "s3:GetObject"));
        assert!(matches("**", "s3:GetObject"));
        assert!(matches("S3:get*", "s3:GetObject"));
        assert!(matches("iam:*AccessKey*", "IAM:createaccesskey"));
        assert!(matches("s?:GetObject", "s3:GetObject"));
        assert!(!matches("s3*", "s3:GetObject"));
        assert!(!matches("*Object", "s3:GetObject"));
        assert!(!matches("s3:Get", "s3:GetObject"));
    }
}
