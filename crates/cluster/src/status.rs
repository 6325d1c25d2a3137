//! What a node says of itself and its cell.

use std::fmt;

/// Names a node within its cell, for ever: a number never goes to another node.
pub type NodeId = u64;

/// A member of the cell and where it is reached.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Member {
    /// Which node.
    pub id: NodeId,
    /// Where its peers reach it, as host:port.
    pub peer_address: String,
    /// Where clients reach it, as a URL.
    pub endpoint: String,
}

/// The part a node plays.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Receives the log without a vote.
    Learner,
    /// Follows a leader, or waits for one.
    Follower,
    /// Asks for votes.
    Candidate,
    /// Leads.
    Leader,
    /// Follows the feed; never a member.
    Replica,
    /// Has stopped, by request or by a failure of its storage.
    Stopped,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Role::Learner => "learner",
            Role::Follower => "follower",
            Role::Candidate => "candidate",
            Role::Leader => "leader",
            Role::Replica => "replica",
            Role::Stopped => "stopped",
        })
    }
}

/// A member, as the answering node knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MemberStatus {
    /// Who and where.
    pub member: Member,
    /// Does it vote?
    pub voter: bool,
    /// Milliseconds since the leader last heard from it; only the leader knows.
    pub last_seen_ms: Option<u64>,
    /// The newest revision the leader knows to be on its disk; only the leader knows.
    pub held_revision: Option<u64>,
}

/// One node at one moment.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NodeStatus {
    /// Which node.
    pub id: NodeId,
    /// The part it plays.
    pub role: Role,
    /// The term it is in.
    pub term: u64,
    /// Who leads, as far as it knows.
    pub leader: Option<NodeId>,
    /// The newest revision it knows to be committed.
    pub commit_revision: u64,
    /// The newest revision it has applied.
    pub applied_revision: u64,
    /// The newest revision in its checkpoint on disk.
    pub checkpoint_revision: u64,
    /// The oldest revision its log holds.
    pub log_start_revision: u64,
    /// Digest of its state at the applied revision, as hexadecimal text.
    pub digest: String,
    /// Upper bound of the age of its state; absent before the first confirmation.
    pub age_ms: Option<u64>,
    /// All members, by id; a replica knows none.
    pub members: Vec<MemberStatus>,
}
