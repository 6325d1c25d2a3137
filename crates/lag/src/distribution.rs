//! The laws that delays are drawn by.

mod text;

use libm::{erfc, exp, log, pow};
use rand::{Rng, RngExt};
use rand_distr::{Distribution as _, Exp1, StandardNormal};

use crate::MAX_DELAY_US;

/// The law of a delay. Every draw is cut to 0..=[`MAX_DELAY_US`].
///
/// Parameters in microseconds, but `sigma` and `shape`, which have no unit.
#[derive(Clone, PartialEq, Default, Debug)]
pub enum Distribution {
    /// At once.
    #[default]
    None,
    /// Always the same.
    Fixed {
        /// The delay.
        delay_us: u64,
    },
    /// Each delay between two bounds as likely as another.
    Uniform {
        /// The shortest.
        min_us: u64,
        /// The longest.
        max_us: u64,
    },
    /// Normal; what falls below 0 is 0.
    Normal {
        /// The mean, before the cut.
        mean_us: u64,
        /// The standard deviation, before the cut.
        sd_us: u64,
    },
    /// The logarithm of the delay is normal.
    LogNormal {
        /// Half of the delays are shorter.
        median_us: u64,
        /// Standard deviation of the delay's natural logarithm.
        sigma: f64,
    },
    /// Memoryless.
    Exponential {
        /// The mean.
        mean_us: u64,
    },
    /// A heavy tail: a delay of `scale × a` or more has the probability `a^-shape`.
    Pareto {
        /// The shortest delay.
        scale_us: u64,
        /// The smaller, the heavier the tail.
        shape: f64,
    },
    /// Delays that were measured elsewhere, one after the other, and again from the first.
    Trace {
        /// The delays, microseconds; at least one.
        delays_us: Vec<u64>,
    },
}

impl Distribution {
    /// Draws a delay, microseconds; `nth` counts the draws before this one.
    ///
    /// The functions of `libm` and a portable generator give the same sequence on every machine.
    pub(crate) fn draw(&self, rng: &mut impl Rng, nth: u64) -> u64 {
        let normal = |rng: &mut _| -> f64 { StandardNormal.sample(rng) };
        let waited = |rng: &mut _| -> f64 { Exp1.sample(rng) };
        let delay_us = match self {
            Distribution::None => return 0,
            Distribution::Fixed { delay_us } => return *delay_us,
            Distribution::Uniform { min_us, max_us } => {
                return rng.random_range(*min_us..=*max_us);
            }
            Distribution::Trace { delays_us } => {
                let at = nth % (delays_us.len() as u64).max(1);
                let delay_us = usize::try_from(at).ok().and_then(|at| delays_us.get(at));
                return delay_us.map_or(0, |delay_us| (*delay_us).min(MAX_DELAY_US));
            }
            Distribution::Normal { mean_us, sd_us } => {
                *mean_us as f64 + *sd_us as f64 * normal(rng)
            }
            Distribution::LogNormal { median_us, sigma } => {
                *median_us as f64 * exp(sigma * normal(rng))
            }
            Distribution::Exponential { mean_us } => *mean_us as f64 * waited(rng),
            Distribution::Pareto { scale_us, shape } => *scale_us as f64 * exp(waited(rng) / shape),
        };
        // A conversion from floating point stops at the bounds of the integer.
        (libm::round(delay_us) as u64).min(MAX_DELAY_US)
    }

    /// The declared probability that a delay is at most `delay_us`.
    pub fn cdf(&self, delay_us: f64) -> f64 {
        if delay_us < 0.0 {
            return 0.0;
        }
        if delay_us >= MAX_DELAY_US as f64 {
            return 1.0;
        }
        let step = |at_us: u64| if delay_us >= at_us as f64 { 1.0 } else { 0.0 };
        match self {
            Distribution::None => 1.0,
            Distribution::Fixed { delay_us } => step(*delay_us),
            Distribution::Uniform { min_us, max_us } if min_us == max_us => step(*min_us),
            Distribution::Uniform { min_us, max_us } => {
                ((delay_us - *min_us as f64) / (max_us - min_us) as f64).clamp(0.0, 1.0)
            }
            Distribution::Normal { mean_us, sd_us: 0 } => step(*mean_us),
            Distribution::Normal { mean_us, sd_us } => {
                phi((delay_us - *mean_us as f64) / *sd_us as f64)
            }
            Distribution::LogNormal { .. } | Distribution::Pareto { .. } if delay_us == 0.0 => 0.0,
            Distribution::LogNormal { median_us, sigma } => {
                phi(log(delay_us / *median_us as f64) / sigma)
            }
            Distribution::Exponential { mean_us } => 1.0 - exp(-delay_us / *mean_us as f64),
            Distribution::Pareto { scale_us, shape } => {
                (1.0 - pow(*scale_us as f64 / delay_us, *shape)).max(0.0)
            }
            Distribution::Trace { delays_us } => {
                let within = delays_us.iter().filter(|delay| **delay as f64 <= delay_us).count();
                within as f64 / delays_us.len().max(1) as f64
            }
        }
    }

    /// The shortest delay, whole microseconds, that a share `p` of the delays does not exceed: by halving, since the
    /// probability only grows.
    pub fn quantile(&self, p: f64) -> u64 {
        let (mut low, mut high) = (0, MAX_DELAY_US);
        while low < high {
            let middle = low + (high - low) / 2;
            if self.cdf(middle as f64) >= p {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        low
    }
}

/// The cumulative distribution of the standard normal.
fn phi(z: f64) -> f64 {
    0.5 * erfc(-z / std::f64::consts::SQRT_2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{Draws, Fit, MAX_DELAY_US, Plan, critical_distance};

    /// What is drawn follows what is declared: the distance stays below what chance exceeds once in a hundred runs,
    /// and the seed is one.
    #[test]
    fn what_is_drawn_follows_what_is_declared() {
        for text in [
            "none",
            "fixed:400ms",
            "uniform:min=1s,max=3s",
            "uniform:min=2s,max=2s",
            "normal:mean=2s,sd=500ms",
            "normal:mean=1s,sd=2s",
            "lognormal:median=4s,sigma=0.5",
            "lognormal:median=20m,sigma=2",
            "exponential:mean=3s",
            "pareto:scale=1s,shape=1.5",
            "pareto:scale=10m,shape=0.5",
            "trace:1s,4s,2s,4s",
        ] {
            let plan: Plan = text.parse().unwrap();
            let law = plan.law(crate::Class::Identity).clone();
            let mut draws = Draws::new(&plan);
            let drawn: Vec<u64> = (0..5_000).map(|_| draws.whole(&plan)).collect();
            assert!(drawn.iter().all(|delay_us| *delay_us <= MAX_DELAY_US), "{text}");
            let fit = Fit::new(&law, &drawn, 1);
            assert!(fit.distance < critical_distance(drawn.len()), "{text}: {}", fit.distance);
        }
    }

    #[test]
    fn another_law_is_told_from_the_declared_one() {
        let plan: Plan = "lognormal:median=4s,sigma=0.5".parse().unwrap();
        let mut draws = Draws::new(&plan);
        let drawn: Vec<u64> = (0..200).map(|_| draws.whole(&plan)).collect();
        for other in ["lognormal:median=5s,sigma=0.5", "exponential:mean=4s", "fixed:4s", "none"] {
            let other: Plan = other.parse().unwrap();
            let fit = Fit::new(other.law(crate::Class::Policy), &drawn, 25_000);
            assert!(fit.distance > critical_distance(drawn.len()), "{other}: {}", fit.distance);
        }
    }

    /// Held down as numbers, so that another machine or another version of a library that draws otherwise is noticed.
    #[test]
    fn one_seed_gives_one_sequence_everywhere() {
        let drawn = |text: &str| -> Vec<u64> {
            let plan: Plan = text.parse().unwrap();
            let mut draws = Draws::new(&plan);
            (0..4).map(|_| draws.whole(&plan)).collect()
        };
        for (text, expected) in [
            ("uniform:min=1s,max=3s;seed=7", [2_175_280, 1_012_582, 2_003_754, 2_361_452]),
            ("normal:mean=2s,sd=500ms;seed=7", [2_127_479, 2_111_489, 1_402_007, 2_864_315]),
            ("lognormal:median=4s,sigma=0.5;seed=7", [4_543_845, 4_471_767, 2_199_658, 9_493_515]),
            ("exponential:mean=3s;seed=7", [2_687_220, 1_979, 1_301_023, 759_061]),
            ("pareto:scale=1s,shape=1.5;seed=7", [1_816_951, 1_000_440, 1_335_247, 1_183_742]),
            ("trace:1s,2s,3s", [1_000_000, 2_000_000, 3_000_000, 1_000_000]),
        ] {
            assert_eq!(drawn(text), expected, "{text}");
        }
        assert_ne!(drawn("exponential:mean=3s;seed=7"), drawn("exponential:mean=3s;seed=8"));
    }

    proptest! {
        #[test]
        fn a_quantile_is_where_its_share_is_reached(p in 0.001_f64..0.999) {
            for text in ["normal:mean=1s,sd=2s", "lognormal:median=4s,p99=20s", "pareto:scale=1s,shape=1.5",
                "exponential:mean=3s", "uniform:min=1s,max=3s", "fixed:1s", "trace:1s,4s,2s"] {
                let plan: Plan = text.parse().unwrap();
                let law = plan.law(crate::Class::Account);
                let at = law.quantile(p);
                prop_assert!(law.cdf(at as f64) >= p, "{text}");
                prop_assert!(at == 0 || law.cdf(at as f64 - 1.0) < p, "{text}");
            }
        }
    }

    #[test]
    fn a_99th_percentile_stands_for_a_sigma() {
        let plan: Plan = "lognormal:median=4s,p99=20s".parse().unwrap();
        let p99 = plan.law(crate::Class::Policy).quantile(0.99);
        assert!(p99.abs_diff(20_000_000) < 1_000, "{p99}");
    }
}
