//! Clocks that run a little too fast or too slow.

use std::time::Duration;

use cluster::{Clock, TimerClock};

/// A clock whose monotonic time does not run at the true rate. Timers do: what a node proves, it proves by its clock.
pub(crate) struct DriftingClock {
    pub(crate) clock: TimerClock,
    /// One million is the true rate.
    pub(crate) rate_ppm: u64,
}

impl Clock for DriftingClock {
    fn wall_ms(&self) -> u64 {
        self.clock.wall_ms()
    }

    fn monotonic(&self) -> Duration {
        let true_us = u64::try_from(self.clock.monotonic().as_micros()).unwrap_or(u64::MAX);
        Duration::from_micros(true_us.saturating_mul(self.rate_ppm) / 1_000_000)
    }
}
