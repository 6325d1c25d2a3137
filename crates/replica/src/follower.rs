//! Follows one voter after another.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cluster::feed::{Event, FeedError, Subscription};
use cluster::network::Network;
use cluster::{Dice, Member};
use schema::peer::v1::FollowStart;
use tokio::time::sleep;

use crate::backoff::Backoff;
use crate::leader::Leader;
use crate::views::{Differs, Views};

pub(crate) struct Follower {
    pub(crate) name: Arc<str>,
    pub(crate) voters: Vec<Member>,
    pub(crate) network: Arc<dyn Network>,
    pub(crate) dice: Arc<Dice>,
    pub(crate) views: Arc<Views>,
    pub(crate) leader: Arc<Leader>,
    pub(crate) stale_after: Duration,
    pub(crate) backoff: Range<Duration>,
}

/// Why a voter is no longer followed.
enum Ended {
    Feed(FeedError),
    /// It has vouched for nothing new for too long: it may be cut off from its leader, or this node's pings from it.
    Stale,
    Differs(Differs),
}

impl From<FeedError> for Ended {
    fn from(error: FeedError) -> Self {
        Ended::Feed(error)
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ended::Feed(error) => error.fmt(f),
            Ended::Stale => f.write_str("it vouches for nothing new"),
            Ended::Differs(Differs { revision, why }) => write!(f, "revision {revision}: {why}"),
        }
    }
}

impl Follower {
    /// Runs until it is aborted.
    pub(crate) async fn run(self) {
        if self.voters.is_empty() {
            tracing::error!("no voter is known: nothing to follow");
            return;
        }
        let mut backoff = Backoff::new(self.backoff.clone());
        // Replicas spread over the voters.
        let mut turn = self.dice.throw() % self.voters.len() as u64;
        loop {
            let voter = &self.voters[turn as usize];
            let ended = self.follow(voter, &mut backoff).await;
            match &ended {
                Ended::Differs(_) => {
                    tracing::error!(
                        voter = voter.id, reason = %ended,
                        "this replica's state is not the cell's: it is dropped and fetched anew"
                    );
                    self.views.forget();
                    // What follows costs a voter a whole snapshot.
                    backoff.exhaust();
                }
                _ => tracing::info!(voter = voter.id, reason = %ended, "following another voter"),
            }
            turn = (turn + 1) % self.voters.len() as u64;
            sleep(backoff.pause(&self.dice)).await;
        }
    }

    async fn follow(&self, voter: &Member, backoff: &mut Backoff) -> Ended {
        match self.follow_while_it_works(voter, backoff).await {
            Ok(never) => match never {},
            Err(ended) => ended,
        }
    }

    async fn follow_while_it_works(
        &self,
        voter: &Member,
        backoff: &mut Backoff,
    ) -> Result<std::convert::Infallible, Ended> {
        let peer = self.network.peer(voter);
        let clock = self.views.clock();
        let mut feed = Subscription::open(&*peer, Arc::clone(clock), self.start()).await?;
        let mut alive_at = clock.monotonic();
        loop {
            feed.shows(self.views.horizon.reached());
            if self.views.has_made_room().await {
                // It was this node that took nothing for a while, not the voter that said nothing.
                alive_at = clock.monotonic();
            }
            match feed.next().await? {
                Event::Replaced(state) => {
                    tracing::info!(voter = voter.id, revision = state.revision(), "state received");
                    self.views.replace(state);
                    alive_at = clock.monotonic();
                }
                Event::Changed(revisions) => {
                    let revisions: Vec<_> = revisions.into_iter().map(Arc::new).collect();
                    self.views.follow_on(&revisions).map_err(Ended::Differs)?;
                    alive_at = clock.monotonic();
                }
                Event::Vouched(vouched) => {
                    self.leader.heard_of(vouched.leader);
                    self.views.confirm(vouched.commit_revision, vouched.as_of);
                    alive_at = alive_at.max(vouched.as_of);
                }
            }
            if clock.monotonic().saturating_sub(alive_at) > self.stale_after {
                return Err(Ended::Stale);
            }
            backoff.reset();
        }
    }

    fn start(&self) -> FollowStart {
        let newest = self.views.newest();
        FollowStart {
            revision: newest.as_ref().map_or(0, |state| state.revision()),
            digest: newest.map_or_else(Bytes::new, |s| Bytes::copy_from_slice(&s.digest())),
            name: self.name.to_string(),
        }
    }
}
