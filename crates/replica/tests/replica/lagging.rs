//! A lag plan delays what is seen, and nothing else.

use lag::Plan;
use tokio::time::{Instant, sleep};

use cluster::Backend;

use crate::support::{Cell, millis, note, soon, until};

const FIXED: Plan = Plan::Fixed { delay_us: 400_000 };

#[tokio::test(start_paused = true)]
async fn a_fixed_plan_shows_everything_late_by_as_much() {
    let cell = Cell::start(1_000).await;
    let replica = cell.replica(|settings| settings.plan = FIXED);
    assert_eq!(replica.plan(), FIXED);
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
    let replica = cell.replica(|settings| settings.plan = FIXED);
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
    let replica = cell.replica(|settings| settings.plan = FIXED);
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
