//! How long a node may decide by what it shows.

use std::ops::RangeInclusive;

use crate::{State, v1};

/// The terms on which every node of a cell decides (docs/adr/0010-leases-are-ages.md).
///
/// A view that was the newest one at a moment may be decided by for `max_staleness_us` after it, by the clock of the
/// node that shows it. Whoever waits for all nodes waits as long, and a little longer, since clocks differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Terms {
    /// The greatest age of a view that is decided by, microseconds.
    pub max_staleness_us: u64,
    /// By how much a clock may run too fast or too slow at most, parts per million.
    pub drift_ppm: u32,
}

/// How long a view may be decided by, at least and at most, milliseconds. Less is shorter than an election, so that
/// every change of leader would stop all decisions; more is no bound that a revocation could wait for.
pub const MAX_STALENESS_MS: RangeInclusive<u64> = 100..=3_600_000;

/// The greatest drift that terms can allow for: a tenth.
pub const MAX_DRIFT_PPM: u32 = 100_000;

impl Default for Terms {
    /// Five seconds; 500 ppm is far beyond what clocks of machines in order do.
    fn default() -> Self {
        Terms { max_staleness_us: 5_000_000, drift_ppm: 500 }
    }
}

impl Terms {
    /// The terms that a view is decided on: those of the cell; the defaults for what it does not say, and before there
    /// is a cell.
    pub fn of(state: &State) -> Self {
        state.cell().map_or_else(Terms::default, Terms::of_cell)
    }

    /// The same of a cell's record.
    pub fn of_cell(cell: &v1::Cell) -> Self {
        Terms::read(cell.max_staleness_ms, cell.clock_drift_ppm)
    }

    /// The terms that leaders count on: no shorter than those of any view that some node may still decide by.
    pub fn counted(state: &State) -> Self {
        state.cell().map_or_else(Terms::default, Terms::counted_of_cell)
    }

    /// The same of a cell's record.
    pub fn counted_of_cell(cell: &v1::Cell) -> Self {
        let earlier = cell.counted.as_ref();
        earlier.map_or_else(
            || Terms::of_cell(cell),
            |terms| Terms::read(terms.max_staleness_ms, terms.clock_drift_ppm),
        )
    }

    /// The greater of both, each.
    #[must_use]
    pub fn longest(self, other: Terms) -> Self {
        Terms {
            max_staleness_us: self.max_staleness_us.max(other.max_staleness_us),
            drift_ppm: self.drift_ppm.max(other.drift_ppm),
        }
    }

    /// As they are stored.
    pub fn to_record(self) -> v1::Terms {
        let Terms { max_staleness_us, drift_ppm } = self;
        v1::Terms { max_staleness_ms: max_staleness_us / 1_000, clock_drift_ppm: drift_ppm }
    }

    fn read(max_staleness_ms: u64, clock_drift_ppm: u32) -> Self {
        let default = Terms::default();
        Terms {
            max_staleness_us: match max_staleness_ms {
                0 => default.max_staleness_us,
                millis => millis.saturating_mul(1_000),
            },
            drift_ppm: match clock_drift_ppm {
                0 => default.drift_ppm,
                drift => drift,
            },
        }
    }

    /// May a view be decided by that was the newest one at `newest_at_us`, by the same clock?
    pub fn permit(&self, newest_at_us: u64, now_us: u64) -> bool {
        now_us.saturating_sub(newest_at_us) < self.max_staleness_us
    }

    /// After this time by one clock, `max_staleness_us` has passed by every other.
    pub fn outlast_us(&self) -> u64 {
        let drift = u128::from(self.drift_ppm.min(MAX_DRIFT_PPM));
        let longest = u128::from(self.max_staleness_us) * (1_000_000 + drift);
        u64::try_from(longest.div_ceil(1_000_000 - drift)).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_is_decided_by_until_it_is_too_old() {
        let terms = Terms { max_staleness_us: 100, drift_ppm: 0 };
        assert!(terms.permit(50, 149));
        assert!(!terms.permit(50, 150));
        assert!(
            terms.permit(50, 10),
            "a clock that is read twice may give the earlier time second"
        );
    }

    #[test]
    fn a_fast_clock_waits_for_a_slow_one() {
        let terms = Terms { max_staleness_us: 5_000_000, drift_ppm: 500 };
        let true_us = terms.outlast_us() * 1_000_000 / 1_000_500;
        let slow_us = true_us * 999_500 / 1_000_000;
        assert!(slow_us + 1 >= 5_000_000, "{slow_us}");
        assert_eq!(Terms { drift_ppm: 0, ..terms }.outlast_us(), 5_000_000);
        assert!(Terms { drift_ppm: u32::MAX, ..terms }.outlast_us() < 7_000_000);
    }
}
