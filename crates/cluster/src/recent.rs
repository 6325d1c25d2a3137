//! The newest revisions and what they changed, for followers of the feed.

use std::collections::VecDeque;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};

use bytes::Bytes;
use lag::Weighed;

/// How much is kept for followers that were away for a while; whoever lags further gets a snapshot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RecentLimits {
    /// Revisions.
    pub revisions: usize,
    /// Changes in all of them.
    pub changes: usize,
    /// Bytes of all of them, as they are sent.
    pub bytes: usize,
}

impl Default for RecentLimits {
    fn default() -> Self {
        RecentLimits { revisions: 16_384, changes: 65_536, bytes: 64 << 20 }
    }
}

/// A run of consecutive revisions that ends with the newest one held.
pub struct Recent {
    limits: RecentLimits,
    run: RwLock<Run>,
}

#[derive(Default)]
struct Run {
    revisions: VecDeque<Weighed>,
    changes: usize,
    bytes: usize,
}

impl Run {
    fn exceeds(&self, limits: &RecentLimits) -> bool {
        self.revisions.len() > limits.revisions
            || self.changes > limits.changes
            || self.bytes > limits.bytes
    }
}

impl Recent {
    /// Nothing yet.
    pub fn new(limits: RecentLimits) -> Self {
        Recent { limits, run: RwLock::default() }
    }

    /// Takes in the next revisions.
    pub fn extend(&self, revisions: impl IntoIterator<Item = Weighed>) {
        let mut run = self.run.write().unwrap_or_else(PoisonError::into_inner);
        for revision in revisions {
            run.changes += revision.changes.changes.len();
            run.bytes += revision.bytes;
            run.revisions.push_back(revision);
        }
        while run.exceeds(&self.limits) {
            let Some(oldest) = run.revisions.pop_front() else { break };
            run.changes -= oldest.changes.changes.len();
            run.bytes -= oldest.bytes;
        }
    }

    /// Forgets everything: the state was replaced, and the next revision follows the new one.
    pub fn clear(&self) {
        *self.run.write().unwrap_or_else(PoisonError::into_inner) = Run::default();
    }

    /// Up to `limit` revisions after `revision`, or nothing when some of them are no longer kept.
    pub fn after(&self, revision: u64, limit: usize) -> Option<Vec<Weighed>> {
        let run = self.read();
        let first = run.revisions.front()?.changes.revision;
        let skip = revision.checked_add(1)?.checked_sub(first)?;
        let skip = usize::try_from(skip).ok()?;
        Some(run.revisions.iter().skip(skip).take(limit).cloned().collect())
    }

    /// Digest of the state at a revision, if it is still kept.
    pub fn digest_at(&self, revision: u64) -> Option<Bytes> {
        let run = self.read();
        let first = run.revisions.front()?.changes.revision;
        let nth = usize::try_from(revision.checked_sub(first)?).ok()?;
        Some(run.revisions.get(nth)?.changes.digest.clone())
    }

    /// Can somebody who holds `revision` go on from here, when `newest` is the newest held?
    pub fn reaches_back_to(&self, revision: u64, newest: u64) -> bool {
        let oldest =
            self.read().revisions.front().map_or(newest + 1, |first| first.changes.revision);
        revision <= newest && revision + 1 >= oldest
    }

    fn read(&self) -> RwLockReadGuard<'_, Run> {
        self.run.read().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use prost::Message;
    use schema::model::v1::Change;
    use schema::peer::v1::RevisionChanges;

    use super::*;

    fn revision(revision: u64) -> Weighed {
        let changes = vec![Change::default(); 2];
        Weighed::of(Arc::new(RevisionChanges { revision, changes, ..RevisionChanges::default() }))
    }

    fn after(recent: &Recent, from: u64, limit: usize) -> Option<Vec<u64>> {
        Some(recent.after(from, limit)?.iter().map(|weighed| weighed.changes.revision).collect())
    }

    #[test]
    fn it_gives_what_follows_or_says_that_it_cannot() {
        let recent =
            Recent::new(RecentLimits { revisions: 3, changes: 100, ..RecentLimits::default() });
        assert_eq!(after(&recent, 0, 9), None);
        assert!(recent.reaches_back_to(7, 7) && !recent.reaches_back_to(6, 7));
        recent.extend((1..=5).map(revision));
        assert_eq!(after(&recent, 2, 9), Some(vec![3, 4, 5]));
        assert_eq!(after(&recent, 2, 2), Some(vec![3, 4]));
        assert_eq!(after(&recent, 5, 9), Some(vec![]));
        assert_eq!(after(&recent, 1, 9), None);
        assert!(recent.reaches_back_to(2, 5) && !recent.reaches_back_to(1, 5));
        assert!(!recent.reaches_back_to(6, 5));
        recent.clear();
        assert_eq!(after(&recent, 5, 9), None);
    }

    #[test]
    fn it_is_bounded_by_changes_too() {
        let recent = Recent::new(RecentLimits { changes: 4, ..RecentLimits::default() });
        recent.extend((1..=5).map(revision));
        assert_eq!(after(&recent, 3, 9), Some(vec![4, 5]));
        assert_eq!(after(&recent, 2, 9), None);
    }

    #[test]
    fn bytes_are_bounded_too() {
        let bytes = 2 * revision(1).changes.encoded_len();
        let recent = Recent::new(RecentLimits { bytes, ..RecentLimits::default() });
        recent.extend((1..=5).map(revision));
        assert_eq!(after(&recent, 3, 9), Some(vec![4, 5]));
        assert_eq!(after(&recent, 2, 9), None);
    }
}
