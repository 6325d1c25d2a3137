//! A replica tells what was as history had it, once it is visible there.

use cluster::{Backend, HistoryLimits, Ordering};
use lag::Plan;

use crate::support::{Cell, millis, note, soon, until};
use tokio::time::Instant;

#[tokio::test(start_paused = true)]
async fn what_waits_is_not_told_before_it_is_visible() {
    let cell = Cell::start(1_000).await;
    let replica = cell.replica(|settings| settings.plan = Plan::fixed(400_000));
    replica.at_least(cell.write("a=0").await, soon()).await.unwrap();
    let mut revisions = Vec::new();
    for n in 1..30 {
        revisions.push((n, cell.write(&format!("a={n}")).await));
    }
    let last = revisions.last().unwrap().1;
    until("received", || replica.received() >= last).await;
    let visible = replica.seen().revision;
    for (_, revision) in revisions.iter().filter(|(_, revision)| *revision > visible) {
        assert!(replica.exact(*revision).is_err());
    }
    replica.at_least(last, soon()).await.unwrap();
    for (n, revision) in &revisions {
        let past = replica.exact(*revision).unwrap();
        assert_eq!((past.revision, past.state.revision()), (*revision, *revision));
        assert_eq!(note(&past.state, "a"), Some(n.to_string()));
        let voter = cell.nodes[&1].at_least(last, soon()).await.unwrap();
        assert!(voter.revision >= last);
        let there = cell.nodes[&1].exact(*revision).unwrap();
        assert_eq!(there.state.digest(), past.state.digest());
    }
}

#[tokio::test(start_paused = true)]
async fn classes_with_times_of_their_own_do_not_mix_the_past() {
    let cell = Cell::start(1_000).await;
    let plan: Plan = "identity=fixed:1s;credential=fixed:300ms".parse().unwrap();
    let replica = cell.replica(|settings| settings.plan = plan);
    replica.at_least(cell.write("a=0").await, soon()).await.unwrap();
    let revision = cell.write("a=1").await;
    let began = Instant::now();
    replica.at_least(revision, soon()).await.unwrap();
    assert!(began.elapsed() >= millis(200));
    assert!(matches!(replica.seen().ordering, Ordering::Class { .. }));
    let (past, there) = (replica.exact(revision).unwrap(), cell.nodes[&1].exact(revision).unwrap());
    assert_eq!(past.ordering, Ordering::Prefix);
    assert_eq!(past.state.digest(), there.state.digest());
    assert!(replica.exact(revision - 1).is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_replica_retains_no_more_than_it_is_told() {
    let cell = Cell::start(1_000).await;
    let history = HistoryLimits { revisions: 20, ..HistoryLimits::default() };
    let replica = cell.replica(|settings| settings.history = history);
    let first = cell.write("a=0").await;
    replica.at_least(first, soon()).await.unwrap();
    let mut last = first;
    for n in 1..60 {
        last = cell.write(&format!("a={n}")).await;
        replica.at_least(last, soon()).await.unwrap();
    }
    let oldest = replica.exact(first).unwrap_err().oldest;
    assert!(oldest + 20 >= last && oldest < last, "{oldest} of {last}");
    assert_eq!(replica.exact(oldest).unwrap().revision, oldest);
    // It has no way to what it was never sent.
    let late = cell.replica(|_| {});
    late.at_least(last, soon()).await.unwrap();
    assert!(late.exact(last).is_ok());
    assert!(late.exact(first).is_err());
}
