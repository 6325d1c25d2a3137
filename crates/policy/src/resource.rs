//! `Resource` and `NotResource`.

mod pattern;

use crate::{Context, Effect, Version, arn::RequestResource, document::Listed, silence};
use alloc::boxed::Box;
use pattern::Pattern;

/// A compiled resource element.
#[derive(Debug, Clone)]
pub(crate) struct Resources {
    negated: bool,
    patterns: Box<[Pattern]>,
}

impl Resources {
    /// Compiles the element.
    pub(crate) fn new(listed: &Listed<'_>, version: Version) -> Self {
        let patterns = listed.values.iter().map(|text| Pattern::new(&text.value, version));
        Self { negated: listed.negated, patterns: patterns.collect() }
    }

    /// Whether the element lists a pattern that matches everything.
    pub(crate) fn is_everything(&self) -> bool {
        !self.negated && self.patterns.iter().any(|p| matches!(p, Pattern::Everything))
    }

    /// Whether a statement with this effect covers the resource.
    #[inline]
    pub(crate) fn cover(
        &self,
        resource: &RequestResource<'_>,
        context: &Context<'_>,
        effect: Effect,
    ) -> bool {
        if !self.negated {
            return self.patterns.iter().any(|p| p.matches(resource, context));
        }
        self.exclude(resource, context, effect)
    }

    fn exclude(
        &self,
        resource: &RequestResource<'_>,
        context: &Context<'_>,
        effect: Effect,
    ) -> bool {
        let mut unresolved = false;
        for pattern in &self.patterns {
            // Whether a variable has a value must not depend on the resource.
            if pattern.is_unresolved(context) {
                unresolved = true;
            } else if pattern.matches(resource, context) {
                return false;
            }
        }
        match (unresolved, effect) {
            (true, Effect::Deny) => silence::UNRESOLVED_NOT_RESOURCE_IN_DENY,
            (true, Effect::Allow) => silence::UNRESOLVED_NOT_RESOURCE_IN_ALLOW,
            (false, _) => !self.patterns.is_empty(),
        }
    }

    /// Whether a pattern has a variable without value.
    pub(crate) fn is_unresolved(&self, context: &Context<'_>) -> bool {
        self.patterns.iter().any(|pattern| pattern.is_unresolved(context))
    }
}
