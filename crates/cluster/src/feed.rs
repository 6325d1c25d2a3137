//! The change feed: any node serves on what it holds, a voter what it applied, a replica what it has
//! received.
//!
//! # Why an age is a bound, however many nodes the feed came through
//! A *confirmation* `(c, b)` says that no write beyond revision `c` had been acknowledged at the
//! moment `b`; so it says the same of every earlier moment. It begins at the leader, in a round
//! through a quorum, and nowhere else. A node that serves the feed knows a moment of its own clock
//! that is no later than `b`: `began`. Then:
//!
//! 1. the follower sends a ping at `sent`, by its clock; it arrives at `arrived`, by the server's;
//! 2. the server answers with `c`, the number of the ping and `before = arrived - began` (0 when the
//!    confirmation began after the ping had arrived), rounded up;
//! 3. the follower takes the confirmation to have begun at `sent - before`.
//!
//! The ping was sent before it arrived, so `sent - before` is no later than `began`, and that no later
//! than `b`. The follower may now serve the feed in its turn, with `sent - before` as its `began`: what
//! was needed of `began` holds of it too, and the next follower's age is a bound by the same three
//! steps.
//!
//! An age is so a sum of spans without a gap between them, each measured by one clock: the last one by
//! the clock of who tells the age, those before by the clocks along the way. None of these is ever set
//! against another, but each has to run true within the cell's bound on drift. Leases rest on less:
//! see docs/adr/0010-leases-are-ages.md.
//!
//! Every hop takes time, and a confirmation takes another's place only when it began later. So what
//! nodes tell each other in a circle only grows old.

mod server;
mod subscription;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt;
use model::State;
use schema::peer::v1::{FeedItem, FollowRequest, SnapshotMark};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use crate::clock::Clock;
use crate::network::{LinkError, Messages};
use crate::read_index::Confirmed;
use crate::recent::Recent;
use crate::status::NodeId;
use server::Follower;

pub use subscription::{Event, FeedError, Subscription, Vouched};

/// Items made ahead of the one being sent: a follower that reads slowly holds back only its own
/// stream, and gets a snapshot when what it missed is no longer kept.
const ITEMS_AHEAD: usize = 16;

/// What a node holds, as far as it serves it.
#[async_trait]
pub trait Source: Send + Sync + 'static {
    /// The newest revision held; 0 for nothing.
    ///
    /// INVARIANT: it is named only after `state` and `recent` hold it. It may go back when a node
    /// lets go of what it held.
    fn revision(&self) -> u64;

    /// Resolves when a later revision than this one is held.
    async fn later_than(&self, revision: u64);

    /// The newest state held and, where there is a log, its place in it.
    fn state(&self) -> (Arc<State>, Option<SnapshotMark>);

    /// What the newest revisions changed.
    fn recent(&self) -> &Recent;

    /// The newest confirmation whose revision is held.
    fn confirmed(&self) -> Option<Confirmed>;

    /// The leader, as far as known.
    fn leader(&self) -> Option<NodeId>;
}

/// Serves the feed to any number of followers.
pub struct Feed {
    source: Arc<dyn Source>,
    clock: Arc<dyn Clock>,
    heartbeat: Duration,
}

impl Feed {
    /// A feed by whose heartbeats followers know every `heartbeat` how new it is.
    pub fn new(source: Arc<dyn Source>, clock: Arc<dyn Clock>, heartbeat: Duration) -> Self {
        Feed { source, clock, heartbeat }
    }

    /// One follower's feed, and the work of filling it, which ends when the follower is gone.
    pub fn serve(
        self: Arc<Self>,
        says: Messages<FollowRequest>,
    ) -> (Messages<Result<FeedItem, LinkError>>, impl Future<Output = ()> + Send + 'static) {
        let (items, receiver) = mpsc::channel(ITEMS_AHEAD);
        let follower = Follower::new(self, items);
        let serving = async move {
            // A follower that is gone ends it.
            let _ = follower.run(says).await;
        };
        (ReceiverStream::new(receiver).boxed(), serving)
    }
}
