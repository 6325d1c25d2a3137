//! One follower: what it holds, and what leads it on from there.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cluster::{Backend, Clock, Ordering, Seen};
use model::State;
use ops::authz::{Asker, Subjects};
use prost::Message;
use schema::Fault;
use schema::follow::v1::{Mark, SubscribeResponse};
use schema::model::v1::Change;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::Instant;
use tonic::Status;

use crate::grpc::refusal;
use crate::services::Identity;

/// Revisions closer together than this are sent as one.
const EVERY: Duration = Duration::from_millis(20);
/// A feed in which nothing happens says so.
const BEAT: Duration = Duration::from_secs(1);
/// Bytes of changes after which a message is closed.
const PART_BYTES: usize = 256 << 10;

/// Who follows what.
#[derive(Clone)]
pub(super) struct Reader {
    pub(super) identity: Identity,
    pub(super) accounts: BTreeSet<String>,
    pub(super) subjects: Arc<Subjects>,
}

impl Reader {
    /// Whether the follower may have what this state holds of its accounts.
    fn check(&self, state: &State, now_ms: u64) -> Result<(), Status> {
        let stop = |fault: Fault| refusal(fault.into(), &self.identity.request_id);
        let Some(caller) = &self.identity.caller else { return Ok(()) };
        let context = &self.identity.context;
        let asker = Asker::new(state, &self.subjects, caller, context, now_ms).map_err(stop)?;
        self.accounts.iter().try_for_each(|id| asker.may_follow(id)).map_err(stop)
    }
}

/// What a follower is sent, and has been sent.
pub(super) struct Feed {
    backend: Arc<dyn Backend>,
    clock: Arc<dyn Clock>,
    reader: Reader,
    /// What the follower holds once it has all that is ready.
    sent: Arc<State>,
    ready: VecDeque<SubscribeResponse>,
    _room: OwnedSemaphorePermit,
}

impl Feed {
    pub(super) fn new(
        backend: Arc<dyn Backend>,
        clock: Arc<dyn Clock>,
        reader: Reader,
        room: OwnedSemaphorePermit,
    ) -> Self {
        let (sent, ready) = (Arc::default(), VecDeque::new());
        Feed { backend, clock, reader, sent, ready, _room: room }
    }

    /// Begins with a state: whole, unless the follower holds the same of its accounts.
    pub(super) async fn start(mut self, seen: Seen, theirs: Bytes) -> Result<Self, Status> {
        self.check(&seen)?;
        let (state, reader) = (Arc::clone(&seen.state), self.reader.clone());
        let is_same = state.shared_digest(&reader.accounts)[..] == theirs[..];
        let changes = match is_same {
            true => Vec::new(),
            // An account may be large: whoever else is served must not wait for it.
            false => {
                let all = move || state.shared_changes(None, &reader.accounts);
                let all = tokio::task::spawn_blocking(all).await;
                all.map_err(|_| Status::internal("what the accounts hold cannot be gathered"))?
            }
        };
        self.lead_to(&seen, !is_same, changes);
        Ok(self)
    }

    /// The next item. Waits for something to happen, but not for long.
    pub(super) async fn next(&mut self) -> Result<SubscribeResponse, Status> {
        loop {
            if let Some(item) = self.ready.pop_front() {
                return Ok(item);
            }
            let next = self.sent.revision().saturating_add(1);
            // Not reached by then: the follower is told what it knows, as a sign of life.
            let _ = self.backend.at_least(next, Instant::now() + BEAT).await;
            tokio::time::sleep(EVERY).await;
            let mut seen = self.backend.seen();
            if seen.revision < self.sent.revision() {
                seen =
                    Seen { state: Arc::clone(&self.sent), revision: self.sent.revision(), ..seen };
            }
            self.check(&seen)?;
            let changes = seen.state.shared_changes(Some(&self.sent), &self.reader.accounts);
            self.lead_to(&seen, false, changes);
        }
    }

    fn check(&self, seen: &Seen) -> Result<(), Status> {
        if let Ordering::Class { .. } = seen.ordering {
            return Err(Status::unavailable("this node shows no state that history had"));
        }
        self.reader.check(&seen.state, self.clock.wall_ms())
    }

    fn lead_to(&mut self, seen: &Seen, restart: bool, changes: Vec<Change>) {
        self.sent = Arc::clone(&seen.state);
        let mut item = SubscribeResponse { restart, ..Default::default() };
        let mut bytes = 0;
        for change in changes {
            bytes += change.encoded_len();
            item.changes.push(change);
            if bytes >= PART_BYTES {
                self.ready.push_back(std::mem::take(&mut item));
                bytes = 0;
            }
        }
        item.mark = Some(Mark {
            revision: seen.state.revision(),
            time_ms: seen.state.time_ms(),
            digest: Bytes::copy_from_slice(&seen.state.shared_digest(&self.reader.accounts)),
            served_by: seen.served_by.to_string(),
        });
        self.ready.push_back(item);
    }
}
