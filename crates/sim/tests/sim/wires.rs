//! The same promises when the nodes speak gRPC, down to the bytes.

use std::ops::Range;

use sim::Layer;

use crate::{kept, run_all, seeds, settings};

/// Runs when nothing else is asked for.
const SEEDS: Range<u64> = 3000..3020;

/// Seeds that found something once: docs/reliability.md, track record.
const FOUND: [u64; 1] = [3089];

/// What every run must have done.
const ANSWERED_MIN: u64 = 100;

#[test]
fn no_seed_breaks_a_promise_on_wires() {
    let (seeds, mut settings) = (seeds(SEEDS.chain(FOUND)), settings());
    settings.layer = Layer::Wires;
    let reports = run_all(seeds, &settings);
    if let [only] = reports.as_slice() {
        eprintln!("{only}");
    }
    kept(&reports, ANSWERED_MIN);
    for report in &reports {
        assert!(report.count("wire connected") >= 8, "the nodes did not connect: {report}");
    }
}
