//! What only the leader can answer.

use cluster::Backend;
use tokio::time::Instant;

use crate::support::{Cell, REPLICA, VOTERS, millis, note, proposal, soon};

#[tokio::test(start_paused = true)]
async fn writes_are_forwarded_whoever_leads() {
    let mut cell = Cell::start(1_000).await;
    let replica = cell.replica(|_| {});
    let committed = replica.propose(proposal("a=1"), soon()).await.unwrap();
    assert_eq!(committed.outcome.unwrap(), "a is 1");
    let refused = replica.propose(proposal("no note"), soon()).await.unwrap();
    assert_eq!(refused.outcome.unwrap_err().message, "no note");
    let seen = replica.at_least(refused.revision, soon()).await.unwrap();
    assert_eq!(note(&seen.state, "a").as_deref(), Some("1"));
    let leader = cell.leader().await;
    cell.crash(leader);
    let committed = replica.propose(proposal("b=1"), soon()).await.unwrap();
    assert!(committed.revision > refused.revision);
    let seen = replica.strong(soon()).await.unwrap();
    assert_eq!(note(&seen.state, "b").as_deref(), Some("1"));
}

#[tokio::test(start_paused = true)]
async fn without_a_leader_nothing_is_claimed() {
    let cell = Cell::start(1_000).await;
    let replica = cell.replica(|_| {});
    replica.at_least(cell.write("a=1").await, soon()).await.unwrap();
    cell.network.isolate(REPLICA, &VOTERS);
    assert!(!replica.strong(Instant::now() + millis(500)).await.unwrap_err().maybe_applied);
    // The question may have arrived: whoever asked must not ask anew as if it had not.
    let began = Instant::now();
    let lost = replica.propose(proposal("b=1"), began + millis(500)).await.unwrap_err();
    assert!(lost.maybe_applied && began.elapsed() <= millis(510));
    for id in VOTERS {
        cell.network.detach(id);
    }
    let refused = replica.propose(proposal("b=1"), Instant::now() + millis(500)).await;
    assert!(!refused.unwrap_err().maybe_applied);
}
