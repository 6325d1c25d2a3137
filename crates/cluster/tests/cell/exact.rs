//! Reads of what was: exactly, as long as it is retained, and never called younger than it is.

use std::time::Duration;

use cluster::{Backend, HistoryLimits, NotRetained};
use tokio::time::{Instant, sleep};

use crate::support::{Cell, note, soon};

#[tokio::test(start_paused = true)]
async fn every_revision_that_was_visible_is_read_as_it_was() {
    let cell = Cell::start_tuned(3, |settings| settings.history.revisions = 1_000).await;
    let mut states = Vec::new();
    for n in 0..150 {
        let revision = cell.write(1, &format!("k{}={n}", n % 7)).await.unwrap().revision;
        let seen = cell.nodes[&1].at_least(revision, soon()).await.unwrap();
        if seen.revision == revision {
            states.push((n, seen.state));
        }
    }
    assert!(states.len() > 100);
    cell.settle().await;
    for node in cell.nodes.values() {
        for (n, state) in &states {
            let past = node.exact(state.revision()).unwrap();
            assert_eq!(past.revision, state.revision());
            assert_eq!(past.state.digest(), state.digest());
            assert_eq!(past.state.time_ms(), state.time_ms());
            assert_eq!(note(&past.state, &format!("k{}", n % 7)), Some(n.to_string()));
        }
        let next = node.seen().revision + 1;
        assert!(node.exact(next).is_err(), "it is yet to come");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_retained_any_more_is_refused_and_the_oldest_named() {
    let cell = Cell::start_tuned(1, |settings| {
        settings.history = HistoryLimits { revisions: 20, ..settings.history };
    })
    .await;
    let first = cell.write(1, "a=0").await.unwrap().revision;
    assert!(cell.nodes[&1].exact(first).is_ok());
    for n in 0..60 {
        cell.write(1, &format!("a={n}")).await.unwrap();
    }
    let node = &cell.nodes[&1];
    let NotRetained { oldest } = node.exact(first).unwrap_err();
    assert!(oldest + 20 >= node.seen().revision && oldest < node.seen().revision, "{oldest}");
    assert!(node.exact(oldest - 1).is_err());
    assert_eq!(node.exact(oldest).unwrap().revision, oldest);
}

#[tokio::test(start_paused = true)]
async fn nothing_past_is_called_younger_than_it_is() {
    let cell = Cell::start(3).await;
    let mut acknowledged = Vec::new();
    for n in 0..20 {
        let revision = cell.write(2, &format!("a={n}")).await.unwrap().revision;
        acknowledged.push((revision, Instant::now()));
        sleep(Duration::from_millis(130)).await;
    }
    for node in cell.nodes.values() {
        for pair in acknowledged.windows(2) {
            let ((revision, at), (_, next_at)) = (pair[0], pair[1]);
            let age = Duration::from_millis(node.exact(revision).unwrap().age_ms);
            assert!(age >= next_at.elapsed(), "{revision}: {age:?} < {:?}", next_at.elapsed());
            // It was confirmed while it was the newest one, and that is known still.
            assert!(age <= at.elapsed() + Duration::from_millis(1), "{revision}: {age:?}");
        }
    }
}
