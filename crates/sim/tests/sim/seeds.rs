//! Many seeds, no violation, and faults of every kind among them.

use std::collections::BTreeMap;
use std::ops::Range;
use std::{env, fs};

use crate::{kept, run_all, seeds, settings};

/// Runs when nothing else is asked for.
const SEEDS: Range<u64> = 0..20;

/// Seeds that found something once: docs/reliability.md, track record.
const FOUND: [u64; 1] = [24];

/// What every run must have done; a cell that does nothing has nothing to show.
const ANSWERED_MIN: u64 = 200;

/// What must have happened in some run.
const COVERED: [&str; 29] = [
    "all crashed",
    "answered",
    "answered by class",
    "barrier reached",
    "checkpoint lost",
    "crashed in a sync",
    "fate unknown",
    "leader asked to hand over",
    "leader crashed",
    "leader isolated",
    "lease run out",
    "message lost",
    "nothing done",
    "one crashed",
    "pair cut",
    "replica deafened",
    "replica isolated",
    "replica muted",
    "replica paused",
    "replica restarted",
    "slow network",
    "snapshot offered",
    "stopped: fsync failed",
    "stopped: no space",
    "stopped: write failed",
    "storm",
    "two crashed",
    "voter deafened",
    "voter muted",
];

#[test]
fn no_seed_breaks_a_promise() {
    let (seeds, mut settings) = (seeds(SEEDS.chain(FOUND)), settings());
    settings.keep_lines = seeds.len() == 1;
    let reports = run_all(seeds, &settings);
    if let [only] = reports.as_slice() {
        eprintln!("{only}");
        if let Ok(file) = env::var("SIM_TRACE") {
            fs::write(file, only.lines.concat()).expect("SIM_TRACE names a file to write");
        }
    }
    kept(&reports, ANSWERED_MIN);
    if reports.len() >= 20 {
        covered(&reports);
    }
}

fn covered(reports: &[sim::Report]) {
    let mut total: BTreeMap<&str, u64> = BTreeMap::new();
    for (what, count) in reports.iter().flat_map(|report| &report.counts) {
        *total.entry(what).or_default() += count;
    }
    eprintln!("{total:#?}");
    let missing: Vec<_> = COVERED.iter().filter(|what| !total.contains_key(*what)).collect();
    assert!(missing.is_empty(), "never happened: {missing:?}");
}
