//! One set of policies, pooled: any matching Deny denies, else any matching Allow allows.

use crate::{Decision, Effect, Outcome, Policy, Reason, Set, compile::Question, principal::Levels};

/// What a set without a matching Deny says.
#[derive(Debug)]
pub(super) struct Found {
    /// The first statement that allows.
    pub allow: Option<Reason>,
    /// The levels at which allowing statements name the caller.
    pub levels: Levels,
}

/// Looks through a set. The error is the decision that a matching Deny makes.
pub(super) fn search(
    question: &Question<'_>,
    set: Set,
    level: usize,
    policies: &[&Policy],
) -> Result<Found, Decision> {
    let mut found = Found { allow: None, levels: Levels::NONE };
    let is_of_resource = matches!(set, Set::Resource | Set::Trust);
    for (policy, compiled) in policies.iter().enumerate() {
        if !compiled.may_cover(&question.action) {
            continue;
        }
        for candidate in compiled.covering(&question.action) {
            let statement = compiled.compiled(candidate.statement);
            // Only the levels of a resource's policy matter: elsewhere one allow settles it. And a
            // resource's policy allows nobody whom it does not name.
            let is_idle = match is_of_resource {
                true => statement.principals.is_none(),
                false => found.allow.is_some(),
            };
            if candidate.effect == Effect::Allow && is_idle {
                continue;
            }
            let levels = statement.applies(question);
            if levels.is_none() {
                continue;
            }
            let reason = Reason {
                set,
                level,
                policy: Some(policy),
                statement: Some(candidate.statement as usize),
            };
            if candidate.effect == Effect::Deny {
                return Err(Decision { outcome: Outcome::ExplicitlyDenied, reason });
            }
            found.allow.get_or_insert(reason);
            found.levels = found.levels.with(levels);
        }
    }
    Ok(found)
}
