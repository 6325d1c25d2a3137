//! The simulation finds what it is there to find: each fault built in on purpose shows within a few seeds.

use std::env;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use sim::{Bug, Settings};

/// Seeds in which each fault must show at least once.
const SEEDS: std::ops::Range<u64> = 2000..2020;

/// Each fault, and the checks each of which must find it.
const SIGNS: [(Bug, &[&str]); 11] = [
    // Whatever a lost write shows as.
    (Bug::SkipFsync, &[""]),
    (Bug::AckBeforeQuorum, &["C3"]),
    (Bug::TokenIgnored, &["C7"]),
    (Bug::LagNotEnforced, &["C9"]),
    (Bug::LeaseTooLong, &["C10"]),
    (Bug::ReadIndexWithoutTermCheck, &["C1", "C2"]),
    (Bug::BarrierIgnoresPausedReplica, &["C10"]),
    (Bug::AckUnknown, &["C3"]),
    (Bug::AgeHalved, &["C8"]),
    (Bug::ExactFromNow, &["C4"]),
    (Bug::TermsSettledEarly, &["C10"]),
];

/// The first seed that shows the fault by all its signs, and how.
fn first_sign(bug: Bug, signs: &[&str]) -> Option<(u64, Vec<String>)> {
    let settings =
        Settings { duration: Duration::from_secs(30), bug: Some(bug), ..Settings::default() };
    SEEDS.into_iter().find_map(|seed| {
        let violations = sim::run(seed, &settings).violations;
        let found = |sign: &&str| violations.iter().find(|what| what.starts_with(*sign)).cloned();
        Some((seed, signs.iter().map(found).collect::<Option<Vec<String>>>()?))
    })
}

#[test]
fn faults_built_in_are_found() {
    if env::var("SIM_SEED").is_ok() {
        return;
    }
    assert_eq!(SIGNS.map(|(bug, _)| bug), Bug::ALL);
    let (left, missed) = (Mutex::new(SIGNS.into_iter()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let Some((bug, signs)) = left.lock().expect("no panic").next() else { return };
                    let found = first_sign(bug, signs);
                    eprintln!("{bug}: {found:?}");
                    if found.is_none() {
                        missed.lock().expect("no panic").push(bug);
                    }
                }
            });
        }
    });
    let missed = missed.into_inner().expect("no panic");
    assert!(missed.is_empty(), "not found by their signs in {SEEDS:?}: {missed:?}");
}
