//! What the replica holds and what it shows of it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use cluster::{Clock, Confirmed, Horizon, Lease, Past, millis_up};
use lag::duration::micros;
use lag::{Age, Plan, Shown as Delayed, Visibility, Weighed};
use model::State;
use schema::peer::v1::RevisionChanges;
use tokio::sync::Notify;

use crate::LagStatus;
use crate::delays::Delays;
use crate::kept::Kept;

/// A state as readers get it.
#[derive(Clone, Debug)]
struct Shown {
    state: Arc<State>,
    /// A moment at which this state was the newest one, microseconds of the monotonic clock; the latest known.
    newest_at_us: Option<u64>,
    /// The same, as the leader said that knows this replica: what a lease counts from.
    leased_at_us: Option<u64>,
    /// The newest revision of which any class is in it, where classes have their own times.
    by_class: Option<u64>,
}

/// A state and the upper bound of its age in milliseconds; `u64::MAX` when nothing is known.
pub(crate) struct View {
    pub(crate) state: Arc<State>,
    pub(crate) age_ms: u64,
    pub(crate) lease: Lease,
    pub(crate) by_class: Option<u64>,
}

/// Changes that do not lead to the state that the cell has.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Differs {
    pub(crate) revision: u64,
    pub(crate) why: String,
}

/// One writer (the follower) moves it, the pacer lets time pass, everybody else looks without waiting.
///
/// INVARIANT: `horizon` names a revision only after it is shown; neither goes back.
pub(crate) struct Views {
    clock: Arc<dyn Clock>,
    serves_stale: bool,
    visibility: Mutex<Visibility>,
    leased: Mutex<Age>,
    /// The newest revision held for which somebody waits until it is visible.
    awaited: AtomicU64,
    shown: ArcSwap<Shown>,
    pub(crate) horizon: Horizon,
    /// What is received, for those who follow this replica; changes under the lock of `visibility`.
    pub(crate) kept: Kept,
    /// What was received, to be read exactly as it was once it is visible.
    pub(crate) past: Past,
    /// Something waits that did not wait before, or something else waits than before.
    pub(crate) queued: Notify,
    /// Fewer wait than before.
    freed: Notify,
    pub(crate) delays: Delays,
    /// Something became visible for which somebody waits.
    pub(crate) shown_to_awaiting: Notify,
}

impl Views {
    pub(crate) fn new(
        plan: Plan,
        waiting_max: usize,
        serves_stale: bool,
        past: Past,
        kept: Kept,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Views {
            clock,
            serves_stale,
            visibility: Mutex::new(Visibility::new(plan).with_room(waiting_max)),
            leased: Mutex::default(),
            awaited: AtomicU64::new(0),
            shown: ArcSwap::from_pointee(Shown {
                state: Arc::default(),
                newest_at_us: None,
                leased_at_us: None,
                by_class: None,
            }),
            horizon: Horizon::new(0),
            kept,
            past,
            queued: Notify::new(),
            freed: Notify::new(),
            delays: Delays::default(),
            shown_to_awaiting: Notify::new(),
        }
    }

    /// What readers get now.
    pub(crate) fn view(&self) -> View {
        let shown = self.shown.load();
        // The clock after the state: the state cannot have been newer than it is found to be.
        let now_us = self.now_us();
        let age = shown.newest_at_us.map(|at| Duration::from_micros(now_us.saturating_sub(at)));
        let lease = Lease::of(
            &shown.state,
            shown.leased_at_us.map(Duration::from_micros),
            Duration::from_micros(now_us),
            self.serves_stale,
        );
        let (state, by_class) = (Arc::clone(&shown.state), shown.by_class);
        View { state, age_ms: age.map_or(u64::MAX, millis_up), lease, by_class }
    }

    pub(crate) fn plan(&self) -> Plan {
        self.visibility().plan().clone()
    }

    pub(crate) fn lag(&self) -> LagStatus {
        let now_us = self.now_us();
        let visibility = self.visibility();
        LagStatus {
            plan: visibility.plan().clone(),
            is_paused: visibility.is_paused(),
            received: visibility.received(),
            visible: visibility.visible().revision(),
            by_class: visibility.by_class(),
            waiting: visibility.waiting(),
            is_full: visibility.is_full(),
            next_due_us: visibility.next_due_us().map(|due_us| due_us.saturating_sub(now_us)),
            samples: visibility.samples().copied().collect(),
        }
    }

    pub(crate) fn set_plan(&self, plan: Plan) {
        self.control(|visibility, _, _| visibility.set_plan(plan));
    }

    pub(crate) fn pause(&self) {
        self.control(|visibility, _, _| visibility.pause());
    }

    pub(crate) fn resume(&self) {
        self.control(|visibility, now_us, delayed| {
            visibility.resume();
            visibility.advance(now_us, delayed);
        });
    }

    pub(crate) fn step(&self, revisions: u64) {
        self.control(|visibility, now_us, delayed| {
            visibility.step(now_us, revisions, delayed);
        });
    }

    pub(crate) fn flush(&self) {
        self.control(|visibility, now_us, delayed| {
            visibility.flush(now_us, delayed);
        });
    }

    fn control(&self, deed: impl FnOnce(&mut Visibility, u64, &mut Vec<Delayed>)) {
        let now_us = self.now_us();
        let mut visibility = self.visibility();
        let mut delayed = Vec::new();
        deed(&mut visibility, now_us, &mut delayed);
        self.observe(&delayed);
        self.show(&mut visibility, now_us);
    }

    /// Waits while so many revisions wait that no more may come; true when it had to.
    pub(crate) async fn has_made_room(&self) -> bool {
        let mut has_waited = false;
        while self.visibility().is_full() {
            has_waited = true;
            self.freed.notified().await;
        }
        has_waited
    }

    pub(crate) fn received(&self) -> u64 {
        self.visibility().received()
    }

    /// The newest state received, to go on from; nothing when none is held.
    pub(crate) fn newest(&self) -> Option<State> {
        let visibility = self.visibility();
        (visibility.received() > 0).then(|| visibility.newest().clone())
    }

    /// Takes a whole state. One that goes on from what is held becomes visible when the plan says so; another takes
    /// its place at once.
    pub(crate) fn replace(&self, state: State) {
        let now_us = self.now_us();
        let mut visibility = self.visibility();
        let received = visibility.received();
        if state.revision() == received && state.digest() != visibility.newest().digest() {
            tracing::error!(revision = received, "the state held was not the cell's");
        }
        match received > 0 && state.revision() > received {
            true => visibility.receive(now_us, state, None),
            false => visibility.replace(state),
        }
        self.kept.replaced(visibility.received());
        self.past.restart(visibility.newest());
        // What a snapshot brings was committed nobody knows when.
        visibility.advance(now_us, &mut Vec::new());
        self.show(&mut visibility, now_us);
    }

    /// Takes the revisions that follow the newest one. Each has a delay of its own; with nothing to delay them they
    /// become visible together.
    ///
    /// # Errors
    /// They do not lead where they should; what came before the one that does not is kept.
    pub(crate) fn follow_on(&self, revisions: &[Arc<RevisionChanges>]) -> Result<(), Differs> {
        let now_us = self.now_us();
        if let Some(awaited) = revisions.iter().rev().find(|next| next.awaited) {
            self.awaited.fetch_max(awaited.revision, Ordering::Relaxed);
        }
        let mut visibility = self.visibility();
        let is_transparent = visibility.is_transparent();
        let mut delayed = Vec::new();
        let mut state = visibility.newest().clone();
        for next in revisions {
            let differs = |why| Differs { revision: next.revision, why };
            state = state
                .changed(next.revision, next.time_ms, &next.changes)
                .map_err(|error| differs(error.to_string()))?;
            if state.digest()[..] != next.digest[..] {
                return Err(differs("the digest differs".to_owned()));
            }
            if !is_transparent {
                visibility.receive(now_us, state.clone(), Some(&next.changes));
            } else if !next.changes.is_empty() {
                delayed.push(Delayed { delay_us: 0, time_ms: state.time_ms() });
            }
        }
        if is_transparent {
            visibility.receive(now_us, state, None);
            visibility.advance(now_us, &mut Vec::new());
        } else {
            visibility.advance(now_us, &mut delayed);
        }
        let weighed: Vec<Weighed> = revisions.iter().cloned().map(Weighed::of).collect();
        self.kept.followed_on(&weighed);
        self.past.extend(&weighed, visibility.newest());
        self.observe(&delayed);
        self.show(&mut visibility, now_us);
        Ok(())
    }

    /// At `as_of`, no write beyond the revision had been acknowledged.
    pub(crate) fn confirm(&self, commit_revision: u64, as_of: Duration) {
        let now_us = self.now_us();
        let mut visibility = self.visibility();
        // Rounded down: an earlier moment makes the age greater.
        visibility.confirm(commit_revision, micros(as_of));
        self.kept.confirmed(Confirmed { index: commit_revision, began: as_of });
        self.past.confirm(commit_revision, as_of);
        self.show(&mut visibility, now_us);
    }

    /// At `as_of`, the leader knew this replica, and no write beyond the revision had been acknowledged.
    pub(crate) fn lease(&self, commit_revision: u64, as_of: Duration) {
        self.leased().confirm(commit_revision, micros(as_of));
        self.confirm(commit_revision, as_of);
    }

    /// Lets go of everything received. What is shown was checked and stays, until something later replaces it.
    pub(crate) fn forget(&self) {
        let mut visibility = self.visibility();
        visibility.forget();
        self.past.clear();
        self.kept.replaced(visibility.received());
        drop(visibility);
        self.freed.notify_one();
    }

    /// Makes visible what is due; gives the time until more is.
    pub(crate) fn advance(&self) -> Option<Duration> {
        let now_us = self.now_us();
        let mut visibility = self.visibility();
        let mut delayed = Vec::new();
        if visibility.advance(now_us, &mut delayed) {
            self.observe(&delayed);
            self.show(&mut visibility, now_us);
        }
        visibility.next_due_us().map(|due_us| Duration::from_micros(due_us.saturating_sub(now_us)))
    }

    /// The follower's clock.
    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    fn observe(&self, delayed: &[Delayed]) {
        let wall_ms = self.clock.wall_ms();
        for delayed in delayed {
            self.delays.observe(delayed.delay_us, delayed.time_ms, wall_ms);
        }
    }

    fn show(&self, visibility: &mut Visibility, now_us: u64) {
        let shown = self.shown.load();
        let state = visibility.visible();
        let revision = state.revision();
        if visibility.next_due_us().is_some() {
            self.queued.notify_one();
        }
        if !visibility.is_full() {
            self.freed.notify_one();
        }
        if revision < shown.state.revision() || revision == 0 {
            return;
        }
        let same = revision == shown.state.revision() && state.digest() == shown.state.digest();
        let state = match same {
            true => Arc::clone(&shown.state),
            false => Arc::new(state.clone()),
        };
        // What was known of an earlier state holds for a later one.
        let newest_at_us = visibility.age_us(now_us).map(|age_us| now_us - age_us);
        let newest_at_us = newest_at_us.max(shown.newest_at_us);
        let leased_at_us = self.leased().of(revision, now_us).map(|age_us| now_us - age_us);
        let leased_at_us = leased_at_us.max(shown.leased_at_us);
        let before = shown.state.revision();
        let by_class = visibility.by_class();
        self.shown.store(Arc::new(Shown { state, newest_at_us, leased_at_us, by_class }));
        self.past.show(revision);
        self.horizon.reach(revision);
        let awaited = self.awaited.load(Ordering::Relaxed);
        if before < awaited && awaited <= revision {
            self.shown_to_awaiting.notify_one();
        }
    }

    fn now_us(&self) -> u64 {
        micros(self.clock.monotonic())
    }

    fn leased(&self) -> MutexGuard<'_, Age> {
        self.leased.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn visibility(&self) -> MutexGuard<'_, Visibility> {
        // INVARIANT: under the lock, values are only moved into place whole.
        self.visibility.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
