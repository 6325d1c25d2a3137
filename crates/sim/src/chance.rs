//! Chance as runs use it: every actor has its own, so that one more throw of one changes no other.

use std::ops::Range;
use std::time::Duration;

use cluster::Dice;

/// One actor's chance.
#[derive(Debug)]
pub struct Chance(Dice);

impl Chance {
    /// The chance of an actor in the run of a seed.
    pub fn of(seed: u64, actor: u64) -> Self {
        // Far apart in the space of seeds, so that no two pairs of seed and actor meet.
        Chance(Dice::seeded(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(actor)))
    }

    /// Any number.
    pub fn throw(&self) -> u64 {
        self.0.throw()
    }

    /// A number below `limit`, which is not 0.
    pub fn below(&self, limit: u64) -> u64 {
        self.0.throw() % limit
    }

    /// True so many times in a thousand.
    pub fn permille(&self, times: u64) -> bool {
        self.below(1000) < times
    }

    /// A time in a range of milliseconds.
    pub fn millis(&self, range: Range<u64>) -> Duration {
        Duration::from_millis(range.start + self.below(range.end - range.start))
    }

    /// One of several, which are not none.
    ///
    /// # Panics
    /// There is none.
    pub fn pick<T: Clone>(&self, from: &[T]) -> T {
        let at = self.below(from.len() as u64);
        from[usize::try_from(at).expect("below a length")].clone()
    }

    /// An index, drawn by weights.
    ///
    /// # Panics
    /// All weights are 0.
    pub fn weighed(&self, weights: &[u64]) -> usize {
        let mut left = self.below(weights.iter().sum());
        for (at, weight) in weights.iter().enumerate() {
            match left.checked_sub(*weight) {
                Some(rest) => left = rest,
                None => return at,
            }
        }
        unreachable!("the throw is below the sum of the weights")
    }
}
