//! What becomes of messages on their way.

use std::sync::atomic::{AtomicU64, Ordering};

use cluster::NodeId;
use cluster::network::memory::{Fate, Weather};

use crate::chance::Chance;
use crate::settings::Drawn;
use crate::tape;

/// Fair or foul, by chance.
pub(crate) struct Sky {
    chance: Chance,
    fair: Drawn,
    loss_ppm: AtomicU64,
    delay_ms: AtomicU64,
}

impl Sky {
    pub(crate) fn new(chance: Chance, drawn: &Drawn) -> Self {
        let sky = Sky {
            chance,
            fair: drawn.clone(),
            loss_ppm: AtomicU64::new(0),
            delay_ms: AtomicU64::new(0),
        };
        sky.clear_up();
        sky
    }

    /// As it was drawn for the run.
    pub(crate) fn clear_up(&self) {
        self.set(self.fair.loss_ppm, self.fair.delay_ms);
    }

    /// So many messages in a million are lost, the others take so long at most.
    pub(crate) fn set(&self, loss_ppm: u64, delay_ms: u64) {
        self.loss_ppm.store(loss_ppm, Ordering::Relaxed);
        self.delay_ms.store(delay_ms, Ordering::Relaxed);
    }
}

impl Weather for Sky {
    fn carry(&self, from: NodeId, to: NodeId, what: &'static str) -> Fate {
        let throw = self.chance.throw();
        let lost = throw % 1_000_000 < self.loss_ppm.load(Ordering::Relaxed);
        // Most messages are fast, a few take the whole time.
        let (limit, share) = (self.delay_ms.load(Ordering::Relaxed) + 1, (throw >> 20) % 8);
        let delay_ms = (throw >> 32) % if share == 0 { limit } else { limit.div_ceil(4) };
        tape::event(format_args!("{what} {from} {to} {delay_ms} {lost}"));
        if what == "install" {
            tape::count("snapshot offered");
        }
        match lost {
            true => {
                tape::count("message lost");
                Fate::Lost
            }
            false => Fate::Arrives(std::time::Duration::from_millis(delay_ms)),
        }
    }
}
