//! Who belongs to the cell.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use openraft::errors::{ClientWriteError, InitializeError, RaftError};

use super::Node;
use crate::raft::{Place, TypeConfig};
use crate::status::{Member, NodeId};

/// A change of the membership that was not made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ChangeError {
    /// Another node leads, if any: it must be asked.
    NotLeader(Option<NodeId>),
    /// The node belongs to a cell already.
    AlreadyInitialized,
    /// The change makes no sense: the reason says why.
    Refused(String),
    /// The node has stopped, or what became of the change is not known.
    Failed(String),
}

impl fmt::Display for ChangeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChangeError::NotLeader(Some(id)) => write!(f, "node {id} leads, ask there"),
            ChangeError::NotLeader(None) => f.write_str("no leader is known"),
            ChangeError::AlreadyInitialized => f.write_str("this node belongs to a cell already"),
            ChangeError::Refused(why) => write!(f, "refused: {why}"),
            ChangeError::Failed(why) => write!(f, "failed: {why}"),
        }
    }
}

impl std::error::Error for ChangeError {}

impl Node {
    /// Makes a cell of these voters, which have never belonged to one. Called once, on one of them.
    ///
    /// # Errors
    /// The node belongs to a cell, or is not among the voters.
    pub async fn init(&self, voters: &[Member]) -> Result<(), ChangeError> {
        let members: BTreeMap<NodeId, Place> = voters.iter().map(place).collect();
        if members.len() != voters.len() {
            return Err(ChangeError::Refused("two members have one id".into()));
        }
        self.inner.raft.initialize(members).await.map_err(|error| match error {
            RaftError::APIError(InitializeError::NotAllowed(_)) => ChangeError::AlreadyInitialized,
            RaftError::APIError(other) => ChangeError::Refused(other.to_string()),
            RaftError::Fatal(fatal) => ChangeError::Failed(fatal.to_string()),
        })
    }

    /// Has this node ever belonged to a cell?
    ///
    /// # Errors
    /// The node has stopped.
    pub async fn is_initialized(&self) -> Result<bool, ChangeError> {
        let known = self.inner.raft.is_initialized().await;
        known.map_err(|fatal| ChangeError::Failed(fatal.to_string()))
    }

    /// Adds a node that receives the log without a vote; returns when the change is committed, not
    /// when the node has caught up. Gives the revision of the change.
    ///
    /// # Errors
    /// See [`ChangeError`].
    pub async fn add_learner(&self, member: &Member) -> Result<u64, ChangeError> {
        let (id, place) = place(member);
        let added = self.inner.raft.add_learner(id, place, false).await;
        added.map(|done| done.log_id.index).map_err(change_error)
    }

    /// Says who votes from now on. Everybody named must be a member already; voters not named
    /// become learners. Gives the revision of the change.
    ///
    /// # Errors
    /// See [`ChangeError`].
    pub async fn change_voters(&self, ids: &[NodeId]) -> Result<u64, ChangeError> {
        let ids: BTreeSet<NodeId> = ids.iter().copied().collect();
        let changed = self.inner.raft.change_membership(ids, true).await;
        changed.map(|done| done.log_id.index).map_err(change_error)
    }

    /// Asks the other voters to make `to` their leader; who leads in the end,
    /// [`crate::Backend::status`] tells.
    ///
    /// # Errors
    /// This node does not lead, or has stopped.
    pub async fn transfer_leader(&self, to: NodeId) -> Result<(), ChangeError> {
        if !self.inner.router.leads() {
            return Err(ChangeError::NotLeader(self.inner.router.leader()));
        }
        let asked = self.inner.raft.trigger().transfer_leader(to).await;
        asked.map_err(|fatal| ChangeError::Failed(fatal.to_string()))
    }
}

fn place(member: &Member) -> (NodeId, Place) {
    let (peer_address, endpoint) = (member.peer_address.clone(), member.endpoint.clone());
    (member.id, Place { peer_address, endpoint })
}

fn change_error(error: RaftError<TypeConfig, ClientWriteError<TypeConfig>>) -> ChangeError {
    match error {
        RaftError::APIError(ClientWriteError::ForwardToLeader(forward)) => {
            ChangeError::NotLeader(forward.leader_id)
        }
        RaftError::APIError(ClientWriteError::ChangeMembershipError(why)) => {
            ChangeError::Refused(why.to_string())
        }
        RaftError::APIError(other) => ChangeError::Failed(other.to_string()),
        RaftError::Fatal(fatal) => ChangeError::Failed(fatal.to_string()),
    }
}
