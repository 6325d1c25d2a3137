//! What a follower holds, and how old it is at most.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};
use lag::duration::micros;
use lag::{Age, Terms};
use model::State;
use ops::authz::Subjects;
use tokio::sync::watch;

use super::FollowerStatus;
use crate::{Clock, Error};

/// A state as decisions get it.
pub(super) struct Shown {
    pub(super) state: Arc<State>,
    /// A moment at which it was the newest one; the latest known.
    newest_at: Option<Duration>,
    pub(super) max_staleness: Duration,
}

#[derive(Default)]
struct About {
    followed: Option<String>,
    trouble: Option<String>,
}

/// Principals that are kept ready for questions, at most.
const SUBJECTS: usize = 4_096;

/// One writer moves the state, another its age; whoever decides looks without waiting for them.
pub(super) struct Held {
    pub(super) accounts: BTreeSet<String>,
    pub(super) clock: Arc<dyn Clock>,
    max_staleness: Option<Duration>,
    shown: ArcSwap<Shown>,
    pub(super) subjects: Subjects,
    age: Mutex<Age>,
    /// The newest revision that the cell is known to have come to.
    confirmed: AtomicU64,
    about: Mutex<About>,
    moved: watch::Sender<()>,
}

impl Held {
    pub(super) fn new(
        accounts: BTreeSet<String>,
        max_staleness: Option<Duration>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let shown = Shown {
            state: Arc::default(),
            newest_at: None,
            max_staleness: max_staleness.unwrap_or_default(),
        };
        Held {
            accounts,
            clock,
            max_staleness,
            shown: ArcSwap::from_pointee(shown),
            subjects: Subjects::new(SUBJECTS),
            age: Mutex::default(),
            confirmed: AtomicU64::new(0),
            about: Mutex::default(),
            moved: watch::Sender::new(()),
        }
    }

    pub(super) fn shown(&self) -> Guard<Arc<Shown>> {
        self.shown.load()
    }

    /// Upper bound of the age of what is shown.
    pub(super) fn age_of(&self, shown: &Shown) -> Option<Duration> {
        // The clock after the state: the state cannot have been newer than it is found to be.
        let now = self.clock.monotonic();
        shown.newest_at.map(|at| now.saturating_sub(at))
    }

    pub(super) fn is_young(&self) -> bool {
        let shown = self.shown();
        self.age_of(&shown).is_some_and(|age| age < shown.max_staleness)
    }

    /// Everything that the cell is known to have come to is here.
    pub(super) fn is_up_to_date(&self) -> bool {
        self.shown().state.revision() >= self.confirmed.load(Ordering::Relaxed)
    }

    /// Shows a later state, or another one of the same revision.
    pub(super) fn show(&self, state: State, served_by: String) {
        {
            let mut about = self.about();
            about.followed = Some(served_by);
            about.trouble = None;
        }
        self.update(Some(state), |_| ());
    }

    /// At `sent`, no write beyond the revision had been acknowledged.
    pub(super) fn confirm(&self, revision: u64, sent: Duration) {
        self.confirmed.fetch_max(revision, Ordering::Relaxed);
        self.update(None, |age| age.confirm(revision, micros(sent)));
    }

    fn update(&self, state: Option<State>, deed: impl FnOnce(&mut Age)) {
        let mut age = self.age.lock().unwrap_or_else(PoisonError::into_inner);
        deed(&mut age);
        let before = self.shown.load_full();
        let state = state.map_or_else(|| Arc::clone(&before.state), Arc::new);
        let now_us = micros(self.clock.monotonic());
        let newest_at = age.of(state.revision(), now_us);
        let newest_at = newest_at.map(|age_us| Duration::from_micros(now_us - age_us));
        // What was known of an earlier state holds for a later one.
        let newest_at = newest_at.max(before.newest_at);
        let max_staleness = self.max_staleness.unwrap_or_else(|| {
            // The cell's own bound, which came with its data.
            Duration::from_micros(Terms::of(&state).max_staleness_us)
        });
        self.shown.store(Arc::new(Shown { state, newest_at, max_staleness }));
        drop(age);
        self.moved.send_replace(());
    }

    /// Something went wrong; what is shown stays, and grows old.
    pub(super) fn trouble(&self, error: &Error, is_followed: bool) {
        let mut about = self.about();
        about.trouble = Some(error.to_string());
        if !is_followed {
            about.followed = None;
        }
    }

    /// Tells of every move.
    pub(super) fn moved(&self) -> watch::Receiver<()> {
        self.moved.subscribe()
    }

    pub(super) fn status(&self) -> FollowerStatus {
        let shown = self.shown();
        let about = self.about();
        FollowerStatus {
            revision: shown.state.revision(),
            age: self.age_of(&shown),
            max_staleness: shown.max_staleness,
            followed: about.followed.clone(),
            trouble: about.trouble.clone(),
        }
    }

    fn about(&self) -> MutexGuard<'_, About> {
        self.about.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
