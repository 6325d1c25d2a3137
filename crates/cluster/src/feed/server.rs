//! One follower of the feed and how far it has been served.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use lag::Weighed;
use lag::duration::micros;
use model::State;
use schema::peer::v1::{
    Changes, FeedItem, FollowRequest, Heartbeat, Ping, RevisionChanges, feed_item, follow_request,
};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::Feed;
use crate::network::{LinkError, Messages};
use crate::snapshot::{self, Piece};

/// Revisions in one message, and bytes of changes after which it is closed.
const REVISIONS_MAX: usize = 256;
const CHANGES_BYTES: usize = 1024 * 1024;

/// How long a new follower may take to say where it stands.
const START_PATIENCE: Duration = Duration::from_secs(5);

type Gone = mpsc::error::SendError<Result<FeedItem, LinkError>>;

/// One follower, as far as it has been served.
pub(super) struct Follower {
    feed: Arc<Feed>,
    items: mpsc::Sender<Result<FeedItem, LinkError>>,
    /// The last ping and when it arrived.
    ping: Option<(Ping, Duration)>,
    /// The newest revision sent.
    at: u64,
}

enum Next {
    Beat,
    Changed,
    Said(Option<FollowRequest>),
}

impl Follower {
    pub(super) fn new(feed: Arc<Feed>, items: mpsc::Sender<Result<FeedItem, LinkError>>) -> Self {
        Follower { feed, items, ping: None, at: 0 }
    }

    pub(super) async fn run(mut self, mut says: Messages<FollowRequest>) -> Result<(), Gone> {
        let start = match timeout(START_PATIENCE, says.next()).await {
            Ok(Some(FollowRequest { say: Some(follow_request::Say::Start(start)) })) => start,
            _ => return self.items.send(Err(LinkError::Lost("no start".into()))).await,
        };
        self.at = start.revision;
        let mut digest = Some(start.digest).filter(|digest| !digest.is_empty());
        let mut beats = interval(self.feed.heartbeat);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            self.catch_up(&mut digest).await?;
            match self.next(&mut says, &mut beats).await {
                Next::Beat => self.beat().await?,
                Next::Changed => {}
                Next::Said(Some(FollowRequest { say: Some(follow_request::Say::Ping(ping)) })) => {
                    self.ping = Some((ping, self.feed.clock.monotonic()));
                }
                Next::Said(Some(_)) => {}
                Next::Said(None) => return Ok(()),
            }
        }
    }

    async fn next(
        &self,
        says: &mut Messages<FollowRequest>,
        beats: &mut tokio::time::Interval,
    ) -> Next {
        tokio::select! {
            biased;
            said = says.next() => Next::Said(said),
            _ = beats.tick() => Next::Beat,
            () = self.feed.source.later_than(self.at) => Next::Changed,
        }
    }

    /// Sends the next of what there is beyond `at`, no more than one message of changes: between
    /// two of them, pings and heartbeats have their turn. A follower that is ahead of this node
    /// waits for it: going back is never right.
    async fn catch_up(&mut self, digest: &mut Option<Bytes>) -> Result<(), Gone> {
        let source = Arc::clone(&self.feed.source);
        let newest = source.revision();
        if newest < self.at {
            return Ok(());
        }
        let other = digest.take().is_some_and(|theirs| self.differs(&theirs));
        if other || !source.recent().reaches_back_to(self.at, newest) {
            self.send_snapshot().await?;
        }
        match source.recent().after(self.at, REVISIONS_MAX) {
            Some(changes) if !changes.is_empty() => self.send_changes(changes).await,
            _ => Ok(()),
        }
    }

    /// Does the follower hold another state at its revision than this node did?
    fn differs(&self, theirs: &[u8]) -> bool {
        let source = &self.feed.source;
        let (held, _) = source.state();
        let digest = |state: &State| Some(Bytes::copy_from_slice(&state.digest()));
        let ours = match self.at {
            0 => digest(&State::default()),
            at if at == held.revision() => digest(&held),
            at => source.recent().digest_at(at),
        };
        ours.is_some_and(|ours| ours[..] != *theirs)
    }

    async fn send_snapshot(&mut self) -> Result<(), Gone> {
        let (state, mark) = self.feed.source.state();
        if state.revision() < self.at {
            // It was let go in between.
            return Ok(());
        }
        self.at = state.revision();
        let mut pieces = snapshot::pieces(mark, state);
        while let Some(piece) = pieces.next().await {
            self.send(match piece {
                Piece::Head(head) => feed_item::Item::Snapshot(head),
                Piece::Part(part) => feed_item::Item::Part(part),
                Piece::End(end) => feed_item::Item::End(end),
            })
            .await?;
        }
        Ok(())
    }

    async fn send_changes(&mut self, changes: Vec<Weighed>) -> Result<(), Gone> {
        let mut revisions = Vec::with_capacity(changes.len());
        let mut bytes = 0;
        for Weighed { bytes: more, changes } in changes {
            bytes += more;
            self.at = changes.revision;
            revisions.push(RevisionChanges::clone(&changes));
            if bytes >= CHANGES_BYTES {
                break;
            }
        }
        self.send(feed_item::Item::Changes(Changes { revisions })).await
    }

    /// Vouches for nothing that this node has not confirmed through the leader.
    async fn beat(&self) -> Result<(), Gone> {
        let Some(confirmed) = self.feed.source.confirmed() else { return Ok(()) };
        let now = self.feed.clock.monotonic();
        let (echo, arrived) = match &self.ping {
            Some((ping, arrived)) => (ping.number, *arrived),
            None => (0, Duration::ZERO),
        };
        self.send(feed_item::Item::Heartbeat(Heartbeat {
            commit_revision: confirmed.index,
            time_ms: self.feed.clock.wall_ms(),
            echo,
            // Rounded up: it is part of a bound (see the module above).
            before_echo_us: micros(arrived.saturating_sub(confirmed.began)) + 1,
            age_us: micros(now.saturating_sub(confirmed.began)) + 1,
            leader: self.feed.source.leader(),
        }))
        .await
    }

    async fn send(&self, item: feed_item::Item) -> Result<(), Gone> {
        self.items.send(Ok(FeedItem { item: Some(item) })).await
    }
}
