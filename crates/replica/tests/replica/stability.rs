//! Static stability: what replicas do when every voter is dead.

use cluster::{Backend, Lease};
use tokio::time::{Instant, sleep};

use crate::support::{Cell, VOTERS, millis, note, proposal, soon, until};

const MAX_STALENESS_MS: u64 = 5_000;

#[tokio::test(start_paused = true)]
async fn replicas_go_on_for_as_long_as_they_may_when_all_voters_are_dead() {
    for serves_stale in [false, true] {
        let mut cell = Cell::start(1_000).await;
        let parent = cell.parent(10, &VOTERS, |settings| settings.serves_stale = serves_stale);
        let child = cell.parent(20, &[10], |settings| settings.serves_stale = serves_stale);
        let replicas = [&*parent, &*child];
        let revision = cell.write("a=1").await;
        for replica in replicas {
            replica.at_least(revision, soon()).await.unwrap();
            until("a lease", || replica.seen().lease == Lease::Held).await;
        }
        VOTERS.into_iter().for_each(|id| cell.crash(id));
        let dead = Instant::now();
        // The last question before the end was a report's pause ago, or less.
        while dead.elapsed() < millis(MAX_STALENESS_MS - 300) {
            assert!(replicas.iter().all(|replica| replica.seen().lease == Lease::Held));
            sleep(millis(50)).await;
        }
        sleep((dead + millis(MAX_STALENESS_MS)).saturating_duration_since(Instant::now())).await;
        let after = if serves_stale { Lease::Flagged } else { Lease::Expired };
        for _ in 0..60 {
            for replica in replicas {
                let seen = replica.seen();
                assert_eq!((seen.lease, seen.revision), (after, revision));
                assert_eq!(note(&seen.state, "a").as_deref(), Some("1"));
                assert!(u128::from(seen.age_ms) >= dead.elapsed().as_millis());
            }
            sleep(millis(10_000)).await;
        }
        for replica in replicas {
            assert!(replica.strong(Instant::now() + millis(500)).await.is_err());
            let refused = replica.propose(proposal("b=1"), Instant::now() + millis(500)).await;
            assert!(!refused.unwrap_err().maybe_applied);
        }
    }
}
