//! The replica as those see it that follow it: the feed, and the way to the leader.

use std::sync::{Arc, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use cluster::network::{LinkError, Messages, Peer};
use schema::peer::v1::{
    AppendReply, AppendRequest, AskReply, AskRequest, FeedItem, FollowRequest, InstallReply,
    InstallRequest, TransferReply, TransferRequest, VoteReply, VoteRequest,
};

use crate::Replica;

#[async_trait]
impl Peer for Replica {
    async fn append(
        &self,
        _requests: Messages<AppendRequest>,
    ) -> Result<Messages<Result<AppendReply, LinkError>>, LinkError> {
        Err(no_log())
    }

    async fn vote(&self, _: VoteRequest, _: Duration) -> Result<VoteReply, LinkError> {
        Err(no_log())
    }

    async fn transfer(&self, _: TransferRequest, _: Duration) -> Result<TransferReply, LinkError> {
        Err(no_log())
    }

    async fn install(
        &self,
        _parts: Messages<InstallRequest>,
        _patience: Duration,
    ) -> Result<InstallReply, LinkError> {
        Err(no_log())
    }

    async fn ask(&self, question: AskRequest, patience: Duration) -> Result<AskReply, LinkError> {
        Ok(self.inner.leader.forward(question, patience).await)
    }

    async fn follow(
        &self,
        says: Messages<FollowRequest>,
    ) -> Result<Messages<Result<FeedItem, LinkError>>, LinkError> {
        let mut serving = self.inner.serving.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(tasks) = serving.as_mut() else {
            return Err(LinkError::NotSent("this replica has stopped".into()));
        };
        // Those that are over are taken off the list.
        while tasks.try_join_next().is_some() {}
        let (items, work) = Arc::clone(&self.inner.feed).serve(says);
        tasks.spawn(work);
        Ok(items)
    }
}

/// Nothing was done.
fn no_log() -> LinkError {
    LinkError::NotSent("this is a replica: it has no log and no vote".into())
}
