//! Faults of links: cut both ways or one, slow, lossy, cut in one order and mended in another.

use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep_until};

use super::Nemesis;
use crate::cell::VOTERS;
use crate::link::{Direction, Toll, Weather};
use crate::scenario::FaultKind;

const CUT: Weather = Weather {
    cut: true,
    delay: Duration::ZERO,
    jitter: Duration::ZERO,
    loss_permille: 0,
    reset_permille: 0,
};

impl Nemesis {
    /// The same weather on all links of the targets.
    pub(super) async fn bad_weather(&self, targets: &[u64], until: Instant) -> Result<(), String> {
        let weather = match self.fault.kind {
            FaultKind::Slow => Weather {
                cut: false,
                delay: Duration::from_millis(self.fault.delay_ms),
                jitter: Duration::from_millis(self.fault.jitter_ms),
                loss_permille: self.fault.loss_permille,
                reset_permille: self.fault.reset_permille,
            },
            _ => CUT,
        };
        let others = |target: u64| self.cell.ids().filter(move |id| *id != target);
        let mut directions: Vec<Direction> = Vec::new();
        for &target in targets {
            if self.fault.kind != FaultKind::Deafen {
                directions.extend(others(target).map(|other| (target, other)));
            }
            if self.fault.kind != FaultKind::Mute {
                directions.extend(others(target).map(|other| (other, target)));
            }
        }
        let before: Vec<Toll> = directions.iter().map(|link| self.cell.links.toll(*link)).collect();
        for direction in &directions {
            self.cell.links.set(*direction, weather);
        }
        sleep_until(until).await;
        for direction in &directions {
            self.cell.links.set(*direction, Weather::default());
        }
        self.took(targets[0], &directions, &before);
        Ok(())
    }

    /// Cuts the voters' links one after the other, and mends them in another order: between the two every kind of
    /// partition comes about, with majorities that overlap.
    pub(super) async fn swizzle(&self, until: Instant) -> Result<(), String> {
        let pairs = VOTERS.iter().flat_map(|from| VOTERS.iter().map(move |to| (*from, *to)));
        let mut links: Vec<Direction> = pairs.filter(|(from, to)| from != to).collect();
        let before: Vec<Toll> = links.iter().map(|link| self.cell.links.toll(*link)).collect();
        let (all, began) = (links.clone(), Instant::now());
        let steps = u32::try_from(2 * links.len()).unwrap_or(1);
        let step = until.saturating_duration_since(began) / steps;
        let mut next = began;
        for weather in [CUT, Weather::default()] {
            self.shuffle(&mut links);
            for link in &links {
                self.cell.links.set(*link, weather);
                next += step;
                sleep_until(next).await;
            }
        }
        self.took(VOTERS[0], &all, &before);
        Ok(())
    }

    /// Writes down what the weather did, if it did anything.
    fn took(&self, node: u64, directions: &[Direction], before: &[Toll]) {
        let mut sum = Toll::default();
        for (direction, before) in directions.iter().zip(before) {
            let after = self.cell.links.toll(*direction);
            sum.held += after.held - before.held;
            sum.delayed += after.delayed - before.delayed;
            sum.broken += after.broken - before.broken;
        }
        if sum.held + sum.delayed + sum.broken > 0 {
            let Toll { held, delayed, broken } = sum;
            self.bit(node, json!({"held": held, "delayed": delayed, "broken": broken}));
        }
    }

    fn shuffle<T>(&self, of: &mut [T]) {
        for last in (1..of.len()).rev() {
            let at = self.chance.below(last as u64 + 1);
            of.swap(last, usize::try_from(at).unwrap_or(last));
        }
    }
}
