//! The state machine as openraft drives it: entries in, states and outcomes out.

use std::io;
use std::sync::Arc;

use futures::{Stream, StreamExt};
use model::State;
use openraft::EntryPayload;
use openraft::OptionalSend;
use openraft::storage::{ApplyResponder, EntryResponder, RaftSnapshotBuilder, RaftStateMachine};
use prost::Message;
use schema::Fault;
use schema::model::v1 as stored;
use schema::peer::v1::RevisionChanges;

use crate::answer;
use crate::machine::{Machine, Step};
use crate::raft::{
    Command, Entry, LogId, Outcome, Snapshot, SnapshotMeta, StoredMembership, TypeConfig,
};

/// Entries applied before readers see the result; bounds how long the first of a batch waits for
/// the last.
const BATCH_MAX: usize = 256;

/// openraft's handle on the [`Machine`].
#[derive(Clone)]
pub struct StateMachine(Arc<Machine>);

impl StateMachine {
    pub(crate) fn new(machine: Arc<Machine>) -> Self {
        StateMachine(machine)
    }

    fn apply_one(&self, state: State, meta: &mut SnapshotMeta, entry: Entry) -> Step {
        let revision = entry.log_id.index;
        let step = match entry.payload {
            EntryPayload::Blank => self.0.pass(state, revision),
            EntryPayload::Membership(membership) => {
                meta.last_membership = StoredMembership::new(Some(entry.log_id), membership);
                self.0.pass(state, revision)
            }
            EntryPayload::Normal(Command(bytes)) => match stored::Entry::decode(bytes) {
                Ok(entry) => self.0.apply(state, &entry, revision),
                // Every node has the same bytes, so every node answers the same.
                Err(_) => {
                    let fault = Fault::new("ServiceFailure", "The entry cannot be read.");
                    let outcome = Outcome { said: Some(Err(fault)), ack: None };
                    Step { outcome, ..self.0.pass(state, revision) }
                }
            },
        };
        meta.last_log_id = Some(entry.log_id);
        step
    }

    fn snapshot(&self) -> Snapshot {
        let (meta, state) = self.0.marked();
        Snapshot { meta, snapshot: state }
    }
}

/// What was applied and is not yet visible.
struct Batch {
    state: State,
    meta: SnapshotMeta,
    changes: Vec<Arc<RevisionChanges>>,
    answers: Vec<(ApplyResponder<TypeConfig>, Outcome)>,
}

impl Batch {
    fn start(machine: &Machine) -> Self {
        let (meta, state) = machine.marked();
        Batch { state: State::clone(&state), meta, changes: Vec::new(), answers: Vec::new() }
    }

    /// Shows the result to readers first and answers the writers then, so that a writer sees what
    /// it wrote.
    async fn publish(&mut self, machine: &Machine) {
        if self.changes.is_empty() {
            return;
        }
        let changes = std::mem::take(&mut self.changes);
        machine.publish(self.state.clone(), self.meta.clone(), changes);
        let answers = self.answers.drain(..);
        answer::in_portions(answers, |(responder, outcome)| responder.send(outcome)).await;
    }
}

impl RaftStateMachine<TypeConfig> for StateMachine {
    type SnapshotData = Arc<State>;
    type SnapshotBuilder = Self;

    async fn applied_state(&mut self) -> Result<(Option<LogId>, StoredMembership), io::Error> {
        let (meta, _) = self.0.marked();
        Ok((meta.last_log_id, meta.last_membership))
    }

    async fn apply<Strm>(&mut self, mut entries: Strm) -> Result<(), io::Error>
    where
        Strm: Stream<Item = Result<EntryResponder<TypeConfig>, io::Error>> + Unpin + OptionalSend,
    {
        let mut batch = Batch::start(&self.0);
        while let Some(next) = entries.next().await {
            let (entry, responder) = next?;
            // Taken out, so that nothing else holds it and it is changed in place.
            let state = std::mem::take(&mut batch.state);
            let step = self.apply_one(state, &mut batch.meta, entry);
            batch.state = step.state;
            batch.changes.push(step.changes);
            if let Some(responder) = responder {
                batch.answers.push((responder, step.outcome));
            }
            if batch.changes.len() >= BATCH_MAX {
                batch.publish(&self.0).await;
            }
        }
        batch.publish(&self.0).await;
        Ok(())
    }

    async fn get_snapshot_builder(&mut self) -> Self::SnapshotBuilder {
        self.clone()
    }

    /// The checkpoint is on disk before this returns: openraft purges the log behind the snapshot
    /// next.
    async fn install_snapshot(
        &mut self,
        meta: &SnapshotMeta,
        state: Arc<State>,
    ) -> Result<(), io::Error> {
        self.0.install(meta.clone(), state).await
    }

    /// Any state is its own snapshot, since it is a value: the newest one serves best.
    async fn get_current_snapshot(&mut self) -> Result<Option<Snapshot>, io::Error> {
        let snapshot = self.snapshot();
        Ok(snapshot.meta.last_log_id.is_some().then_some(snapshot))
    }
}

impl RaftSnapshotBuilder<TypeConfig> for StateMachine {
    type SnapshotData = Arc<State>;

    async fn build_snapshot(&mut self) -> Result<Snapshot, io::Error> {
        Ok(self.snapshot())
    }
}
