//! Barriers: when one is reached, no node decides by the old state (docs/adr/0010-leases-are-ages.md).

use cluster::{Backend, Lease, Level};
use tokio::time::{Instant, sleep};

use crate::support::{
    Cell, REPLICA, awaited_writes_are_shown_at_once, millis, proposal, soon, until,
};

/// The terms of a cell that nobody has told otherwise.
const MAX_STALENESS_MS: u64 = 5_000;

async fn leased(replica: &replica::Replica) {
    until("a lease", || replica.seen().lease == Lease::Held).await;
}

#[tokio::test(start_paused = true)]
async fn a_healthy_replica_is_waited_for_and_reports_at_once() {
    let cell = Cell::start(1_000).await;
    let replica = cell.replica(|settings| settings.report_every = millis(1_000));
    leased(&replica).await;
    // A leader that is younger than a lease waits for nodes that it does not know.
    sleep(millis(MAX_STALENESS_MS + 100)).await;
    let leader = &cell.nodes[&cell.leader().await];
    awaited_writes_are_shown_at_once(leader, &replica, 1).await;
    let two = leader.propagated(1, &Level::Replicas(2), Instant::now() + millis(300)).await;
    assert!(!two, "there is one");
}

#[tokio::test(start_paused = true)]
async fn a_replica_that_is_cut_off_stops_to_decide_before_the_barrier_ends() {
    let cell = Cell::start(1_000).await;
    let replica = cell.replica(|_| ());
    leased(&replica).await;
    cell.network.isolate(REPLICA, &[1, 2, 3, REPLICA]);
    let leader = &cell.nodes[&cell.leader().await];
    let revision = cell.write("a=1").await;
    let began = Instant::now();
    let barrier = leader.propagated(revision, &Level::All, Instant::now() + millis(8_000));
    tokio::pin!(barrier);
    let mut held = Instant::now();
    let reached = loop {
        tokio::select! {
            reached = &mut barrier => break reached,
            () = sleep(millis(1)) => {
                if replica.seen().lease == Lease::Held {
                    held = Instant::now();
                }
            }
        }
    };
    assert!(reached);
    assert!(held < Instant::now() && replica.seen().lease == Lease::Expired);
    assert!(replica.seen().revision < revision);
    assert!(began.elapsed() <= millis(MAX_STALENESS_MS + 10), "{:?}", began.elapsed());
    cell.network.heal();
    leased(&replica).await;
    assert!(replica.seen().revision >= revision, "it decides again by what it had missed");
}

#[tokio::test(start_paused = true)]
async fn a_replica_that_lags_longer_than_it_may_ends_the_barrier_all_the_same() {
    let cell = Cell::start(1_000).await;
    let replica = cell.replica(|settings| settings.plan = "fixed:20s".parse().unwrap());
    leased(&replica).await;
    let leader = &cell.nodes[&cell.leader().await];
    let revision = cell.write("a=1").await;
    let began = Instant::now();
    assert!(leader.propagated(revision, &Level::All, Instant::now() + millis(8_000)).await);
    assert!(began.elapsed() > millis(MAX_STALENESS_MS / 2), "{:?}", began.elapsed());
    assert_eq!((replica.seen().lease, replica.seen().revision < revision), (Lease::Expired, true));
}

#[tokio::test(start_paused = true)]
async fn a_replica_that_serves_stale_is_not_waited_for_and_says_so() {
    let cell = Cell::start(1_000).await;
    let replica = cell.replica(|settings| settings.serves_stale = true);
    leased(&replica).await;
    cell.network.isolate(REPLICA, &[1, 2, 3, REPLICA]);
    let leader = &cell.nodes[&cell.leader().await];
    sleep(millis(MAX_STALENESS_MS)).await;
    let revision = cell.write("a=1").await;
    let began = Instant::now();
    assert!(leader.propagated(revision, &Level::All, soon()).await);
    assert!(began.elapsed() < millis(500), "{:?}", began.elapsed());
    assert_eq!((replica.seen().lease, replica.seen().revision < revision), (Lease::Flagged, true));
}

#[tokio::test(start_paused = true)]
async fn a_new_leader_does_not_forget_the_replicas_of_the_old_one() {
    let mut cell = Cell::start(1_000).await;
    let replica = cell.replica(|_| ());
    leased(&replica).await;
    cell.network.isolate(REPLICA, &[1, 2, 3, REPLICA]);
    let old = cell.leader().await;
    cell.crash(old);
    let leader = cell.leader().await;
    let revision = cell.write("a=1").await;
    let leader = &cell.nodes[&leader];
    if replica.seen().lease == Lease::Held {
        let short = Instant::now() + millis(50);
        assert!(!leader.propagated(revision, &Level::All, short).await);
    }
    assert!(leader.propagated(revision, &Level::All, Instant::now() + millis(8_000)).await);
    assert_eq!(replica.seen().lease, Lease::Expired);
}

#[tokio::test(start_paused = true)]
async fn a_voter_that_is_cut_off_stops_to_decide_too() {
    let cell = Cell::start(1_000).await;
    let leader = cell.leader().await;
    let follower = [1, 2, 3].into_iter().find(|id| *id != leader).unwrap();
    until("a lease", || cell.nodes[&follower].seen().lease == Lease::Held).await;
    cell.network.isolate(follower, &[1, 2, 3, REPLICA]);
    let revision = cell.nodes[&leader].propose(proposal("a=1"), soon()).await.unwrap().revision;
    let deadline = Instant::now() + millis(8_000);
    assert!(cell.nodes[&leader].propagated(revision, &Level::All, deadline).await);
    assert_eq!(cell.nodes[&follower].seen().lease, Lease::Expired);
}

#[tokio::test(start_paused = true)]
async fn everybody_tells_the_standings() {
    let cell = Cell::start(1_000).await;
    let replica = cell.replica(|settings| settings.zone = "b".to_owned());
    leased(&replica).await;
    until("everybody known", || cell.nodes.values().all(|n| n.seen().lease == Lease::Held)).await;
    let revision = cell.write("a=1").await;
    let later = Instant::now() + millis(8_000);
    assert!(replica.propagated(revision, &Level::Zone("b".to_owned()), later).await);
    for standings in [
        replica.standings(soon()).await.unwrap(),
        cell.nodes[&1].standings(soon()).await.unwrap(),
        cell.nodes[&2].standings(soon()).await.unwrap(),
    ] {
        let nodes: Vec<u64> = standings.nodes.iter().map(|node| node.report.node).collect();
        assert_eq!(nodes, [1, 2, 3, REPLICA]);
        let replica = &standings.nodes[3];
        assert_eq!((replica.report.zone.as_str(), replica.report.votes), ("b", false));
        assert!(replica.report.visible >= revision && replica.lease > millis(4_000));
    }
}
