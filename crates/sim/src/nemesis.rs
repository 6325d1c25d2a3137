//! Faults: one hand at the network, one at the power, one at the lag; and the operator's, at the terms.

mod lag;
mod network;
mod power;
mod terms;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::cell::Cell;
use crate::chance::Chance;

/// What every hand has.
pub(crate) struct Hand {
    pub(crate) cell: Arc<Cell>,
    pub(crate) chance: Chance,
    pub(crate) over: Arc<AtomicBool>,
}

impl Hand {
    /// Breaks connections, until the run is over; leaves them whole.
    pub(crate) async fn at_the_network(self) {
        while self.rest(200..2000).await {
            self.trouble_the_network().await;
        }
    }

    /// Cuts power, until the run is over; leaves it on.
    pub(crate) async fn at_the_power(self) {
        while self.rest(300..2500).await {
            self.trouble_the_nodes().await;
        }
    }

    /// Pauses replicas, until the run is over; leaves them going on.
    pub(crate) async fn at_the_lag(self) {
        while self.rest(500..6000).await {
            self.pause_a_replica().await;
        }
    }

    /// Waits for a time, unless the run is over before; true when it is not.
    async fn rest(&self, millis: std::ops::Range<u64>) -> bool {
        let until = Instant::now() + self.chance.millis(millis);
        while Instant::now() < until && !self.is_over() {
            let step = until.saturating_duration_since(Instant::now());
            sleep(step.min(Duration::from_millis(100))).await;
        }
        !self.is_over()
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}
