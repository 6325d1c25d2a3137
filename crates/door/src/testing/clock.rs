//! A clock that is moved by hand.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cluster::Clock;

/// Stands still until it is moved.
#[derive(Debug)]
pub struct ManualClock(AtomicU64);

impl ManualClock {
    /// A clock that shows a time, milliseconds since the Unix epoch.
    pub fn at(wall_ms: u64) -> Self {
        ManualClock(AtomicU64::new(wall_ms))
    }

    /// Moves on.
    pub fn advance(&self, by: Duration) {
        let by_ms = u64::try_from(by.as_millis()).unwrap_or(u64::MAX);
        self.0.fetch_add(by_ms, Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn wall_ms(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(self.wall_ms())
    }
}
