//! What a run is told, and what it draws from its seed.

use std::fmt;
use std::time::Duration;

use lag::{Class, Distribution, Plan, Scope};

use crate::bug::Bug;
use crate::chance::Chance;

/// The bound on clocks that a simulated cell is made with: far more than real clocks need, so that it matters within
/// seconds.
pub(crate) const DRIFT_PPM: u64 = 50_000;

/// How far clocks run off that are astray: a lease by the slowest lasts more than twice as long as it should.
const ASTRAY_PPM: u64 = 600_000;

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
    /// Every run has clocks that run off farther than the cell's bound, not only one in ten.
    pub clocks_astray: bool,
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

impl Default for Settings {
    fn default() -> Self {
        Settings {
            duration: Duration::from_secs(20),
            clients: 5,
            keep_lines: false,
            layer: Layer::default(),
            bug: None,
            clocks_astray: false,
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
    /// How far every node's monotonic clock runs off at most, parts per million. Beyond the cell's bound, what is
    /// promised by clocks may break ([`crate::check::BY_CLOCKS`]), and nothing else.
    pub drift_ppm: u64,
}

impl Drawn {
    /// No delay of a class that clients change is shorter.
    pub(crate) fn lag_min(&self) -> Duration {
        Duration::from_micros(self.lags_us(1e-6).into_iter().min().unwrap_or(0))
    }

    /// Nearly no delay is longer.
    pub(crate) fn lag_max(&self) -> Duration {
        Duration::from_micros(self.lags_us(0.999).into_iter().max().unwrap_or(0))
    }

    fn lags_us(&self, share: f64) -> [u64; 2] {
        [Class::Identity, Class::Credential].map(|class| self.lag.law(class).quantile(share))
    }

    /// Whether clocks run off farther than the cell was told they do.
    pub(crate) fn is_astray(&self) -> bool {
        self.drift_ppm > DRIFT_PPM
    }

    pub(crate) fn from(chance: &Chance, settings: &Settings) -> Self {
        let drawn = Drawn {
            lag: Plan { scope: scope(chance), seed: chance.throw() },
            delay_ms: 1 + chance.below(8),
            loss_ppm: chance.pick(&[0, 0, 20, 200]),
            skew_ms: chance.pick(&[0, 50, 5_000]),
            drift_ppm: match chance.below(10) {
                0..3 => 0,
                3..6 => 500,
                6..9 => DRIFT_PPM,
                _ => ASTRAY_PPM,
            },
        };
        match settings.clocks_astray {
            true => Drawn { drift_ppm: ASTRAY_PPM, ..drawn },
            false => drawn,
        }
    }
}

/// In one run of four each class has a law of its own.
fn scope(chance: &Chance) -> Scope {
    match chance.below(4) {
        0 => Scope::Classes(Class::ALL.map(|class| match class {
            Class::Credential | Class::Identity => law(chance),
            Class::Account | Class::Policy => Distribution::None,
        })),
        _ => Scope::Whole(law(chance)),
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
