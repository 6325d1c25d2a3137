//! A voter without peers, disk or delay: every proposal is applied at once.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use cluster::{
    Backend, Clock, Committed, Consistency, Lease, Level, NodeStatus, NotRetained, Proposal, Role,
    Seen, Standings, Unavailable,
};
use model::State;
use schema::model::v1::{Entry, Stamp};
use tokio::time::Instant;

/// One node in memory. It can be made to fall behind, to fail and to panic.
pub struct MemoryNode {
    clock: Arc<dyn Clock>,
    default_consistency: Consistency,
    newest: Mutex<Arc<State>>,
    /// What was the newest before; all of it, until it is told to forget.
    past: Mutex<Vec<Arc<State>>>,
    shown: Mutex<Option<Arc<State>>>,
    ordering: Mutex<cluster::Ordering>,
    trouble: Mutex<Option<Trouble>>,
    lease: Mutex<Lease>,
    proposals: AtomicU64,
}

/// What every call that needs the cell comes to.
#[derive(Clone)]
enum Trouble {
    Unavailable(Unavailable),
    Panic,
    Hang,
}

impl MemoryNode {
    /// A node with an empty state.
    pub fn new(clock: Arc<dyn Clock>, default_consistency: Consistency) -> Self {
        MemoryNode {
            clock,
            default_consistency,
            newest: Mutex::default(),
            past: Mutex::default(),
            shown: Mutex::default(),
            ordering: Mutex::default(),
            trouble: Mutex::default(),
            lease: Mutex::new(Lease::Held),
            proposals: AtomicU64::new(0),
        }
    }

    /// Shows from now on what it shows now, whatever is written: as a replica that has fallen
    /// behind.
    pub fn hold(&self) {
        *lock(&self.shown) = Some(self.state());
    }

    /// Shows from now on this state: as a replica whose classes have their own times.
    pub fn show_classes(&self, state: State, reaches: u64) {
        *lock(&self.shown) = Some(Arc::new(state));
        *lock(&self.ordering) = cluster::Ordering::Class { reaches };
    }

    /// Shows everything again.
    pub fn release(&self) {
        *lock(&self.shown) = None;
        *lock(&self.ordering) = cluster::Ordering::Prefix;
    }

    /// Retains nothing from before a revision.
    pub fn forget_before(&self, revision: u64) {
        lock(&self.past).retain(|state| state.revision() >= revision);
    }

    /// Shows views of this lease from now on.
    pub fn lease(&self, lease: Lease) {
        *lock(&self.lease) = lease;
    }

    /// Has no quorum until told otherwise.
    pub fn fail(&self, unavailable: Unavailable) {
        *lock(&self.trouble) = Some(Trouble::Unavailable(unavailable));
    }

    /// Panics in every call that needs the cell, until told otherwise.
    pub fn panic(&self) {
        *lock(&self.trouble) = Some(Trouble::Panic);
    }

    /// Answers nothing that needs the cell, whatever the deadline, until told otherwise.
    pub fn hang(&self) {
        *lock(&self.trouble) = Some(Trouble::Hang);
    }

    /// Is well again.
    pub fn recover(&self) {
        *lock(&self.trouble) = None;
    }

    /// How many proposals it has had.
    pub fn proposals(&self) -> u64 {
        self.proposals.load(Ordering::Relaxed)
    }

    /// The newest state.
    pub fn state(&self) -> Arc<State> {
        Arc::clone(&lock(&self.newest))
    }

    /// Holds this state from now on: as a node that has followed another so far.
    pub fn take(&self, state: Arc<State>) {
        *lock(&self.newest) = state;
    }

    /// Applies a proposal.
    pub fn apply(&self, proposal: Proposal) -> Committed {
        let mut newest = lock(&self.newest);
        let revision = newest.revision() + 1;
        let mut seed = [7; 16];
        seed[..8].copy_from_slice(&revision.to_be_bytes());
        let stamp =
            Stamp { time_ms: self.clock.wall_ms(), seed: seed.to_vec().into(), feature_level: 1 };
        let entry = Entry {
            stamp: Some(stamp),
            request_id: proposal.request_id,
            operation: proposal.operation.into(),
            request: proposal.request,
            caller: Some(proposal.caller),
            context: Some(proposal.context),
            sealed: proposal.sealed,
            awaited: proposal.awaited,
        };
        let applied = ops::apply(State::clone(&newest), &entry, revision);
        let before = std::mem::replace(&mut *newest, Arc::new(applied.state));
        lock(&self.past).push(before);
        Committed { revision, outcome: applied.outcome, ack: applied.ack }
    }

    async fn weather(&self) -> Result<(), Unavailable> {
        let trouble = lock(&self.trouble).clone();
        match trouble {
            None => Ok(()),
            Some(Trouble::Unavailable(unavailable)) => Err(unavailable),
            Some(Trouble::Panic) => panic!("the node was told to panic"),
            Some(Trouble::Hang) => std::future::pending().await,
        }
    }

    fn view(&self, state: Arc<State>) -> Seen {
        Seen {
            revision: state.revision(),
            state,
            age_ms: 0,
            served_by: Arc::from("memory"),
            lease: *lock(&self.lease),
            ordering: *lock(&self.ordering),
        }
    }
}

#[async_trait]
impl Backend for MemoryNode {
    fn seen(&self) -> Seen {
        let shown = lock(&self.shown).clone();
        self.view(shown.unwrap_or_else(|| self.state()))
    }

    async fn strong(&self, _deadline: Instant) -> Result<Seen, Unavailable> {
        self.weather().await?;
        Ok(self.view(self.state()))
    }

    async fn at_least(&self, revision: u64, _deadline: Instant) -> Result<Seen, Unavailable> {
        self.weather().await?;
        let seen = self.view(self.state());
        if seen.revision < revision {
            let reason = format!("revision {revision} wanted, {} is here", seen.revision);
            return Err(Unavailable { reason, maybe_applied: false });
        }
        Ok(seen)
    }

    fn exact(&self, revision: u64) -> Result<Seen, NotRetained> {
        let past = lock(&self.past);
        let newest = self.state();
        let known = past.iter().chain([&newest]);
        let oldest = known.clone().next().map_or(0, |state| state.revision());
        let state = known.into_iter().find(|state| state.revision() == revision);
        let state = state.ok_or(NotRetained { oldest })?;
        // It is not known when it was the newest one.
        Ok(Seen { age_ms: u64::MAX, ..self.view(Arc::clone(state)) })
    }

    async fn propose(
        &self,
        proposal: Proposal,
        _deadline: Instant,
    ) -> Result<Committed, Unavailable> {
        self.weather().await?;
        self.proposals.fetch_add(1, Ordering::Relaxed);
        Ok(self.apply(proposal))
    }

    async fn propagated(&self, revision: u64, _level: &Level, _deadline: Instant) -> bool {
        lock(&self.shown).as_ref().is_none_or(|shown| shown.revision() >= revision)
    }

    async fn standings(&self, _deadline: Instant) -> Result<Standings, Unavailable> {
        self.weather().await?;
        Ok(Standings { revision: self.state().revision(), nodes: Vec::new() })
    }

    fn default_consistency(&self) -> Consistency {
        self.default_consistency
    }

    fn status(&self) -> NodeStatus {
        let seen = self.seen();
        NodeStatus {
            id: 1,
            role: Role::Leader,
            term: 1,
            leader: Some(1),
            commit_revision: self.state().revision(),
            applied_revision: seen.revision,
            checkpoint_revision: 0,
            log_start_revision: 1,
            digest: String::new(),
            age_ms: Some(seen.age_ms),
            members: Vec::new(),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
