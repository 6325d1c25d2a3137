//! Clocks, handed in: nothing in this crate asks the machine for the time itself.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// What a node reads the time from.
///
/// Waiting goes through tokio's timer, which a simulation pauses; this trait gives the numbers that
/// are written down.
pub trait Clock: Send + Sync + 'static {
    /// Milliseconds since the Unix epoch. May jump; proves nothing.
    fn wall_ms(&self) -> u64;

    /// Time since some fixed moment. Never goes back; only differences mean anything.
    fn monotonic(&self) -> Duration;
}

impl<C: Clock + ?Sized> Clock for Arc<C> {
    fn wall_ms(&self) -> u64 {
        (**self).wall_ms()
    }

    fn monotonic(&self) -> Duration {
        (**self).monotonic()
    }
}

/// The machine's clocks.
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock whose monotonic time begins now.
    pub fn new() -> Self {
        SystemClock { start: Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the wall clock")]
    fn wall_ms(&self) -> u64 {
        // A machine set to before 1970 gets the epoch: stamps never go back, so nothing breaks.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        since.as_millis().try_into().unwrap_or(u64::MAX)
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }
}

/// A clock that follows tokio's timer from a chosen wall time: with the timer paused, the same in
/// every run.
pub struct TimerClock {
    wall_start_ms: u64,
    start: Instant,
}

impl TimerClock {
    /// A clock that reads `wall_start_ms` now.
    pub fn new(wall_start_ms: u64) -> Self {
        TimerClock { wall_start_ms, start: Instant::now() }
    }
}

impl Clock for TimerClock {
    fn wall_ms(&self) -> u64 {
        self.wall_start_ms + u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }
}
