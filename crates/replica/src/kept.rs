//! What is kept of the feed for replicas that follow this one: all that was received, visible here or not.

use std::sync::Arc;

use cluster::{Clock, Confirmed, Freshness, Recent, RecentLimits};
use lag::Weighed;
use tokio::sync::watch;

pub(crate) struct Kept {
    recent: Recent,
    freshness: Freshness,
    /// The newest revision received. It goes back when what was received is let go of.
    received: watch::Sender<u64>,
}

impl Kept {
    pub(crate) fn new(limits: RecentLimits, clock: Arc<dyn Clock>) -> Self {
        Kept {
            recent: Recent::new(limits),
            freshness: Freshness::new(clock),
            received: watch::Sender::new(0),
        }
    }

    /// A whole state of this revision is held from now on, or none when it is 0.
    pub(crate) fn replaced(&self, revision: u64) {
        self.recent.clear();
        self.received.send_replace(revision);
    }

    /// The next revisions are held, and so is the state that they led to.
    pub(crate) fn followed_on(&self, revisions: &[Weighed]) {
        let Some(last) = revisions.last() else { return };
        self.recent.extend(revisions.iter().cloned());
        self.received.send_replace(last.changes.revision);
    }

    /// Takes a confirmation, unless what it confirms has not come yet: a replica must not seem to be up to date to its
    /// followers for what it merely heard of, or they would stay with it while it is stuck.
    pub(crate) fn confirmed(&self, confirmed: Confirmed) {
        if confirmed.index <= self.received() {
            self.freshness.note(confirmed);
        }
    }

    pub(crate) fn recent(&self) -> &Recent {
        &self.recent
    }

    pub(crate) fn freshest(&self) -> Option<Confirmed> {
        self.freshness.newest()
    }

    pub(crate) fn received(&self) -> u64 {
        *self.received.borrow()
    }

    pub(crate) async fn later_than(&self, revision: u64) {
        // INVARIANT: the sender lives as long as `self`, so the wait ends in no other way.
        let _ = self.received.subscribe().wait_for(|received| *received > revision).await;
    }
}
