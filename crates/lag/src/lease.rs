//! How long a node may decide by what it shows.

use model::State;

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

/// The greatest drift that terms can allow for: a tenth.
pub const MAX_DRIFT_PPM: u32 = 100_000;

impl Default for Terms {
    /// Five seconds; 500 ppm is far beyond what clocks of machines in order do.
    fn default() -> Self {
        Terms { max_staleness_us: 5_000_000, drift_ppm: 500 }
    }
}

impl Terms {
    /// The terms of the cell of a state; the defaults for what it does not say, and before there is a cell.
    pub fn of(state: &State) -> Self {
        let default = Terms::default();
        let Some(cell) = state.cell() else { return default };
        Terms {
            max_staleness_us: match cell.max_staleness_ms {
                0 => default.max_staleness_us,
                millis => millis.saturating_mul(1_000),
            },
            drift_ppm: match cell.clock_drift_ppm {
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
