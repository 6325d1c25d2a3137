//! One set of policies, pooled: any matching Deny denies, else any matching Allow allows.

mod pooled;

use super::Place;
use crate::{Effect, Policy, Set, compile::Question, principal::Levels};
pub(super) use pooled::search_pooled;

/// What a set says, in two words: they stay in registers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// The first statement that denies, or else the first that allows.
    pub place: Option<Place>,
    /// The levels at which allowing statements name the caller; [`Levels::DENIED`] if one denies.
    pub levels: Levels,
}

impl Found {
    pub(super) const NOTHING: Self = Self { place: None, levels: Levels::NONE };

    fn denied(place: Place) -> Self {
        Self { place: Some(place), levels: Levels::DENIED }
    }

    /// Whether a statement denies.
    #[inline]
    pub(super) fn denies(self) -> bool {
        self.levels == Levels::DENIED
    }

    /// Whether a statement allows, where none denies.
    #[inline]
    pub(super) fn allows(self) -> bool {
        self.place.is_some()
    }

    /// Whether only a Deny can change what the set says: elsewhere one allow settles it, but of a
    /// resource's policy every level counts.
    #[inline]
    fn is_settled(&self, is_of_resource: bool) -> bool {
        self.place.is_some() && !is_of_resource
    }
}

/// Looks through a set.
#[inline]
pub(super) fn search(question: &Question<'_>, set: Set, policies: &[&Policy]) -> Found {
    if policies.is_empty() {
        return Found::NOTHING;
    }
    let is_of_resource = matches!(set, Set::Resource | Set::Trust);
    search_each(question, policies, is_of_resource)
}

/// Never inlined: most sets are empty, and that is asked in place.
#[inline(never)]
fn search_each(question: &Question<'_>, policies: &[&Policy], is_of_resource: bool) -> Found {
    let places = policies.iter().copied().enumerate();
    look_through(question, places, Found::NOTHING, is_of_resource)
}

#[inline]
fn look_through<'a>(
    question: &Question<'_>,
    policies: impl Iterator<Item = (usize, &'a Policy)>,
    mut found: Found,
    is_of_resource: bool,
) -> Found {
    for (at, policy) in policies {
        let is_of_interest = match found.is_settled(is_of_resource) {
            true => policy.may_deny(&question.action),
            false => policy.may_cover(&question.action),
        };
        if !is_of_interest {
            continue;
        }
        let looked_at = policy.covering(&question.action, |candidate| {
            if candidate.effect == Effect::Allow && found.is_settled(is_of_resource) {
                return Ok(());
            }
            let place = Place::new(at, candidate.statement);
            found.weigh(question, policy, place, candidate.effect, is_of_resource)
        });
        if let Err(place) = looked_at {
            return Found::denied(place);
        }
    }
    found
}

impl Found {
    /// Looks at a statement that covers the action. The error is its place, if it denies.
    #[inline(never)]
    fn weigh(
        &mut self,
        question: &Question<'_>,
        policy: &Policy,
        place: Place,
        effect: Effect,
        is_of_resource: bool,
    ) -> Result<(), Place> {
        let statement = policy.compiled(place.statement());
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
        self.place.get_or_insert(place);
        self.levels = self.levels.with(levels);
        Ok(())
    }
}
