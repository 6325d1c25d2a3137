//! What is counted at the door, and the page that Prometheus reads it from.

use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cluster::Seen;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

/// The media type of the page.
pub(crate) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// By operation and outcome. Both come from closed sets, so a caller cannot make labels without
/// end.
#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Outcome {
    protocol: &'static str,
    operation: &'static str,
    code: String,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Operation {
    operation: &'static str,
}

/// The door's own figures, in a registry that may hold those of the node as well.
pub(crate) struct Metrics {
    registry: Mutex<Registry>,
    requests: Family<Outcome, Counter>,
    seconds: Family<Operation, Histogram, fn() -> Histogram>,
    pub(crate) in_flight: Gauge,
    pub(crate) connections: Gauge,
    pub(crate) shed: Counter,
    pub(crate) panics: Counter,
    revision: Gauge<u64, AtomicU64>,
    age: Gauge<f64, AtomicU64>,
}

impl Metrics {
    /// Puts the door's figures beside what the registry has.
    pub(crate) fn new(registry: Registry) -> Self {
        let metrics = Metrics {
            registry: Mutex::new(registry),
            requests: Family::default(),
            seconds: Family::new_with_constructor(histogram),
            in_flight: Gauge::default(),
            connections: Gauge::default(),
            shed: Counter::default(),
            panics: Counter::default(),
            revision: Gauge::default(),
            age: Gauge::default(),
        };
        metrics.register();
        metrics
    }

    fn register(&self) {
        let mut registry = self.registry();
        let registry = registry.sub_registry_with_prefix("bailiwick");
        let help = "Calls answered, by protocol, operation and error code (OK for none)";
        registry.register("requests", help, self.requests.clone());
        let help = "Time from a call's last byte in to its first byte out";
        registry.register_with_unit("request", help, Unit::Seconds, self.seconds.clone());
        registry.register("calls_in_flight", "Calls under way", self.in_flight.clone());
        registry.register("connections", "Connections open", self.connections.clone());
        registry.register("calls_shed", "Calls told to slow down", self.shed.clone());
        registry.register("panics", "Calls that failed by a panic", self.panics.clone());
        registry.register("visible_revision", "Revision visible here", self.revision.clone());
        let help = "Upper bound of the age of what is visible here";
        registry.register_with_unit("visible_age", help, Unit::Seconds, self.age.clone());
    }

    /// Counts an answered call; `code` is the error code, or `OK`.
    pub(crate) fn answered(
        &self,
        protocol: &'static str,
        operation: &'static str,
        code: &str,
        took: Duration,
    ) {
        let outcome = Outcome { protocol, operation, code: code.to_owned() };
        self.requests.get_or_create(&outcome).inc();
        self.seconds.get_or_create(&Operation { operation }).observe(took.as_secs_f64());
    }

    /// The page, as of now.
    pub(crate) fn page(&self, seen: &Seen) -> String {
        self.revision.set(seen.revision);
        let age = if seen.age_ms == u64::MAX { f64::INFINITY } else { seen.age_ms as f64 / 1e3 };
        self.age.set(age);
        let mut page = String::new();
        // INVARIANT: writing to a string does not fail.
        text::encode(&mut page, &self.registry()).expect("a string takes any text");
        page
    }

    fn registry(&self) -> MutexGuard<'_, Registry> {
        self.registry.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// From 50 µs to 26 s, each bucket twice as wide as the one before.
fn histogram() -> Histogram {
    Histogram::new(exponential_buckets(0.000_05, 2.0, 20))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn the_page_holds_the_doors_figures_and_the_nodes() {
        let mut registry = Registry::default();
        let of_node: Counter = Counter::default();
        registry.register("elections", "Elections", of_node);
        let metrics = Metrics::new(registry);
        metrics.answered("query", "GetUser", "NoSuchEntity", Duration::from_millis(3));
        let seen = Seen {
            state: Arc::default(),
            revision: 7,
            age_ms: 1500,
            served_by: Arc::from("1"),
            lease: cluster::Lease::Held,
            ordering: cluster::Ordering::Prefix,
        };
        let page = metrics.page(&seen);
        for line in [
            "elections_total 0",
            r#"bailiwick_requests_total{protocol="query",operation="GetUser","#,
            r#"code="NoSuchEntity"} 1"#,
            "bailiwick_request_seconds_count{operation=\"GetUser\"} 1",
            "bailiwick_visible_revision 7",
            "bailiwick_visible_age_seconds 1.5",
        ] {
            assert!(page.contains(line), "{line} is not in\n{page}");
        }
    }
}
