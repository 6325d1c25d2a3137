//! Whole cells, each from one seed.
//!
//! `SIM_SEED=7` runs one seed and prints what happened, `SIM_SEEDS=100..300` a range, `SIM_SECONDS=60` longer runs;
//! `SIM_LOG=cluster=debug` shows what the nodes log.

#![expect(clippy::print_stderr, reason = "tests")]

mod bugs;
mod clocks;
mod repeat;
mod seeds;
mod wires;

use std::sync::Mutex;
use std::time::Duration;
use std::{env, thread};

use sim::{Report, Settings};

/// Runs seeds on two threads; gives their reports in the order of the seeds.
fn run_all(seeds: impl IntoIterator<Item = u64>, settings: &Settings) -> Vec<Report> {
    let seeds: Vec<u64> = seeds.into_iter().collect();
    let (left, reports) = (Mutex::new(seeds.into_iter()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some(seed) = left.lock().expect("no panic").next() else { return };
                    let report = sim::run(seed, settings);
                    if !report.violations.is_empty() {
                        eprintln!("{report}");
                    }
                    reports.lock().expect("no panic").push(report);
                }
            });
        }
    });
    let mut reports = reports.into_inner().expect("no panic");
    reports.sort_by_key(|report| report.seed);
    reports
}

fn number(variable: &str) -> Option<u64> {
    env::var(variable).ok()?.parse().ok()
}

/// The seeds that are asked for, or else these.
fn seeds(usual: impl IntoIterator<Item = u64>) -> Vec<u64> {
    if let Some(seed) = number("SIM_SEED") {
        return vec![seed];
    }
    let Ok(range) = env::var("SIM_SEEDS") else { return usual.into_iter().collect() };
    let (from, to) = range.split_once("..").expect("SIM_SEEDS is a range: 100..300");
    (from.parse().expect("a number")..to.parse().expect("a number")).collect()
}

fn settings() -> Settings {
    if let Ok(filter) = env::var("SIM_LOG") {
        let log = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false);
        // Another test may have been first.
        let _ = log.without_time().try_init();
    }
    let mut settings = Settings::default();
    if let Some(seconds) = number("SIM_SECONDS") {
        settings.duration = Duration::from_secs(seconds);
    }
    settings
}

/// No promise was broken, and enough was answered in every run.
fn kept(reports: &[Report], answered_min: u64) {
    let bad: Vec<String> =
        reports.iter().filter(|r| !r.violations.is_empty()).map(|r| r.to_string()).collect();
    assert!(bad.is_empty(), "{} of {} runs:\n{}", bad.len(), reports.len(), bad.join("\n"));
    for report in reports {
        assert!(report.count("answered") >= answered_min, "too little was done: {report}");
    }
}
