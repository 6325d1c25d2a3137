//! The change feed: bootstrap, resumption, and ages that are bounds.

use std::sync::Arc;
use std::time::Duration;

use cluster::feed::{Event, Subscription, Vouched};
use cluster::{Backend, Clock, Node, RecentLimits, TimerClock};
use model::State;
use schema::peer::v1::FollowStart;
use tokio::time::{Instant, sleep, timeout};

use crate::support::{Cell, START_MS, note};

/// A replica as simple as can be.
struct Follower {
    clock: Arc<TimerClock>,
    subscription: Subscription,
    state: State,
    snapshots: usize,
    vouched: Option<Vouched>,
}

impl Follower {
    async fn of(node: &Node, state: State, digest: &[u8]) -> Self {
        let clock = Arc::new(TimerClock::new(START_MS));
        let start = FollowStart {
            revision: state.revision(),
            digest: bytes::Bytes::copy_from_slice(digest),
            name: "test".into(),
        };
        let subscription = Subscription::open(node, clock.clone(), start).await.unwrap();
        Follower { clock, subscription, state, snapshots: 0, vouched: None }
    }

    async fn step(&mut self) {
        match self.subscription.next().await.unwrap() {
            Event::Replaced(state) => {
                self.state = state;
                self.snapshots += 1;
            }
            Event::Changed(revisions) => {
                for r in revisions {
                    assert_eq!(r.revision, self.state.revision() + 1);
                    self.state =
                        self.state.clone().changed(r.revision, r.time_ms, &r.changes).unwrap();
                    assert_eq!(self.state.digest()[..], r.digest[..]);
                }
            }
            Event::Vouched(vouched) => self.vouched = Some(vouched),
            Event::Alive => {}
        }
    }

    async fn reach(&mut self, revision: u64) {
        let reached = async {
            while self.state.revision() < revision {
                self.step().await;
            }
        };
        timeout(Duration::from_secs(10), reached).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn every_voter_feeds_a_new_follower_from_a_snapshot_and_on() {
    let cell = Cell::start_tuned(3, |settings| {
        settings.recent = RecentLimits { revisions: 5, changes: 100, ..RecentLimits::default() };
    })
    .await;
    for n in 0..20 {
        cell.write(1, &format!("n{n}={n}")).await.unwrap();
    }
    cell.settle().await;
    for node in cell.nodes.values() {
        let mut follower = Follower::of(node, State::default(), &[]).await;
        follower.reach(node.seen().revision).await;
        assert_eq!(follower.snapshots, 1);
        let revision = cell.write(2, "more=1").await.unwrap().revision;
        follower.reach(revision).await;
        assert_eq!((follower.snapshots, note(&follower.state, "n19").as_deref()), (1, Some("19")));
        assert_eq!(
            follower.state.digest(),
            node.at_least(revision, Instant::now()).await.unwrap().state.digest()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_follower_goes_on_where_it_stood_at_another_voter() {
    let cell = Cell::start(3).await;
    cell.write(1, "a=1").await.unwrap();
    cell.settle().await;
    let mut first = Follower::of(&cell.nodes[&1], State::default(), &[]).await;
    first.reach(cell.nodes[&1].seen().revision).await;
    let state = first.state.clone();
    drop(first);
    let revision = cell.write(2, "b=1").await.unwrap().revision;
    cell.settle().await;
    let digest = state.digest();
    let mut second = Follower::of(&cell.nodes[&3], state.clone(), &digest).await;
    second.reach(revision).await;
    assert_eq!((second.snapshots, note(&second.state, "b").as_deref()), (0, Some("1")));
    // A state that is not the cell's is replaced, though its revision looks right.
    let mut third = Follower::of(&cell.nodes[&3], state, &[9; 32]).await;
    third.reach(revision).await;
    assert_eq!(third.snapshots, 1);
}

#[tokio::test(start_paused = true)]
async fn a_voter_cut_off_from_its_leader_does_not_vouch_for_news() {
    let cell = Cell::start(3).await;
    let (leader, voter) = (cell.leader().await, cell.follower().await);
    let mut follower = Follower::of(&cell.nodes[&voter], State::default(), &[]).await;
    while follower.vouched.is_none() {
        follower.step().await;
    }
    cell.network.isolate(voter, &[1, 2, 3]);
    sleep(Duration::from_millis(50)).await;
    // By its own clock, the follower knows for sure that a write acknowledged now is newer than
    // what it is told of.
    let acknowledged_at = follower.clock.monotonic();
    let revision = cell.write(leader, "news=1").await.unwrap().revision;
    let deadline = Instant::now() + Duration::from_secs(5);
    while Instant::now() < deadline {
        follower.step().await;
        let vouched = follower.vouched.unwrap();
        assert!(vouched.commit_revision < revision);
        assert!(vouched.as_of <= acknowledged_at, "{vouched:?} at {acknowledged_at:?}");
    }
    cell.network.heal();
    let caught_up = async {
        while follower.vouched.unwrap().as_of <= acknowledged_at {
            follower.step().await;
        }
    };
    timeout(Duration::from_secs(20), caught_up).await.unwrap();
    assert!(follower.vouched.unwrap().commit_revision >= revision);
    assert_eq!(note(&follower.state, "news").as_deref(), Some("1"));
}
