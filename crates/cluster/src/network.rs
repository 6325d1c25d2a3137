//! The network, handed in: how a node reaches another, whatever carries the messages.

pub mod grpc;
pub mod memory;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::stream::BoxStream;
use schema::peer::v1::{
    AppendReply, AppendRequest, AskReply, AskRequest, FeedItem, FollowRequest, InstallReply,
    InstallRequest, TransferReply, TransferRequest, VoteReply, VoteRequest,
};

use crate::status::Member;

/// Messages that arrive one after the other.
pub type Messages<T> = BoxStream<'static, T>;

/// Another node, or this one as the others see it: the two sides of a connection have one shape.
///
/// INVARIANT: every call that waits for an answer ends within its `patience`, and a stream on which
/// an answer is due ends by the caller's clock, so nothing here waits for ever for a peer that is
/// gone.
#[async_trait]
pub trait Peer: Send + Sync + 'static {
    /// Log entries and heartbeats; answers in the order of the requests.
    async fn append(
        &self,
        requests: Messages<AppendRequest>,
    ) -> Result<Messages<Result<AppendReply, LinkError>>, LinkError>;

    /// A candidate asks for a vote.
    async fn vote(&self, request: VoteRequest, patience: Duration) -> Result<VoteReply, LinkError>;

    /// The leader hands over.
    async fn transfer(
        &self,
        request: TransferRequest,
        patience: Duration,
    ) -> Result<TransferReply, LinkError>;

    /// The leader sends its state.
    async fn install(
        &self,
        parts: Messages<InstallRequest>,
        patience: Duration,
    ) -> Result<InstallReply, LinkError>;

    /// A question to the leader. The id in the question is the implementation's to set.
    async fn ask(&self, question: AskRequest, patience: Duration) -> Result<AskReply, LinkError>;

    /// The change feed.
    async fn follow(
        &self,
        says: Messages<FollowRequest>,
    ) -> Result<Messages<Result<FeedItem, LinkError>>, LinkError>;
}

/// Gives access to other nodes.
pub trait Network: Send + Sync + 'static {
    /// The peer at a member's address. Connecting is lazy: an unreachable peer shows at the first
    /// call.
    fn peer(&self, member: &Member) -> Arc<dyn Peer>;
}

/// A call to a peer that did not come to its answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LinkError {
    /// The request never left: the peer did nothing.
    NotSent(String),
    /// The request may have arrived; the answer did not.
    Lost(String),
}

impl LinkError {
    /// May the peer have acted on the request?
    pub fn maybe_arrived(&self) -> bool {
        matches!(self, LinkError::Lost(_))
    }
}

impl fmt::Display for LinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinkError::NotSent(why) => write!(f, "not sent: {why}"),
            LinkError::Lost(why) => write!(f, "no answer: {why}"),
        }
    }
}

impl std::error::Error for LinkError {}
