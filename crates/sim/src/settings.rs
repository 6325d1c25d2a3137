//! What a run is told, and what it draws from its seed.

use std::fmt;
use std::time::Duration;

use lag::{Class, Distribution, Plan, Scope};

use crate::chance::Chance;

/// The bound on clocks that a simulated cell is made with: far more than real clocks need, so that it matters within
/// seconds.
pub(crate) const DRIFT_PPM: u64 = 50_000;

/// The greatest age of a view that a simulated cell decides by at first, milliseconds: short enough that leases run out
/// often.
pub(crate) const MAX_STALENESS_MS: u64 = 1_500;

/// What a run is told.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Simulated time with traffic and faults; healing comes after it.
    pub duration: Duration,
    /// Clients that ask one thing after the other; a warden, who waits for barriers, comes besides.
    pub clients: u64,
    /// Keep every line of the trace, to compare two runs or to see what happened.
    pub keep_lines: bool,
    /// What connects the nodes.
    pub layer: Layer,
    /// A fault built in on purpose, to see the checkers find it.
    pub bug: Option<Bug>,
}

/// What connects the nodes of a simulated cell.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Layer {
    /// Whole messages, handed over as they are: the faster one.
    #[default]
    Messages,
    /// The product's own gRPC, on wires that carry bytes.
    Wires,
}

/// Faults built in on purpose. Each lives in the simulation's own wrappers, never in the product.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bug {
    /// A strong read does not ask the leader.
    StaleStrongRead,
    /// A write is answered as done when its fate is unknown.
    AckUnknown,
    /// A replica's answer claims to be half as old as it is.
    AgeHalved,
    /// A disk says it synced and did not.
    LyingSync,
    /// A node decides by what it shows, whether or not it may.
    LeaseIgnored,
    /// A barrier is called reached at once.
    BarrierEarly,
    /// A revision that is past is answered from what is visible now.
    ExactFromNow,
    /// Leaders count on new terms before every node decides on them.
    TermsSettledEarly,
}

impl Bug {
    /// All of them.
    pub const ALL: [Bug; 8] = [
        Bug::StaleStrongRead,
        Bug::AckUnknown,
        Bug::AgeHalved,
        Bug::LyingSync,
        Bug::LeaseIgnored,
        Bug::BarrierEarly,
        Bug::ExactFromNow,
        Bug::TermsSettledEarly,
    ];

    /// As it is written on a command line.
    pub fn name(self) -> &'static str {
        match self {
            Bug::StaleStrongRead => "stale-strong-read",
            Bug::AckUnknown => "ack-unknown",
            Bug::AgeHalved => "age-halved",
            Bug::LyingSync => "lying-sync",
            Bug::LeaseIgnored => "lease-ignored",
            Bug::BarrierEarly => "barrier-early",
            Bug::ExactFromNow => "exact-from-now",
            Bug::TermsSettledEarly => "terms-settled-early",
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            duration: Duration::from_secs(20),
            clients: 5,
            keep_lines: false,
            layer: Layer::default(),
            bug: None,
        }
    }
}

/// What a run draws from its seed before it begins.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The replica's plan.
    pub lag: Plan,
    /// The longest that a message takes in fair weather, milliseconds.
    pub delay_ms: u64,
    /// Messages lost in fair weather, in a million.
    pub loss_ppm: u64,
    /// How far the voters' wall clocks are apart at most, milliseconds.
    pub skew_ms: u64,
    /// How far every node's monotonic clock runs off at most, parts per million; within the cell's bound.
    pub drift_ppm: u64,
}

impl Drawn {
    /// The lag that a share of the delays does not exceed, microseconds.
    pub(crate) fn lag_us(&self, share: f64) -> u64 {
        self.lag.law(Class::Identity).quantile(share)
    }

    pub(crate) fn from(chance: &Chance) -> Self {
        Drawn {
            lag: Plan { scope: Scope::Whole(law(chance)), seed: chance.throw() },
            delay_ms: 1 + chance.below(8),
            loss_ppm: chance.pick(&[0, 0, 20, 200]),
            skew_ms: chance.pick(&[0, 50, 5_000]),
            drift_ppm: chance.pick(&[0, 500, DRIFT_PPM]),
        }
    }
}

/// Nothing in two runs of five, otherwise any law; delays are well below the patience of a run that heals.
fn law(chance: &Chance) -> Distribution {
    let delay_us = 1000 * (50 + chance.below(950));
    match chance.below(10) {
        0..4 => Distribution::None,
        4 => Distribution::Fixed { delay_us },
        5 => Distribution::Uniform { min_us: delay_us / 10, max_us: delay_us },
        6 => Distribution::Normal { mean_us: delay_us, sd_us: delay_us / 2 },
        7 => Distribution::LogNormal { median_us: delay_us / 2, sigma: 0.5 },
        8 => Distribution::Exponential { mean_us: delay_us / 4 },
        _ => Distribution::Pareto { scale_us: delay_us / 4, shape: 3.0 },
    }
}

impl fmt::Display for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Drawn { lag, delay_ms, loss_ppm, skew_ms, drift_ppm } = self;
        write!(
            f,
            "lag {lag}, delay <= {delay_ms} ms, loss {loss_ppm} ppm, skew {skew_ms} ms, drift {drift_ppm} ppm"
        )
    }
}
