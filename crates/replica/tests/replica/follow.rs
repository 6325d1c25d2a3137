//! Catching up, going on elsewhere, and ages that are bounds.

use std::time::Duration;

use cluster::{Backend, Consistency, Role};
use tokio::time::{Instant, sleep};

use crate::support::{Cell, REPLICA, VOTERS, millis, note, soon, until};

#[tokio::test(start_paused = true)]
async fn a_new_replica_catches_up_from_changes_or_from_a_snapshot() {
    for recent in [1_000, 5] {
        let cell = Cell::start(recent).await;
        for n in 0..20 {
            cell.write(&format!("n{n}={n}")).await;
        }
        let replica = cell.replica(|_| {});
        let nothing = replica.seen();
        assert_eq!((nothing.revision, nothing.age_ms), (0, u64::MAX));
        let revision = cell.write("more=1").await;
        let seen = replica.at_least(revision, soon()).await.unwrap();
        assert_eq!(note(&seen.state, "n19").as_deref(), Some("19"));
        assert_eq!(note(&seen.state, "more").as_deref(), Some("1"));
        assert_eq!(&*seen.served_by, "replica-9");
        let leader = &cell.nodes[&cell.leader().await];
        assert_eq!(seen.state.digest(), leader.seen().state.digest());
        assert_eq!(replica.default_consistency(), Consistency::Eventual);
        let status = replica.status();
        assert_eq!((status.role, status.applied_revision), (Role::Replica, revision));
        assert_eq!(status.digest, leader.status().digest);
    }
}

#[tokio::test(start_paused = true)]
async fn it_goes_on_at_another_voter_when_its_own_dies() {
    let mut cell = Cell::start(1_000).await;
    let replica = cell.replica(|_| {});
    let first = cell.write("a=1").await;
    replica.at_least(first, soon()).await.unwrap();
    // Whichever it follows, it follows another after one of these: two of the three must live for a write.
    for victim in VOTERS {
        cell.network.isolate(victim, &[REPLICA]);
        let revision = cell.write(&format!("without-{victim}=1")).await;
        let seen = replica.at_least(revision, Instant::now() + Duration::from_secs(20)).await;
        assert!(seen.unwrap().revision >= revision);
        cell.network.heal();
    }
    cell.crash(2);
    let revision = cell.write("b=1").await;
    let seen = replica.at_least(revision, Instant::now() + Duration::from_secs(20)).await.unwrap();
    assert_eq!(note(&seen.state, "b").as_deref(), Some("1"));
}

#[tokio::test(start_paused = true)]
async fn a_voter_that_does_not_hear_it_is_left() {
    let cell = Cell::start(1_000).await;
    let replica = cell.replica(|_| {});
    replica.at_least(cell.write("a=1").await, soon()).await.unwrap();
    until("young", || replica.seen().age_ms < 1_000).await;
    for deaf in VOTERS {
        // Its pings are lost on the way, its heartbeats come.
        cell.network.cut(REPLICA, deaf);
        sleep(Duration::from_secs(10)).await;
        assert!(replica.seen().age_ms < 1_000, "{} of age", replica.seen().age_ms);
        cell.network.heal();
    }
}

#[tokio::test(start_paused = true)]
async fn an_idle_replica_is_young_and_one_cut_off_grows_old() {
    let cell = Cell::start(1_000).await;
    let replica = cell.replica(|_| {});
    let revision = cell.write("a=1").await;
    replica.at_least(revision, soon()).await.unwrap();
    until("known age", || replica.seen().age_ms < u64::MAX).await;
    for _ in 0..100 {
        sleep(millis(20)).await;
        let age_ms = replica.seen().age_ms;
        assert!(age_ms < 600, "{age_ms} ms, though nothing happens");
    }
    cell.network.isolate(REPLICA, &VOTERS);
    sleep(millis(100)).await;
    cell.write("b=1").await;
    let acknowledged = Instant::now();
    for _ in 0..100 {
        sleep(millis(50)).await;
        let seen = replica.seen();
        assert_eq!(seen.revision, revision);
        assert!(u128::from(seen.age_ms) >= acknowledged.elapsed().as_millis());
    }
    cell.network.heal();
    until("young again", || replica.seen().age_ms < 1_000).await;
    assert_eq!(note(&replica.seen().state, "b").as_deref(), Some("1"));
}

#[tokio::test(start_paused = true)]
async fn waiting_in_vain_names_both_revisions() {
    let cell = Cell::start(1_000).await;
    let replica = cell.replica(|_| {});
    let revision = cell.write("a=1").await;
    replica.at_least(revision, soon()).await.unwrap();
    let unavailable = replica.at_least(777, Instant::now() + millis(300)).await.unwrap_err();
    assert!(!unavailable.maybe_applied);
    let reason = format!("revision 777 is wanted, {revision} is visible here");
    assert_eq!(unavailable.reason, reason);
}
