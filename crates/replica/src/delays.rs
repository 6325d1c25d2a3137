//! How late what is written becomes visible here, for Prometheus.

use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// Histograms of the delays of revisions that changed something and came by the feed one by one; those of a snapshot
/// are not known.
#[derive(Debug)]
pub(crate) struct Delays {
    since_commit: Histogram,
    since_received: Histogram,
}

impl Default for Delays {
    fn default() -> Self {
        // From 1 ms to more than an hour, each bucket twice as wide as the one before.
        let histogram = || Histogram::new(exponential_buckets(0.001, 2.0, 23));
        Delays { since_commit: histogram(), since_received: histogram() }
    }
}

impl Delays {
    /// A revision has become visible.
    pub(crate) fn observe(&self, delay_us: u64, committed_ms: u64, wall_ms: u64) {
        self.since_commit.observe(wall_ms.saturating_sub(committed_ms) as f64 / 1e3);
        self.since_received.observe(delay_us as f64 / 1e6);
    }

    pub(crate) fn register(&self, registry: &mut Registry) {
        let registry = registry.sub_registry_with_prefix("bailiwick");
        let help = "Time from a revision's stamp, by its leader's clock, to when it is visible here, by this node's: \
                    only as good as the two clocks agree";
        let since_commit = self.since_commit.clone();
        registry.register_with_unit("visibility_delay", help, Unit::Seconds, since_commit);
        let help = "Time from when a revision is received here to when it is visible, by this node's monotonic clock";
        let since_received = self.since_received.clone();
        registry.register_with_unit("lag_delay", help, Unit::Seconds, since_received);
    }
}
