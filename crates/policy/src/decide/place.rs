//! Where a statement stands.

use crate::{Reason, Set};
use core::num::NonZeroU64;

const HALF: u32 = u32::BITS;

/// A statement of a set, in one word. They are ordered as they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place(NonZeroU64);

impl Place {
    /// The place of a statement in a policy of the set.
    #[inline]
    pub(crate) fn new(policy: usize, statement: u32) -> Self {
        // Statements count from one, so that no place is zero.
        let first = NonZeroU64::MIN.saturating_add(u64::from(statement));
        Self(first | (policy as u64) << HALF)
    }

    /// The index of the policy.
    #[inline]
    pub(crate) fn policy(self) -> usize {
        (self.0.get() >> HALF) as usize
    }

    /// The index of the statement.
    #[inline]
    pub(crate) fn statement(self) -> u32 {
        self.0.get() as u32 - 1
    }

    #[inline]
    pub(super) fn reason(self, set: Set, level: usize) -> Reason {
        let (policy, statement) = (Some(self.policy()), Some(self.statement() as usize));
        Reason { set, level, policy, statement }
    }
}
