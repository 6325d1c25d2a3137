//! A feed that leads elsewhere is found out.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use cluster::network::{LinkError, Messages, Network, Peer};
use cluster::{Backend, Member};
use futures::StreamExt;
use schema::peer::v1::{
    AppendReply, AppendRequest, AskReply, AskRequest, FeedItem, FollowRequest, InstallReply,
    InstallRequest, TransferReply, TransferRequest, VoteReply, VoteRequest, feed_item,
};
use tokio::time::Instant;

use crate::support::{Cell, REPLICA, note, soon};

/// A network that loses one change while `armed`.
struct Lossy {
    network: Arc<dyn Network>,
    armed: Arc<AtomicBool>,
}

struct LossyPeer {
    peer: Arc<dyn Peer>,
    armed: Arc<AtomicBool>,
}

impl Network for Lossy {
    fn peer(&self, member: &Member) -> Arc<dyn Peer> {
        Arc::new(LossyPeer { peer: self.network.peer(member), armed: Arc::clone(&self.armed) })
    }
}

fn lose(item: &mut FeedItem, armed: &AtomicBool) {
    let Some(feed_item::Item::Changes(changes)) = &mut item.item else { return };
    let Some(last) = changes.revisions.iter_mut().rfind(|next| !next.changes.is_empty()) else {
        return;
    };
    if armed.swap(false, Ordering::Relaxed) {
        last.changes.clear();
    }
}

#[async_trait]
impl Peer for LossyPeer {
    async fn append(
        &self,
        requests: Messages<AppendRequest>,
    ) -> Result<Messages<Result<AppendReply, LinkError>>, LinkError> {
        self.peer.append(requests).await
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

    async fn ask(&self, question: AskRequest, patience: Duration) -> Result<AskReply, LinkError> {
        self.peer.ask(question, patience).await
    }

    async fn follow(
        &self,
        says: Messages<FollowRequest>,
    ) -> Result<Messages<Result<FeedItem, LinkError>>, LinkError> {
        let armed = Arc::clone(&self.armed);
        let items = self.peer.follow(says).await?.map(move |mut item| {
            if let Ok(item) = &mut item {
                lose(item, &armed);
            }
            item
        });
        Ok(items.boxed())
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_that_is_lost_is_never_shown_and_soon_made_good() {
    // With all revisions kept, the state is fetched anew as changes from the first; else as a snapshot.
    for recent in [1_000, 3] {
        let cell = Cell::start(recent).await;
        let armed = Arc::new(AtomicBool::new(false));
        let network = cell.network.seen_from(REPLICA);
        let network = Arc::new(Lossy { network, armed: Arc::clone(&armed) });
        let replica = cell.replica_through(network, |_| {});
        let before = cell.write("a=1").await;
        replica.at_least(before, soon()).await.unwrap();
        armed.store(true, Ordering::Relaxed);
        let revision = cell.write("b=1").await;
        let mut newest = before;
        let deadline = Instant::now() + Duration::from_secs(20);
        while newest < revision {
            let seen = replica.at_least(newest + 1, deadline).await.unwrap();
            assert!(seen.revision > newest);
            newest = seen.revision;
        }
        assert!(!armed.load(Ordering::Relaxed), "the loss happened");
        let seen = replica.seen();
        assert_eq!(note(&seen.state, "b").as_deref(), Some("1"));
        let leader = &cell.nodes[&cell.leader().await];
        assert_eq!(seen.state.digest(), leader.seen().state.digest());
        let revision = cell.write("c=1").await;
        let seen = replica.at_least(revision, soon()).await.unwrap();
        assert_eq!(note(&seen.state, "c").as_deref(), Some("1"));
    }
}
