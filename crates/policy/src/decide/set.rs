//! One set of policies, pooled: any matching Deny denies, else any matching Allow allows.

use crate::{Decision, Effect, Outcome, Policy, Reason, Set, compile::Question, principal::Levels};

/// What a set without a matching Deny says.
#[derive(Debug)]
pub(super) struct Found {
    /// The first statement that allows.
    pub allow: Option<Place>,
    /// The levels at which allowing statements name the caller.
    pub levels: Levels,
}

/// A statement of a set.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    policy: u32,
    statement: u32,
}

impl Place {
    pub(super) fn reason(self, set: Set, level: usize) -> Reason {
        Reason {
            set,
            level,
            policy: Some(self.policy as usize),
            statement: Some(self.statement as usize),
        }
    }
}

/// Looks through a set. The error is the decision that a matching Deny makes.
#[inline]
pub(super) fn search(
    question: &Question<'_>,
    set: Set,
    level: usize,
    policies: &[&Policy],
) -> Result<Found, Decision> {
    let mut found = Found { allow: None, levels: Levels::NONE };
    let is_of_resource = matches!(set, Set::Resource | Set::Trust);
    for (at, policy) in policies.iter().enumerate() {
        if policy.may_cover(&question.action) {
            found.look(question, policy, at as u32, is_of_resource).map_err(|place| Decision {
                outcome: Outcome::ExplicitlyDenied,
                reason: place.reason(set, level),
            })?;
        }
    }
    Ok(found)
}

impl Found {
    /// Looks through a policy. The error is the place of a matching Deny.
    fn look(
        &mut self,
        question: &Question<'_>,
        policy: &Policy,
        at: u32,
        is_of_resource: bool,
    ) -> Result<(), Place> {
        policy.covering(&question.action, |candidate| {
            let statement = policy.compiled(candidate.statement);
            // Only the levels of a resource's policy matter: elsewhere one allow settles it. And a
            // resource's policy allows nobody whom it does not name.
            if candidate.effect == Effect::Allow
                && match is_of_resource {
                    true => statement.principals.is_none(),
                    false => self.allow.is_some(),
                }
            {
                return Ok(());
            }
            let levels = statement.applies(question);
            if levels.is_none() {
                return Ok(());
            }
            let place = Place { policy: at, statement: candidate.statement };
            if candidate.effect == Effect::Deny {
                return Err(place);
            }
            self.allow.get_or_insert(place);
            self.levels = self.levels.with(levels);
            Ok(())
        })
    }
}
