//! The simulation finds what it is there to find: each fault built in on purpose shows within a few seeds.

use std::env;
use std::time::Duration;

use sim::{Bug, Settings};

/// The first of some seeds that shows the fault, and how.
fn first_sign(bug: Bug) -> Option<(u64, String)> {
    let settings =
        Settings { duration: Duration::from_secs(10), bug: Some(bug), ..Settings::default() };
    (2000..2020).find_map(|seed| {
        let violations = sim::run(seed, &settings).violations;
        violations.first().map(|first| (seed, first.clone()))
    })
}

#[test]
fn faults_built_in_are_found() {
    if env::var("SIM_SEED").is_ok() {
        return;
    }
    let bugs = [
        (Bug::StaleStrongRead, "C1"),
        (Bug::AckUnknown, "C"),
        (Bug::AgeHalved, "C8"),
        (Bug::LyingSync, ""),
        (Bug::LeaseIgnored, "C10"),
        (Bug::BarrierEarly, "C10"),
        (Bug::ExactFromNow, "C4"),
        (Bug::TermsSettledEarly, "C10"),
    ];
    for (bug, sign) in bugs {
        let found = first_sign(bug);
        eprintln!("{bug:?}: {found:?}");
        let (_, how) = found.unwrap_or_else(|| panic!("{bug:?} was not found"));
        assert!(how.contains(sign), "{bug:?} was found by another sign: {how}");
    }
}
