//! The applied state and everything that looks at it: readers, waiters, the feed, checkpoints.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::ArcSwap;
use bytes::Bytes;
use lag::HistoryLimits;
use lag::Weighed;
use model::{Ack, State};
use ops::Applied;
use schema::model::v1 as stored;
use schema::peer::v1::RevisionChanges;
use tokio::sync::Notify;

use crate::checkpoint::Keeper;
use crate::clock::Clock;
use crate::horizon::Horizon;
use crate::past::Past;
use crate::raft::{Outcome, SnapshotMeta};
use crate::recent::{Recent, RecentLimits};

/// What an entry does to a state: [`ops::apply`], unless a test brings a simpler world.
pub type Apply = fn(State, &stored::Entry, u64) -> Applied;

/// What applying one entry made.
pub(crate) struct Step {
    pub(crate) state: State,
    pub(crate) outcome: Outcome,
    pub(crate) changes: Arc<RevisionChanges>,
}

/// One node's state. openraft's worker alone moves it; everybody else looks.
///
/// INVARIANT: `horizon` names a revision only after `view`, `recent` and `past` hold it.
pub(crate) struct Machine {
    apply: Apply,
    clock: Arc<dyn Clock>,
    view: ArcSwap<State>,
    meta: Mutex<SnapshotMeta>,
    pub(crate) horizon: Horizon,
    pub(crate) recent: Recent,
    pub(crate) past: Past,
    pub(crate) keeper: Keeper,
    /// Something became visible here for which somebody waits.
    pub(crate) awaited: Notify,
}

impl Machine {
    pub(crate) fn new(
        apply: Apply,
        clock: Arc<dyn Clock>,
        (recent, past): (RecentLimits, HistoryLimits),
        keeper: Keeper,
        restored: (SnapshotMeta, State),
    ) -> Arc<Self> {
        let (meta, state) = restored;
        let past = Past::new(past);
        past.restart(&state);
        past.show(state.revision());
        Arc::new(Machine {
            apply,
            clock,
            horizon: Horizon::new(state.revision()),
            view: ArcSwap::from_pointee(state),
            meta: Mutex::new(meta),
            recent: Recent::new(recent),
            past,
            keeper,
            awaited: Notify::new(),
        })
    }

    /// The newest state, without waiting.
    pub(crate) fn view(&self) -> Arc<State> {
        self.view.load_full()
    }

    /// The newest state and where in the log it stands.
    pub(crate) fn marked(&self) -> (SnapshotMeta, Arc<State>) {
        let meta = self.meta();
        // Under the lock, which `publish` holds while it changes both.
        (meta.clone(), self.view())
    }

    pub(crate) fn apply(&self, state: State, entry: &stored::Entry, revision: u64) -> Step {
        let applied = (self.apply)(state, entry, revision);
        let awaited = entry.awaited || matches!(applied.ack, Some(Ack::Visible(_)));
        let changes = self.changes(&applied.state, applied.changes, awaited);
        let outcome = Outcome { said: Some(applied.outcome), ack: applied.ack };
        Step { state: applied.state, outcome, changes }
    }

    /// A revision that changes nothing.
    pub(crate) fn pass(&self, state: State, revision: u64) -> Step {
        let time_ms = state.time_ms();
        let state = state.advanced(revision, time_ms);
        let changes = self.changes(&state, Vec::new(), false);
        Step { state, outcome: Outcome::default(), changes }
    }

    fn changes(
        &self,
        state: &State,
        changes: Vec<stored::Change>,
        awaited: bool,
    ) -> Arc<RevisionChanges> {
        Arc::new(RevisionChanges {
            revision: state.revision(),
            time_ms: state.time_ms(),
            applied_ms: self.clock.wall_ms(),
            changes,
            digest: Bytes::copy_from_slice(&state.digest()),
            awaited,
        })
    }

    /// Makes a newer state visible.
    pub(crate) fn publish(
        &self,
        state: State,
        meta: SnapshotMeta,
        changes: Vec<Arc<RevisionChanges>>,
    ) {
        let revision = state.revision();
        // First, so that a checkpoint of this state finds every change up to it.
        self.keeper.remember(&changes);
        let awaited = changes.iter().any(|changes| changes.awaited);
        let weighed: Vec<Weighed> = changes.into_iter().map(Weighed::of).collect();
        self.past.extend(&weighed, &state);
        self.past.show(revision);
        {
            let mut held = self.meta();
            *held = meta;
            self.view.store(Arc::new(state));
        }
        self.recent.extend(weighed);
        self.horizon.reach(revision);
        if awaited {
            self.awaited.notify_one();
        }
    }

    /// Takes a state from another node in place of this one's, durably.
    pub(crate) async fn install(&self, meta: SnapshotMeta, state: Arc<State>) -> io::Result<()> {
        self.keeper.replace(&meta, &state).await?;
        let revision = state.revision();
        self.past.restart(&state);
        self.past.show(revision);
        {
            let mut held = self.meta();
            *held = meta;
            self.view.store(state);
        }
        self.recent.clear();
        self.horizon.reach(revision);
        Ok(())
    }

    fn meta(&self) -> MutexGuard<'_, SnapshotMeta> {
        self.meta.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
