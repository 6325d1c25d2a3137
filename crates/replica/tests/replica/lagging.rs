//! A lag plan delays what is seen, and nothing else.

use std::collections::BTreeSet;

use lag::Plan;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use tokio::time::{Instant, sleep};

use cluster::Backend;

use crate::support::{Cell, millis, note, soon, until};

fn fixed() -> Plan {
    Plan::fixed(400_000)
}

#[tokio::test(start_paused = true)]
async fn a_fixed_plan_shows_everything_late_by_as_much() {
    let cell = Cell::start(1_000).await;
    let replica = cell.replica(|settings| settings.plan = fixed());
    assert_eq!(replica.plan(), fixed());
    replica.at_least(cell.write("a=0").await, soon()).await.unwrap();
    until("a known age", || replica.seen().age_ms < 1_000).await;
    for n in 1..5 {
        let began = Instant::now();
        let revision = cell.write(&format!("a={n}")).await;
        until("received", || replica.received() >= revision).await;
        assert!(replica.seen().revision < revision);
        assert!(began.elapsed() < millis(100));
        replica.at_least(revision, soon()).await.unwrap();
        assert!(began.elapsed() >= millis(400) && began.elapsed() < millis(500));
        assert_eq!(note(&replica.seen().state, "a"), Some(n.to_string()));
    }
}

#[tokio::test(start_paused = true)]
async fn the_age_tells_of_the_lag() {
    let cell = Cell::start(1_000).await;
    let replica = cell.replica(|settings| settings.plan = fixed());
    replica.at_least(cell.write("a=0").await, soon()).await.unwrap();
    let mut acknowledged = Vec::new();
    for n in 1..30 {
        let revision = cell.write(&format!("a={n}")).await;
        acknowledged.push((revision, Instant::now()));
        sleep(millis(50)).await;
        let seen = replica.seen();
        let missed = acknowledged.iter().find(|(revision, _)| *revision > seen.revision);
        let since = missed.map_or(0, |(_, at)| at.elapsed().as_millis());
        assert!(u128::from(seen.age_ms) >= since, "{} < {since}", seen.age_ms);
        if n > 20 {
            assert!((350..1_000).contains(&seen.age_ms), "{}", seen.age_ms);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_strong_read_waits_for_the_lag_or_says_what_is_missing() {
    let cell = Cell::start(1_000).await;
    let replica = cell.replica(|settings| settings.plan = fixed());
    let old = cell.write("a=0").await;
    replica.at_least(old, soon()).await.unwrap();
    let revision = cell.write("a=1").await;
    let unavailable = replica.strong(Instant::now() + millis(200)).await.unwrap_err();
    let reason = format!("revision {revision} is wanted, {old} is visible here");
    assert_eq!(unavailable.reason, reason);
    let seen = replica.strong(Instant::now() + millis(400)).await.unwrap();
    assert!(seen.revision >= revision);
    assert_eq!(note(&seen.state, "a").as_deref(), Some("1"));
}

#[tokio::test(start_paused = true)]
async fn a_paused_replica_shows_nothing_new_and_grows_old() {
    let cell = Cell::start(1_000).await;
    let replica = cell.replica(|_| {});
    let first = cell.write("a=0").await;
    replica.at_least(first, soon()).await.unwrap();
    until("a known age", || replica.seen().age_ms < 1_000).await;
    replica.pause();
    let second = cell.write("a=1").await;
    let acknowledged = Instant::now();
    let third = cell.write("a=2").await;
    until("received", || replica.received() >= third).await;
    for _ in 0..20 {
        sleep(millis(100)).await;
        let seen = replica.seen();
        assert_eq!(seen.revision, first);
        assert!(u128::from(seen.age_ms) >= acknowledged.elapsed().as_millis());
    }
    let lag = replica.lag();
    assert!(lag.is_paused && lag.waiting == 2 && lag.next_due_us.is_none(), "{lag:?}");
    replica.step(1);
    assert_eq!(replica.seen().revision, second);
    // Whoever waits for a revision is woken by the end of the pause.
    let waiter = replica.clone();
    let waiter = tokio::spawn(async move { waiter.at_least(third, soon()).await });
    sleep(millis(10)).await;
    replica.resume();
    assert_eq!(waiter.await.unwrap().unwrap().revision, third);
    until("young again", || replica.seen().age_ms < 1_000).await;
}

#[tokio::test(start_paused = true)]
async fn another_plan_is_for_what_comes_and_a_flush_for_what_waits() {
    let cell = Cell::start(1_000).await;
    let replica = cell.replica(|settings| settings.plan = Plan::fixed(60_000_000));
    replica.at_least(cell.write("a=0").await, Instant::now() + millis(70_000)).await.unwrap();
    let slow = cell.write("a=1").await;
    until("received", || replica.received() >= slow).await;
    replica.set_plan(fixed());
    let fast = cell.write("a=2").await;
    until("received", || replica.received() >= fast).await;
    sleep(millis(5_000)).await;
    assert_eq!(replica.lag().waiting, 2, "what waits keeps its time, and nothing passes it");
    replica.flush();
    assert_eq!(replica.seen().revision, fast);
    let began = Instant::now();
    replica.at_least(cell.write("a=3").await, soon()).await.unwrap();
    assert!(began.elapsed() >= millis(400) && began.elapsed() < millis(500));
    let sample = replica.lag().samples.pop().unwrap();
    assert!(
        sample.was_alone && sample.drawn_us == 400_000 && sample.delay_us < 410_000,
        "{sample:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn each_revision_has_a_delay_of_its_own_and_histograms_tell_of_it() {
    let cell = Cell::start(1_000).await;
    let replica = cell.replica(|settings| settings.plan = "trace:100ms,700ms".parse().unwrap());
    let mut registry = Registry::default();
    replica.register(&mut registry);
    replica.at_least(cell.write("a=0").await, soon()).await.unwrap();
    let before = replica.lag().samples.len();
    for n in 1..=6 {
        replica.at_least(cell.write(&format!("a={n}")).await, soon()).await.unwrap();
    }
    let lag = replica.lag();
    let delays: BTreeSet<u64> =
        lag.samples[before..].iter().map(|sample| sample.delay_us / 100_000).collect();
    assert_eq!(delays, [1, 7].into());
    // The seven writes, and not what voters write for themselves.
    let mut page = String::new();
    encode(&mut page, &registry).unwrap();
    for line in ["bailiwick_visibility_delay_seconds_count", "bailiwick_lag_delay_seconds_count"] {
        let line = format!("{line} 7\n");
        assert!(page.contains(&line), "{line} is not in\n{page}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_full_replica_takes_no_more_and_loses_nothing() {
    let cell = Cell::start(1_000).await;
    let replica = cell.replica(|settings| settings.waiting_max = 20);
    replica.at_least(cell.write("a=0").await, soon()).await.unwrap();
    replica.pause();
    let mut last = 0;
    for n in 0..200 {
        last = cell.write(&format!("n{n}={n}")).await;
    }
    let seen = replica.seen();
    sleep(millis(5_000)).await;
    let lag = replica.lag();
    assert!(lag.is_full && (20..200).contains(&lag.waiting), "{lag:?}");
    assert!(lag.received < last && replica.seen().revision == seen.revision);
    assert!(replica.seen().age_ms >= 5_000);
    replica.resume();
    let seen = replica.at_least(last, Instant::now() + millis(60_000)).await.unwrap();
    assert_eq!(note(&seen.state, "n199").as_deref(), Some("199"));
    until("young again", || replica.seen().age_ms < 1_000).await;
}
