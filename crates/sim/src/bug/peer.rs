//! A connection between two nodes with a fault at one of its ends.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cluster::network::{LinkError, Messages, Peer};
use cluster::{Backend, Role};
use futures::FutureExt;
use schema::peer::v1::ask_reply::Answer;
use schema::peer::v1::ask_request::Question;
use schema::peer::v1::{
    AppendReply, AppendRequest, AskReply, AskRequest, FeedItem, FollowRequest, InstallReply,
    InstallRequest, ReadIndex, TransferReply, TransferRequest, VoteReply, VoteRequest,
};

use super::{Bug, network};

pub(super) struct Faulty {
    pub(super) peer: Arc<dyn Peer>,
    pub(super) side: Side,
    pub(super) bug: Bug,
}

/// Which end has the fault.
pub(super) enum Side {
    /// Who calls.
    Caller,
    /// Who is called: the node itself.
    Called(Arc<dyn Backend>),
}

#[async_trait]
impl Peer for Faulty {
    async fn append(
        &self,
        requests: Messages<AppendRequest>,
    ) -> Result<Messages<Result<AppendReply, LinkError>>, LinkError> {
        match (&self.side, self.bug) {
            (Side::Caller, Bug::AckBeforeQuorum) => {
                Ok(network::append(Arc::clone(&self.peer), requests))
            }
            _ => self.peer.append(requests).await,
        }
    }

    async fn vote(&self, request: VoteRequest, patience: Duration) -> Result<VoteReply, LinkError> {
        self.peer.vote(request, patience).await
    }

    async fn transfer(
        &self,
        request: TransferRequest,
        patience: Duration,
    ) -> Result<TransferReply, LinkError> {
        self.peer.transfer(request, patience).await
    }

    async fn install(
        &self,
        parts: Messages<InstallRequest>,
        patience: Duration,
    ) -> Result<InstallReply, LinkError> {
        self.peer.install(parts, patience).await
    }

    async fn ask(
        &self,
        mut question: AskRequest,
        patience: Duration,
    ) -> Result<AskReply, LinkError> {
        let id = question.id;
        let (Side::Called(node), Some(Question::ReadIndex(ReadIndex { report, .. }))) =
            (&self.side, &mut question.question)
        else {
            return self.peer.ask(question, patience).await;
        };
        if let (Bug::BarrierIgnoresPausedReplica, Some(report)) = (self.bug, report) {
            // As one that answers from views of any age: nobody waits for it.
            report.serves_stale |= report.visible < report.received;
        }
        if self.bug == Bug::ReadIndexWithoutTermCheck && node.status().role == Role::Leader {
            // The question is taken down, so that barriers stay right; the round is not waited for.
            let _ = self.peer.ask(question, patience).now_or_never();
            let answer = Some(Answer::ReadIndex(node.seen().revision));
            return Ok(AskReply { id, answer });
        }
        self.peer.ask(question, patience).await
    }

    async fn follow(
        &self,
        says: Messages<FollowRequest>,
    ) -> Result<Messages<Result<FeedItem, LinkError>>, LinkError> {
        self.peer.follow(says).await
    }
}
