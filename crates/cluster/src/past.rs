//! What was visible at a node and can be read exactly as it was.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lag::duration::micros;
use lag::{History, HistoryLimits, Weighed};
use model::State;

use crate::backend::{NotRetained, Ordering, Seen};
use crate::clock::Clock;
use crate::freshness::millis_up;

/// A [`History`] that one writer moves and everybody asks.
#[derive(Debug)]
pub struct Past(Mutex<History>);

impl Past {
    /// Nothing kept yet.
    pub fn new(limits: HistoryLimits) -> Self {
        Past(Mutex::new(History::new(limits)))
    }

    /// Goes on from a state that replaced everything.
    pub fn restart(&self, state: &State) {
        self.history().restart(state);
    }

    /// Forgets all states.
    pub fn clear(&self) {
        self.history().clear();
    }

    /// Takes the next revisions, which lead to `state`.
    pub fn extend(&self, revisions: &[Weighed], state: &State) {
        self.history().extend(revisions, state);
    }

    /// Everything up to `revision` is or was visible.
    pub fn show(&self, revision: u64) {
        self.history().show(revision);
    }

    /// At that time of this node's monotonic clock, no write beyond the revision had been acknowledged.
    pub fn confirm(&self, revision: u64, as_of: Duration) {
        // Rounded down: an earlier moment makes the age greater.
        self.history().confirm(revision, micros(as_of));
    }

    /// The state at a revision that is or was visible, shown as what is visible `now` is, but for its age.
    ///
    /// # Errors
    /// It is not kept.
    pub fn at(&self, revision: u64, now: Seen, clock: &dyn Clock) -> Result<Seen, NotRetained> {
        if now.revision == revision && now.ordering == Ordering::Prefix {
            return Ok(now);
        }
        let (way, newest_at_us) = {
            let history = self.history();
            let oldest = history.oldest().unwrap_or(now.revision);
            let way = history.way_to(revision).ok_or(NotRetained { oldest })?;
            (way, history.newest_at_us(revision))
        };
        let state = way.walk().map_err(|astray| {
            tracing::error!(revision, %astray, "the changes kept do not lead to what was");
            NotRetained { oldest: now.revision }
        })?;
        self.history().remember(state.clone());
        let age = newest_at_us
            .map(|at_us| clock.monotonic().saturating_sub(Duration::from_micros(at_us)));
        let (age_ms, ordering) = (age.map_or(u64::MAX, millis_up), Ordering::Prefix);
        Ok(Seen { state: Arc::new(state), revision, age_ms, ordering, ..now })
    }

    fn history(&self) -> MutexGuard<'_, History> {
        // INVARIANT: under the lock, values are only moved into place whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
