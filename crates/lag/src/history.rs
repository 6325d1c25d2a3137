//! The states of the latest revisions, kept as a few of them and the changes that lead from one to the next.
//!
//! To keep every state would keep every old version of everything that changed. A state now and then, and the changes
//! after it, give any revision between them for the price of making those changes once more.

mod way;

use std::collections::VecDeque;
use std::sync::Arc;

use model::State;
use prost::Message;
use schema::peer::v1::RevisionChanges;

pub use way::{Astray, Way};

/// A state is kept at most once in so many revisions: as many are made again for one answer at most.
const BASE_EVERY: usize = 512;
/// What is forgotten together is about one part in so many of what is kept.
const PARTS: usize = 16;
/// Confirmations kept beyond one for each revision.
const MOMENTS_MORE: usize = 4_096;

/// How much is kept of what was visible once.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HistoryLimits {
    /// Revisions; 0 keeps nothing.
    pub revisions: usize,
    /// Bytes of all their changes, as they are in the feed.
    pub bytes: usize,
}

impl Default for HistoryLimits {
    fn default() -> Self {
        HistoryLimits { revisions: 10_000, bytes: 64 << 20 }
    }
}

/// States by revision, of a run that ends with the newest one received. Only what is or was visible can be found.
///
/// INVARIANT: the changes kept are consecutive, and every state kept has all that follow it.
#[derive(Clone, Debug)]
pub struct History {
    limits: HistoryLimits,
    /// Oldest first.
    bases: VecDeque<State>,
    /// Since the newest of them.
    since_base: Extent,
    /// Received and not visible yet: bounded by what may wait.
    ahead: VecDeque<Weighed>,
    /// Is or was visible, and bounded by the limits.
    behind: VecDeque<Weighed>,
    behind_bytes: usize,
    visible: u64,
    /// (revision, microseconds): no write beyond the revision had been acknowledged then. Both only grow.
    moments: VecDeque<(u64, u64)>,
    /// The state found last, for whoever goes on reading at its revision.
    found: Option<State>,
}

#[derive(Clone, Copy, Default, Debug)]
struct Extent {
    revisions: usize,
    bytes: usize,
}

/// What a revision changed, and how much that is: sized once for everybody who keeps it within bounds.
#[derive(Clone, Debug)]
pub struct Weighed {
    /// Bytes, as they are in the feed.
    pub bytes: usize,
    /// The changes.
    pub changes: Arc<RevisionChanges>,
}

impl Weighed {
    /// Sizes what a revision changed.
    pub fn of(changes: Arc<RevisionChanges>) -> Self {
        Weighed { bytes: changes.encoded_len(), changes }
    }
}

impl History {
    /// Nothing kept yet.
    pub fn new(limits: HistoryLimits) -> Self {
        History {
            limits,
            bases: VecDeque::new(),
            since_base: Extent::default(),
            ahead: VecDeque::new(),
            behind: VecDeque::new(),
            behind_bytes: 0,
            visible: 0,
            moments: VecDeque::new(),
            found: None,
        }
    }

    /// Forgets all states, and goes on from this one: there is no telling what came between. What is known of ages
    /// stays.
    pub fn restart(&mut self, state: &State) {
        self.clear();
        if self.limits.revisions > 0 {
            self.bases.push_back(state.clone());
        }
    }

    /// Forgets all states.
    pub fn clear(&mut self) {
        self.bases.clear();
        self.since_base = Extent::default();
        self.ahead.clear();
        self.behind.clear();
        self.behind_bytes = 0;
        self.found = None;
    }

    /// Takes the next revisions, which lead to `state`.
    pub fn extend(&mut self, revisions: &[Weighed], state: &State) {
        let Some(base) = self.bases.back() else { return self.restart(state) };
        let last = self.ahead.back().or(self.behind.back());
        let newest = last.map_or(0, |kept| kept.changes.revision).max(base.revision());
        if revisions.first().is_some_and(|first| first.changes.revision != newest + 1) {
            return self.restart(state);
        }
        for weighed in revisions {
            self.since_base.revisions += 1;
            self.since_base.bytes += weighed.bytes;
            self.ahead.push_back(weighed.clone());
        }
        let HistoryLimits { revisions, bytes } = self.limits;
        if self.since_base.revisions >= BASE_EVERY.min(revisions.div_ceil(PARTS))
            || self.since_base.bytes >= bytes.div_ceil(PARTS)
        {
            self.bases.push_back(state.clone());
            self.since_base = Extent::default();
        }
    }

    /// Everything up to `revision` is or was visible.
    pub fn show(&mut self, revision: u64) {
        self.visible = self.visible.max(revision);
        while let Some(kept) = self.ahead.pop_front_if(|kept| kept.changes.revision <= self.visible)
        {
            self.behind_bytes += kept.bytes;
            self.behind.push_back(kept);
        }
        while self.behind.len() > self.limits.revisions || self.behind_bytes > self.limits.bytes {
            self.bases.pop_front();
            self.drop_unused();
        }
        self.drop_unused();
        let oldest = self.bases.front().map_or(self.visible, State::revision);
        if self.found.as_ref().is_some_and(|state| state.revision() < oldest) {
            self.found = None;
        }
        // The last one before the oldest state stays: it is what is known of that state.
        while self.moments.get(1).is_some_and(|(revision, _)| *revision <= oldest) {
            self.moments.pop_front();
        }
    }

    /// Changes that no state is before.
    fn drop_unused(&mut self) {
        let first = self.bases.front().map_or(u64::MAX, State::revision);
        while let Some(kept) = self.behind.pop_front_if(|kept| kept.changes.revision <= first) {
            self.behind_bytes -= kept.bytes;
        }
    }

    /// At that time, no write beyond the revision had been acknowledged; microseconds. What comes out of order or says
    /// less than is known is passed over.
    pub fn confirm(&mut self, revision: u64, at_us: u64) {
        let is_full = self.moments.len() >= self.limits.revisions.saturating_add(MOMENTS_MORE);
        match self.moments.back_mut() {
            Some((known, known_us)) if *known == revision => *known_us = at_us.max(*known_us),
            Some((known, known_us)) if *known > revision || *known_us > at_us => {}
            // Left out, it can only make ages look greater than they are.
            _ if is_full => {}
            _ => self.moments.push_back((revision, at_us)),
        }
    }

    /// The latest moment at which the state at a revision is known to have been the newest one, microseconds.
    pub fn newest_at_us(&self, revision: u64) -> Option<u64> {
        let known = self.moments.partition_point(|(known, _)| *known <= revision);
        known.checked_sub(1).map(|last| self.moments[last].1)
    }

    /// The oldest revision that can be found.
    pub fn oldest(&self) -> Option<u64> {
        self.bases.front().map(State::revision).filter(|oldest| *oldest <= self.visible)
    }

    /// How to come to the state at a revision that is or was visible; nothing when it is not kept.
    pub fn way_to(&self, revision: u64) -> Option<Way> {
        if revision > self.visible {
            return None;
        }
        let before = self.bases.partition_point(|base| base.revision() <= revision);
        let base = self.bases.get(before.checked_sub(1)?)?;
        let nearer = self
            .found
            .as_ref()
            .filter(|found| (base.revision()..=revision).contains(&found.revision()));
        let base = nearer.unwrap_or(base);
        let wanted = usize::try_from(revision - base.revision()).ok()?;
        let first = self.behind.front().map_or(base.revision() + 1, |kept| kept.changes.revision);
        let skip = usize::try_from((base.revision() + 1).checked_sub(first)?).ok()?;
        let steps = self.behind.iter().skip(skip).take(wanted);
        let steps: Vec<_> = steps.map(|kept| Arc::clone(&kept.changes)).collect();
        (steps.len() == wanted).then(|| Way { base: base.clone(), steps })
    }

    /// Remembers a state that was found, as long as it is kept.
    pub fn remember(&mut self, state: State) {
        if self.oldest().is_some_and(|oldest| oldest <= state.revision()) {
            self.found = Some(state);
        }
    }
}

#[cfg(test)]
mod tests;
