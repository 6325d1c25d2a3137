//! `Resource` and `NotResource`.

use crate::{
    Context, Effect, Version,
    arn::RequestResource,
    document::Listed,
    glob::{self, Glob, encode, is_everything},
    silence,
    variable::{Template, Wildcards},
};
use alloc::{boxed::Box, vec::Vec};

/// A compiled resource element.
#[derive(Debug, Clone)]
pub(crate) struct Resources {
    negated: bool,
    patterns: Box<[Pattern]>,
}

#[derive(Debug, Clone)]
enum Pattern {
    /// All stars: every resource, also the literal `*` of actions without resource types.
    Everything,
    /// An ARN: partition, service, region and account each for itself, the rest one glob.
    Arn { head: Box<[Glob; 4]>, rest: Template },
    /// Neither: matches nothing.
    Nothing,
}

/// Whether a pattern matches a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Matched {
    Yes,
    No,
    /// It cannot be known: a variable has no value.
    Unresolved,
}

impl Resources {
    /// Compiles the element.
    pub(crate) fn new(listed: &Listed, version: Version) -> Self {
        let patterns =
            listed.values.iter().map(|text| Pattern::new(&text.value, version)).collect();
        Self { negated: listed.negated, patterns }
    }

    /// Whether a statement with this effect covers the resource.
    pub(crate) fn cover(
        &self,
        resource: &RequestResource<'_>,
        context: &Context,
        effect: Effect,
    ) -> bool {
        let mut unresolved = false;
        for pattern in &self.patterns {
            match pattern.matches(resource, context) {
                Matched::Yes => return !self.negated,
                Matched::No => {}
                Matched::Unresolved => unresolved = true,
            }
        }
        match (self.negated, unresolved, effect) {
            (false, ..) => false,
            (true, true, Effect::Deny) => silence::UNRESOLVED_NOT_RESOURCE_IN_DENY,
            (true, true, Effect::Allow) => silence::UNRESOLVED_NOT_RESOURCE_IN_ALLOW,
            (true, false, _) => !self.patterns.is_empty(),
        }
    }
}

impl Resources {
    /// Whether a pattern has a variable without value.
    pub(crate) fn is_unresolved(&self, context: &Context) -> bool {
        self.patterns.iter().any(|pattern| match pattern {
            Pattern::Arn { rest, .. } => rest.resolve(context, &mut Vec::new()).is_none(),
            _ => false,
        })
    }
}

impl Pattern {
    fn new(text: &str, version: Version) -> Self {
        if is_everything(&encode(text)) {
            return Self::Everything;
        }
        let (prefix, written) = match text.split_once(':') {
            Some((prefix, written)) => (prefix, Some(written)),
            None => (text, None),
        };
        if !glob::glob_matches(prefix, "arn") {
            return Self::Nothing;
        }
        let mut parts = written.into_iter().flat_map(|written| written.splitn(5, ':'));
        let mut head = [const { Glob::Everything }; 4];
        for segment in &mut head {
            match parts.next() {
                Some(part) => *segment = Glob::new(encode(part)),
                // A star at the very end runs past the colons that lack.
                None if text.ends_with('*') => break,
                None => return Self::Nothing,
            }
        }
        let rest = match parts.next() {
            Some(rest) => Template::new(rest, version, Wildcards::Yes),
            None if text.ends_with('*') => Template::Fixed([glob::STAR].into()),
            None => return Self::Nothing,
        };
        Self::Arn { head: Box::new(head), rest }
    }

    fn matches(&self, resource: &RequestResource<'_>, context: &Context) -> Matched {
        let (head, rest) = match self {
            Self::Everything => return Matched::Yes,
            Self::Nothing => return Matched::No,
            Self::Arn { head, rest } => (head, rest),
        };
        let mut buffer = Vec::new();
        // Resolved first: whether a variable has a value must not depend on the resource.
        let Some(rest) = rest.resolve(context, &mut buffer) else { return Matched::Unresolved };
        let (Some(segments), Some(text)) = (resource.head(), resource.rest()) else {
            return Matched::No;
        };
        let heads_match = head.iter().zip(segments).all(|(glob, text)| glob.matches(text));
        if heads_match && glob::matches(rest, text.as_bytes()) { Matched::Yes } else { Matched::No }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, resource: &str) -> Matched {
        let mut context = Context::new();
        context.set("aws:username", "al*ce");
        let pattern = Pattern::new(pattern, Version::V2012);
        pattern.matches(&RequestResource::new(resource), &context)
    }

    #[test]
    fn everything_and_the_literal_star() {
        assert_eq!(matches("*", "*"), Matched::Yes);
        assert_eq!(matches("**", "anything"), Matched::Yes);
        assert_eq!(matches("arn:*:*:*:*:*", "*"), Matched::No);
        assert_eq!(matches("arn:aws:s3:::b/x", "arn:aws:s3:::b/*"), Matched::No);
    }

    #[test]
    fn segments_do_not_cross_and_the_rest_does() {
        assert_eq!(matches("arn:aws:s3:::b/*", "arn:aws:s3:::b/x/y:z"), Matched::Yes);
        assert_eq!(matches("arn:aws:s3*::b", "arn:aws:s3:::b"), Matched::No);
        assert_eq!(matches("arn:*:b", "arn:aws:s3:::b"), Matched::No);
        assert_eq!(matches("arn:aws:logs:*:1:x", "arn:aws:logs:a:b:1:x"), Matched::No);
        assert_eq!(matches("arn:aws:iam::1:u*/x", "arn:aws:iam::1:user/x"), Matched::Yes);
        assert_eq!(matches("arn:aws:iam::1:user/X", "arn:aws:iam::1:user/x"), Matched::No);
        assert_eq!(matches("arn:aws:s3:::a//b", "arn:aws:s3:::a/b"), Matched::No);
    }

    #[test]
    fn short_patterns_need_a_star_at_the_end() {
        assert_eq!(matches("arn:aws:iam::*", "arn:aws:iam::1:user/x"), Matched::Yes);
        assert_eq!(matches("arn:aws:s3:*", "arn:aws:s3:::b"), Matched::Yes);
        assert_eq!(matches("arn*", "arn:aws:s3:::b"), Matched::Yes);
        assert_eq!(matches("arn*", "*"), Matched::No);
        assert_eq!(matches("a*b", "arn:aws:s3:::b"), Matched::No);
        assert_eq!(matches("ar?:aws:*", "arn:aws:s3:::b"), Matched::Yes);
        assert_eq!(matches("aws:*", "arn:aws:s3:::b"), Matched::No);
        assert_eq!(matches("arn:aws:s3", "arn:aws:s3:::b"), Matched::No);
        assert_eq!(matches("arn:aws:s*", "arn:aws:iam::1:user/x"), Matched::No);
    }

    #[test]
    fn variables_stand_in_the_rest_only() {
        let queue = "arn:aws:sqs:us-east-2:1:al*ce-queue";
        assert_eq!(matches("arn:aws:sqs:us-east-2:*:${aws:username}-queue", queue), Matched::Yes);
        let other = "arn:aws:sqs:us-east-2:1:alice-queue";
        assert_eq!(matches("arn:aws:sqs:us-east-2:*:${aws:username}-queue", other), Matched::No);
        assert_eq!(matches("arn:aws:s3:::${none}", "arn:aws:s3:::b"), Matched::Unresolved);
        assert_eq!(matches("arn:aws:s3:::${none, 'b'}", "arn:aws:s3:::b"), Matched::Yes);
    }
}
