//! How well measured delays follow a declared law: the distance of Kolmogorov and Smirnov.
//!
//! Source: N. Smirnov, "Table for estimating the goodness of fit of empirical distributions" (1948); for few samples
//! M. A. Stephens, "EDF statistics for goodness of fit and some comparisons" (1974).

use crate::Distribution;

/// Chance exceeds the distance of this many root-samples once in a hundred times.
const ONE_IN_A_HUNDRED: f64 = 1.628;

/// Measured delays beside a declared law.
#[derive(Clone, PartialEq, Debug)]
pub struct Fit {
    /// The measured delays, microseconds, shortest first.
    pub measured_us: Vec<u64>,
    /// The greatest distance between the two cumulative distributions.
    pub distance: f64,
}

impl Fit {
    /// Compares. What is measured is a little later than what was drawn: a timer wakes late, a thread waits its turn.
    /// `slack_us` is how much of that is no difference: where the measured curve runs between the declared one and the
    /// declared one moved that much later, the distance is none.
    pub fn new(law: &Distribution, measured_us: &[u64], slack_us: u64) -> Self {
        let mut measured_us = measured_us.to_vec();
        measured_us.sort_unstable();
        let count = measured_us.len() as f64;
        let mut distance: f64 = 0.0;
        for (at, delay_us) in measured_us.iter().enumerate() {
            let (before, after) = (at as f64 / count, (at + 1) as f64 / count);
            // Between two samples the measured curve is level and the declared one climbs: the ends suffice. A sample
            // has whole microseconds, so just before it is half of one before.
            let delay_us = *delay_us as f64;
            let too_early = after - law.cdf(delay_us);
            let too_late = law.cdf(delay_us - slack_us as f64 - 0.5) - before;
            distance = distance.max(too_early).max(too_late);
        }
        Fit { measured_us, distance }
    }

    /// The shortest measured delay, microseconds, that a share `p` of them does not exceed; 0 when there are none.
    pub fn quantile(&self, p: f64) -> u64 {
        let wanted = libm::ceil(p * self.measured_us.len() as f64) as usize;
        self.measured_us.get(wanted.saturating_sub(1)).copied().unwrap_or(0)
    }

    /// The share of the measured delays that are at most `delay_us`.
    pub fn cdf(&self, delay_us: u64) -> f64 {
        let within = self.measured_us.partition_point(|measured| *measured <= delay_us);
        within as f64 / self.measured_us.len().max(1) as f64
    }
}

/// The distance that chance alone exceeds once in a hundred times, for so many samples of the declared law. Exact
/// enough from about ten samples on; a law with steps is exceeded more rarely.
pub fn critical_distance(samples: usize) -> f64 {
    let root = libm::sqrt(samples as f64);
    (ONE_IN_A_HUNDRED / (root + 0.12 + 0.11 / root)).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAW: Distribution = Distribution::Uniform { min_us: 0, max_us: 1_000 };

    #[test]
    fn the_distance_is_the_greatest_gap() {
        let even: Vec<u64> = (0..10).map(|n| 100 * n + 50).collect();
        let fit = Fit::new(&LAW, &even, 0);
        assert!((fit.distance - 0.05).abs() < 0.001, "{}", fit.distance);
        assert!((Fit::new(&LAW, &[900], 0).distance - 0.9).abs() < 0.001);
        assert!((Fit::new(&LAW, &[100], 0).distance - 0.9).abs() < 0.001);
    }

    #[test]
    fn a_late_timer_is_no_difference_and_an_early_one_is() {
        let law = Distribution::Fixed { delay_us: 1_000 };
        assert_eq!(Fit::new(&law, &[1_000, 1_003, 1_020], 20).distance, 0.0);
        for wrong in [[1_000, 1_003, 1_021], [999, 1_003, 1_020]] {
            assert!((Fit::new(&law, &wrong, 20).distance - 1.0 / 3.0).abs() < 1e-9);
        }
    }

    #[test]
    fn measured_quantiles_and_shares() {
        let fit = Fit::new(&LAW, &[30, 10, 20, 40], 0);
        assert_eq!([0.25, 0.5, 0.99, 1.0].map(|p| fit.quantile(p)), [10, 20, 40, 40]);
        assert_eq!([9, 10, 25, 40].map(|at| fit.cdf(at)), [0.0, 0.25, 0.5, 1.0]);
        let none = Fit::new(&LAW, &[], 0);
        assert_eq!((none.quantile(0.5), none.distance), (0, 0.0));
    }

    /// Stephens' table: 0.356 for 20 samples, 0.163 for 100 (one in a hundred).
    #[test]
    fn critical_distances_are_those_of_the_table() {
        for (samples, expected) in [(20, 0.352), (100, 0.161)] {
            let critical = critical_distance(samples);
            assert!((critical - expected).abs() < 0.004, "{samples}: {critical}");
        }
    }
}
