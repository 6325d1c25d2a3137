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

impl Found {
    const NOTHING: Self = Self { allow: None, levels: Levels::NONE };

    /// Whether only a Deny can change what the set says: elsewhere one allow settles it, but of a
    /// resource's policy every level counts.
    #[inline]
    fn is_settled(&self, is_of_resource: bool) -> bool {
        self.allow.is_some() && !is_of_resource
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
    if policies.is_empty() {
        return Ok(Found::NOTHING);
    }
    let is_of_resource = matches!(set, Set::Resource | Set::Trust);
    look_through(question, policies, is_of_resource).map_err(|place| Decision {
        outcome: Outcome::ExplicitlyDenied,
        reason: place.reason(set, level),
    })
}

/// The error is the place of a matching Deny.
fn look_through(
    question: &Question<'_>,
    policies: &[&Policy],
    is_of_resource: bool,
) -> Result<Found, Place> {
    let mut found = Found::NOTHING;
    for (at, policy) in policies.iter().enumerate() {
        let is_of_interest = match found.is_settled(is_of_resource) {
            true => policy.may_deny(&question.action),
            false => policy.may_cover(&question.action),
        };
        if !is_of_interest {
            continue;
        }
        policy.covering(&question.action, |candidate| {
            if candidate.effect == Effect::Allow && found.is_settled(is_of_resource) {
                return Ok(());
            }
            let place = Place { policy: at as u32, statement: candidate.statement };
            found.weigh(question, policy, place, candidate.effect, is_of_resource)
        })?;
    }
    Ok(found)
}

impl Found {
    /// Looks at a statement that covers the action.
    #[inline(never)]
    fn weigh(
        &mut self,
        question: &Question<'_>,
        policy: &Policy,
        place: Place,
        effect: Effect,
        is_of_resource: bool,
    ) -> Result<(), Place> {
        let statement = policy.compiled(place.statement);
        // A resource's policy allows nobody whom it does not name.
        if is_of_resource && effect == Effect::Allow && statement.principals.is_none() {
            return Ok(());
        }
        let levels = statement.applies(question);
        if levels.is_none() {
            return Ok(());
        }
        if effect == Effect::Deny {
            return Err(place);
        }
        self.allow.get_or_insert(place);
        self.levels = self.levels.with(levels);
        Ok(())
    }
}
