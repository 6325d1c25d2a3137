//! The clock that a follower's ages are counted by.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// What a follower reads the time from; a test moves one by hand.
pub trait Clock: Send + Sync + 'static {
    /// Milliseconds since the Unix epoch, for conditions on the time of day. May jump.
    fn wall_ms(&self) -> u64;

    /// Time since some fixed moment. Never goes back; ages are counted by it alone.
    fn monotonic(&self) -> Duration;
}

/// The machine's clocks.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        SystemClock { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn wall_ms(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }
}
