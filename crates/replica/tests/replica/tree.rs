//! Replicas that follow replicas.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cluster::feed::{Event, Subscription};
use cluster::{Backend, Lease, Level, RecentLimits, TimerClock};
use schema::peer::v1::FollowStart;
use tokio::time::{Instant, sleep};

use crate::support::{
    Cell, VOTERS, awaited_writes_are_shown_at_once, millis, note, proposal, soon, until,
};

const PARENT: u64 = 10;
const OTHER_PARENT: u64 = 11;
const CHILD: u64 = 20;

const MAX_STALENESS_MS: u64 = 5_000;

/// A child must not reach what it does not follow.
fn only_through_parents(cell: &Cell) {
    cell.network.isolate(CHILD, &VOTERS);
}

fn later() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

#[tokio::test(start_paused = true)]
async fn a_grandchild_has_what_the_cell_has_and_all_ways_to_the_leader() {
    let mut cell = Cell::start(1_000).await;
    only_through_parents(&cell);
    let parent = cell.parent(PARENT, &VOTERS, |_| {});
    let child = cell.parent(CHILD, &[PARENT], |settings| settings.zone = "far".to_owned());
    let revision = cell.write("a=1").await;
    let seen = child.at_least(revision, soon()).await.unwrap();
    assert_eq!(
        seen.state.digest(),
        parent.at_least(revision, soon()).await.unwrap().state.digest()
    );
    let leader = cell.leader().await;
    until("the leader known", || child.status().leader == Some(leader)).await;
    let committed = child.propose(proposal("b=1"), soon()).await.unwrap();
    assert_eq!(committed.outcome.unwrap(), "b is 1");
    let seen = child.strong(soon()).await.unwrap();
    assert_eq!(note(&seen.state, "b").as_deref(), Some("1"));
    let standings = child.standings(soon()).await.unwrap();
    let known = standings.nodes.iter().find(|node| node.report.node == CHILD).unwrap();
    assert_eq!((known.report.zone.as_str(), known.report.name.as_str()), ("far", "replica-20"));
    let leader = cell.leader().await;
    cell.crash(leader);
    let committed = child.propose(proposal("c=1"), later()).await.unwrap();
    child.at_least(committed.revision, later()).await.unwrap();
    until("young", || child.seen().age_ms < 1_000).await;
}

#[tokio::test(start_paused = true)]
async fn a_parents_lag_is_for_its_own_readers() {
    let cell = Cell::start(1_000).await;
    let parent = cell.parent(PARENT, &VOTERS, |s| s.plan = "fixed:10s".parse().unwrap());
    let child = cell.parent(CHILD, &[PARENT], |_| {});
    parent.at_least(cell.write("a=0").await, later()).await.unwrap();
    let began = Instant::now();
    let revision = cell.write("a=1").await;
    child.at_least(revision, soon()).await.unwrap();
    assert!(began.elapsed() < millis(100), "{:?}", began.elapsed());
    until("young", || child.seen().age_ms < 1_000).await;
    assert!(parent.seen().revision < revision);
}

#[tokio::test(start_paused = true)]
async fn a_grandchild_goes_on_when_its_parent_comes_back() {
    let cell = Cell::start(1_000).await;
    only_through_parents(&cell);
    let parent = cell.parent(PARENT, &VOTERS, |_| {});
    let child = cell.parent(CHILD, &[PARENT], |_| {});
    let first = cell.write("a=1").await;
    child.at_least(first, soon()).await.unwrap();
    parent.kill();
    let second = cell.write("b=1").await;
    assert!(child.at_least(second, soon()).await.is_err());
    assert!(child.seen().revision >= first, "what it has it keeps");
    let _parent = cell.parent(PARENT, &VOTERS, |_| {});
    let seen = child.at_least(second, later()).await.unwrap();
    assert_eq!(note(&seen.state, "b").as_deref(), Some("1"));
    until("a lease", || child.seen().lease == Lease::Held).await;
}

#[tokio::test(start_paused = true)]
async fn a_grandchild_goes_to_another_parent() {
    let cell = Cell::start(1_000).await;
    only_through_parents(&cell);
    let parent = cell.parent(PARENT, &VOTERS, |_| {});
    let other = cell.parent(OTHER_PARENT, &VOTERS, |_| {});
    let child = cell.parent(CHILD, &[PARENT, OTHER_PARENT], |_| {});
    child.at_least(cell.write("a=1").await, soon()).await.unwrap();
    // Whichever it follows: a parent that is cut off from the voters is left, and so is one that dies.
    for stuck in [PARENT, OTHER_PARENT] {
        cell.network.isolate(stuck, &VOTERS);
        child.at_least(cell.write(&format!("{stuck}=1")).await, later()).await.unwrap();
        until("young", || child.seen().age_ms < 1_000).await;
        cell.network.heal();
        only_through_parents(&cell);
    }
    until("both there", || parent.received() == other.received()).await;
    parent.kill();
    child.at_least(cell.write("b=1").await, later()).await.unwrap();
    let _parent = cell.parent(PARENT, &VOTERS, |_| {});
    other.kill();
    let seen = child.at_least(cell.write("c=1").await, later()).await.unwrap();
    assert_eq!(note(&seen.state, "b").as_deref(), Some("1"));
    let committed = child.propose(proposal("d=1"), later()).await.unwrap();
    child.at_least(committed.revision, later()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_slow_follower_holds_up_nobody_and_ends_with_a_snapshot() {
    let cell = Cell::start(1_000).await;
    let kept = RecentLimits { revisions: 20, changes: 100, ..RecentLimits::default() };
    let parent = cell.parent(PARENT, &VOTERS, |settings| settings.recent = kept);
    let child = cell.parent(CHILD, &[PARENT], |_| {});
    let first = cell.write("a=1").await;
    let start = FollowStart { revision: 0, digest: Bytes::new(), name: "slow".into() };
    let clock = Arc::new(TimerClock::new(0));
    let mut slow = Subscription::open(&*parent.peer, clock, start).await.unwrap();
    parent.at_least(first, soon()).await.unwrap();
    let mut last = 0;
    for n in 0..200 {
        let began = Instant::now();
        last = cell.write(&format!("n{n}={n}")).await;
        child.at_least(last, soon()).await.unwrap();
        assert!(began.elapsed() < millis(50), "{:?}", began.elapsed());
    }
    // It reads what was made for it before it fell behind, then the whole state, and nothing in between.
    let (mut at, mut snapshots, mut changes) = (0, Vec::new(), 0);
    while at < last {
        match slow.next().await.unwrap() {
            Event::Replaced(state) => {
                at = state.revision();
                snapshots.push(at);
            }
            Event::Changed(revisions) => {
                at = revisions.last().unwrap().revision;
                changes += revisions.len();
            }
            Event::Vouched(_) | Event::Alive => {}
        }
    }
    assert!(snapshots.last().is_some_and(|at| *at > first + 100), "{snapshots:?}");
    assert!(changes < 150, "{changes} revisions went one by one");
}

#[tokio::test(start_paused = true)]
async fn an_age_is_never_too_small_over_two_hops_or_in_a_circle() {
    for circle in [false, true] {
        let cell = Cell::start(1_000).await;
        let follow: &[u64] = if circle { &[1, 2, 3, CHILD] } else { &VOTERS };
        let parent = cell.parent(PARENT, follow, |_| {});
        let child = cell.parent(CHILD, &[PARENT], |_| {});
        let revision = cell.write("a=1").await;
        child.at_least(revision, soon()).await.unwrap();
        until("known ages", || child.seen().age_ms < 1_000 && parent.seen().age_ms < 1_000).await;
        for _ in 0..if circle { 0 } else { 100 } {
            sleep(millis(20)).await;
            let age_ms = child.seen().age_ms;
            assert!(age_ms < 1_000, "{age_ms} ms, though nothing happens");
        }
        for replica in [PARENT, CHILD] {
            cell.network.isolate(replica, &VOTERS);
        }
        sleep(millis(10)).await;
        cell.write("b=1").await;
        let acknowledged = Instant::now();
        for _ in 0..400 {
            sleep(millis(50)).await;
            for replica in [&parent, &child] {
                let seen = replica.seen();
                assert_eq!(seen.revision, revision);
                assert!(u128::from(seen.age_ms) >= acknowledged.elapsed().as_millis());
            }
        }
        assert_eq!((parent.seen().lease, child.seen().lease), (Lease::Expired, Lease::Expired));
        cell.network.heal();
        until("young again", || child.seen().age_ms < 1_000 && parent.seen().age_ms < 1_000).await;
        assert_eq!(note(&child.seen().state, "b").as_deref(), Some("1"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_circle_without_voters_claims_nothing_and_asks_nobody_for_ever() {
    let cell = Cell::start(1_000).await;
    let one = cell.parent(PARENT, &[OTHER_PARENT], |_| {});
    let other = cell.parent(OTHER_PARENT, &[PARENT], |_| {});
    let alone = cell.parent(CHILD, &[CHILD], |_| {});
    sleep(millis(10_000)).await;
    for replica in [&one, &other, &alone] {
        let seen = replica.seen();
        assert_eq!((seen.revision, seen.age_ms, seen.lease), (0, u64::MAX, Lease::Expired));
        let began = Instant::now();
        let refused = replica.propose(proposal("a=1"), began + millis(500)).await.unwrap_err();
        assert!(!refused.maybe_applied && began.elapsed() <= millis(510));
        assert!(replica.strong(Instant::now() + millis(500)).await.is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn a_barrier_counts_the_grandchild() {
    let cell = Cell::start(1_000).await;
    only_through_parents(&cell);
    let parent = cell.parent(PARENT, &VOTERS, |s| s.report_every = millis(1_000));
    let child = cell.parent(CHILD, &[PARENT], |s| s.report_every = millis(1_000));
    until("leases", || [&parent, &child].iter().all(|replica| replica.seen().lease == Lease::Held))
        .await;
    // A leader that is younger than a lease waits for nodes that it does not know.
    sleep(millis(MAX_STALENESS_MS + 100)).await;
    let leader = &cell.nodes[&cell.leader().await];
    awaited_writes_are_shown_at_once(leader, &child, 2).await;
    cell.network.isolate(CHILD, &[PARENT]);
    let revision = cell.write("b=1").await;
    let began = Instant::now();
    let barrier = leader.propagated(revision, &Level::All, Instant::now() + millis(8_000));
    tokio::pin!(barrier);
    let mut held = began;
    let reached = loop {
        tokio::select! {
            reached = &mut barrier => break reached,
            () = sleep(millis(1)) => {
                if child.seen().lease == Lease::Held {
                    held = Instant::now();
                }
            }
        }
    };
    assert!(reached && held > began && held < Instant::now());
    assert_eq!((child.seen().lease, parent.seen().lease), (Lease::Expired, Lease::Held));
    assert!(child.seen().revision < revision);
    assert!(began.elapsed() <= millis(MAX_STALENESS_MS + 10), "{:?}", began.elapsed());
    cell.network.heal();
    until("a lease", || child.seen().lease == Lease::Held).await;
    assert!(child.seen().revision >= revision, "it decides again by what it had missed");
}
