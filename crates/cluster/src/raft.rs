//! openraft's types, made ours. Nothing in here is public outside of the crate.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use model::{Ack, State};
use openraft::impls::leader_id_adv::LeaderId;
use openraft::raft::responder::Responder;
use openraft::type_config::alias;
use schema::Fault;
use tokio::sync::oneshot;

use crate::runtime::Runtime;
use crate::state_machine::StateMachine;
use crate::status::NodeId;

/// How openraft is put together here.
#[derive(Debug, Clone, Copy, Default, Eq, PartialEq, Ord, PartialOrd)]
pub struct TypeConfig;

impl openraft::RaftTypeConfig for TypeConfig {
    type D = Command;
    type R = Outcome;
    type NodeId = NodeId;
    type Node = Place;
    type Term = u64;
    type LeaderId = LeaderId<u64, NodeId>;
    type Vote = openraft::Vote<Self::LeaderId>;
    type Payload = openraft::EntryPayload<Command, NodeId, Place>;
    type Entry = openraft::Entry<LeaderId<u64, NodeId>, Self::Payload>;
    type AsyncRuntime = Runtime;
    type Responder<T>
        = Answer<T>
    where
        T: Send + 'static;
    type Batch<T>
        = openraft::impls::InlineBatch<T>
    where
        T: Send + 'static;
    type ErrorSource = openraft::impls::BoxedErrorSource;
}

pub(crate) type Raft = openraft::Raft<TypeConfig, StateMachine>;
pub(crate) type LogId = alias::LogIdOf<TypeConfig>;
pub(crate) type CommittedLeaderId = alias::CommittedLeaderIdOf<TypeConfig>;
pub(crate) type Vote = alias::VoteOf<TypeConfig>;
pub(crate) type Entry = alias::EntryOf<TypeConfig>;
pub(crate) type Membership = openraft::Membership<NodeId, Place>;
pub(crate) type StoredMembership = alias::StoredMembershipOf<TypeConfig>;
pub(crate) type SnapshotMeta = alias::SnapshotMetaOf<TypeConfig>;
pub(crate) type Snapshot = alias::SnapshotOf<TypeConfig, Arc<State>>;
pub(crate) type WriteResult = openraft::raft::ClientWriteResult<TypeConfig>;

/// The content of a log entry: an encoded `bailiwick.model.v1.Entry`.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Command(pub Bytes);

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The content holds what callers sent; it is not for logs.
        write!(f, "{} bytes", self.0.len())
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// What came of an entry.
#[derive(Clone, Default, Debug)]
pub struct Outcome {
    /// What applying it answered; nothing for entries that are openraft's own.
    pub said: Option<Result<Bytes, Fault>>,
    /// What the caller's account waits for: see [`ops::Applied::ack`].
    pub ack: Option<Ack>,
}

/// Where a member is reached.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Place {
    /// host:port, for peers.
    pub peer_address: String,
    /// URL, for clients.
    pub endpoint: String,
}

/// Carries an entry's result from openraft to whoever proposed it.
pub struct Answer<T>(pub oneshot::Sender<T>);

impl<T: Send + 'static> Responder<TypeConfig, T> for Answer<T> {
    fn on_complete(self, result: T) {
        // Whoever gave up waiting has dropped the other end.
        let _ = self.0.send(result);
    }
}
