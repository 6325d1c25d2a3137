//! The change feed as a follower reads it: states and changes in order, and ages by the follower's
//! own clock.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use model::State;
use schema::peer::v1::{
    FeedItem, FollowRequest, FollowStart, Heartbeat, Ping, RevisionChanges, feed_item,
    follow_request,
};
use tokio::sync::mpsc;
use tokio::time::{Interval, MissedTickBehavior, interval, timeout};
use tokio_stream::wrappers::ReceiverStream;

use crate::clock::Clock;
use crate::network::{LinkError, Messages, Peer};
use crate::snapshot::{Assembly, BadSnapshot, Piece};

/// How often a follower asks for a sign of life, and how long it waits for one.
const PING_PERIOD: Duration = Duration::from_millis(100);
const SILENCE_MAX: Duration = Duration::from_secs(3);

/// Pings whose echo is awaited; more mean that the other node is silent.
const PINGS_MAX: usize = 64;

/// What the feed brings.
#[derive(Clone, Debug)]
pub enum Event {
    /// A whole state, in place of whatever the follower holds.
    Replaced(State),
    /// The next revisions, without a gap.
    Changed(Vec<Arc<RevisionChanges>>),
    /// What the node vouches for.
    Vouched(Vouched),
    /// A sign of life that vouches for nothing: what the node knows is older than the follower's
    /// clock, or the follower's pings do not come through.
    Alive,
}

/// A node's word on how new the feed is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Vouched {
    /// Every write acknowledged before `as_of` has a revision up to this one.
    pub commit_revision: u64,
    /// A moment of the follower's own monotonic clock: a follower that shows `commit_revision` is
    /// no older than the time since then.
    pub as_of: Duration,
    /// Wall clock of the node, milliseconds since the Unix epoch; for the operator's eyes.
    pub time_ms: u64,
    /// The leader that the node knows.
    pub leader: Option<u64>,
}

/// Why the feed ended. The follower subscribes anew, here or at another node, from where it
/// stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FeedError {
    /// The connection.
    Link(LinkError),
    /// The node said nothing for too long.
    Silent,
    /// The node ended it.
    Ended,
    /// A snapshot did not arrive whole.
    Snapshot(BadSnapshot),
    /// Changes do not follow what was received before.
    Gap {
        /// The revision that should have come.
        expected: u64,
        /// The one that came.
        got: u64,
    },
}

impl fmt::Display for FeedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FeedError::Link(error) => write!(f, "the feed is broken: {error}"),
            FeedError::Silent => f.write_str("the feed is silent"),
            FeedError::Ended => f.write_str("the feed has ended"),
            FeedError::Snapshot(error) => write!(f, "the feed: {error}"),
            FeedError::Gap { expected, got } => {
                write!(f, "the feed has a gap: revision {got} instead of {expected}")
            }
        }
    }
}

impl std::error::Error for FeedError {}

/// One feed from one node.
pub struct Subscription {
    clock: Arc<dyn Clock>,
    says: mpsc::Sender<FollowRequest>,
    items: Messages<Result<FeedItem, LinkError>>,
    pings: Interval,
    /// Numbers and times of pings sent, oldest first.
    sent: VecDeque<(u64, Duration)>,
    last_number: u64,
    assembly: Assembly,
    received: u64,
    visible: u64,
}

impl Subscription {
    /// Subscribes at a node, from where the follower stands.
    ///
    /// # Errors
    /// The node is not reached.
    pub async fn open(
        node: &dyn Peer,
        clock: Arc<dyn Clock>,
        start: FollowStart,
    ) -> Result<Self, FeedError> {
        let (says, receiver) = mpsc::channel(PINGS_MAX);
        let (received, visible) = (start.revision, start.revision);
        let first = FollowRequest { say: Some(follow_request::Say::Start(start)) };
        says.try_send(first).map_err(|_| FeedError::Ended)?;
        let opened = timeout(SILENCE_MAX, node.follow(ReceiverStream::new(receiver).boxed()));
        let items = opened.await.map_err(|_| FeedError::Silent)?.map_err(FeedError::Link)?;
        let mut pings = interval(PING_PERIOD);
        pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Subscription {
            clock,
            says,
            items,
            pings,
            sent: VecDeque::new(),
            last_number: 0,
            assembly: Assembly::default(),
            received,
            visible,
        })
    }

    /// Tells the node, with the next ping, what the follower shows.
    pub fn shows(&mut self, visible: u64) {
        self.visible = visible;
    }

    /// The next event. May be dropped and called again: nothing is lost.
    ///
    /// # Errors
    /// The feed is over; see [`FeedError`].
    pub async fn next(&mut self) -> Result<Event, FeedError> {
        let silence = tokio::time::sleep(SILENCE_MAX);
        tokio::pin!(silence);
        loop {
            let item = tokio::select! {
                biased;
                item = self.items.next() => item.ok_or(FeedError::Ended)?,
                _ = self.pings.tick() => {
                    self.ping();
                    continue;
                }
                () = &mut silence => return Err(FeedError::Silent),
            };
            if let Some(event) = self.read(item.map_err(FeedError::Link)?)? {
                return Ok(event);
            }
            silence.as_mut().reset(tokio::time::Instant::now() + SILENCE_MAX);
        }
    }

    fn ping(&mut self) {
        self.last_number += 1;
        let ping =
            Ping { number: self.last_number, received: self.received, visible: self.visible };
        let sent_at = self.clock.monotonic();
        let ping = FollowRequest { say: Some(follow_request::Say::Ping(ping)) };
        // A full line means a node that does not read; its silence ends the feed.
        if self.sent.len() < PINGS_MAX && self.says.try_send(ping).is_ok() {
            self.sent.push_back((self.last_number, sent_at));
        }
    }

    fn read(&mut self, item: FeedItem) -> Result<Option<Event>, FeedError> {
        match item.item {
            Some(feed_item::Item::Snapshot(head)) => self.assemble(Piece::Head(head)),
            Some(feed_item::Item::Part(part)) => self.assemble(Piece::Part(part)),
            Some(feed_item::Item::End(end)) => self.assemble(Piece::End(end)),
            Some(feed_item::Item::Changes(changes)) => self.follow_on(changes.revisions).map(Some),
            Some(feed_item::Item::Heartbeat(heartbeat)) => {
                Ok(Some(self.vouched(&heartbeat).map_or(Event::Alive, Event::Vouched)))
            }
            // A kind of a later version.
            None => Ok(None),
        }
    }

    fn assemble(&mut self, piece: Piece) -> Result<Option<Event>, FeedError> {
        let Some(state) = self.assembly.take(piece).map_err(FeedError::Snapshot)? else {
            return Ok(None);
        };
        self.received = state.revision();
        Ok(Some(Event::Replaced(state)))
    }

    fn follow_on(&mut self, revisions: Vec<RevisionChanges>) -> Result<Event, FeedError> {
        for changes in &revisions {
            let expected = self.received + 1;
            if changes.revision != expected {
                return Err(FeedError::Gap { expected, got: changes.revision });
            }
            self.received = expected;
        }
        Ok(Event::Changed(revisions.into_iter().map(Arc::new).collect()))
    }

    /// The confirmation began at most `before_echo_us` before the echoed ping arrived, and the ping
    /// arrived after it was sent: so it began no earlier than this, by the clock that sent the
    /// ping. No other clock is asked what time it is.
    fn vouched(&mut self, heartbeat: &Heartbeat) -> Option<Vouched> {
        while self.sent.front().is_some_and(|(number, _)| *number < heartbeat.echo) {
            self.sent.pop_front();
        }
        // The front stays for the heartbeats that echo it again.
        let (_, sent_at) = self.sent.front().filter(|(number, _)| *number == heartbeat.echo)?;
        let before = Duration::from_micros(heartbeat.before_echo_us);
        Some(Vouched {
            commit_revision: heartbeat.commit_revision,
            as_of: sent_at.checked_sub(before)?,
            time_ms: heartbeat.time_ms,
            leader: heartbeat.leader,
        })
    }
}
