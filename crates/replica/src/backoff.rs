//! Pauses between attempts, longer each time and never the same for two replicas.

use std::ops::Range;
use std::time::Duration;

use cluster::Dice;

/// The pauses of one series of failures.
#[derive(Debug)]
pub(crate) struct Backoff {
    range: Range<Duration>,
    limit: Duration,
}

impl Backoff {
    pub(crate) fn new(range: Range<Duration>) -> Self {
        Backoff { limit: range.start, range }
    }

    /// The series is over.
    pub(crate) fn reset(&mut self) {
        self.limit = self.range.start;
    }

    /// The next pause may be as long as any.
    pub(crate) fn exhaust(&mut self) {
        self.limit = self.range.end;
    }

    /// The next pause: anything up to the limit, which doubles.
    pub(crate) fn pause(&mut self, dice: &Dice) -> Duration {
        let limit_us = u64::try_from(self.limit.as_micros()).unwrap_or(u64::MAX);
        self.limit = (self.limit * 2).min(self.range.end);
        Duration::from_micros(dice.throw() % limit_us.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_to_the_limit_and_start_again() {
        let dice = Dice::seeded(5);
        let mut backoff = Backoff::new(Duration::from_millis(50)..Duration::from_millis(300));
        let longest = |backoff: &mut Backoff| {
            let mut limits = Vec::new();
            for _ in 0..6 {
                limits.push(backoff.limit.as_millis());
                assert!(backoff.pause(&dice).as_millis() < *limits.last().unwrap());
            }
            limits
        };
        let limits = [50, 100, 200, 300, 300, 300];
        assert_eq!(longest(&mut backoff), limits);
        backoff.reset();
        assert_eq!(longest(&mut backoff), limits);
        backoff.reset();
        backoff.exhaust();
        assert_eq!(longest(&mut backoff), [300; 6]);
    }
}
