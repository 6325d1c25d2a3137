//! Drawing delays: seeded, so that a run repeats.

use rand::SeedableRng;
use rand::rngs::ChaCha20Rng;

use crate::{Class, Plan};

/// Where the draws of a plan stand. Each class draws from a stream of its own, so that a change of one class does not
/// move the draws of another; the whole replica draws from another stream still.
#[derive(Debug)]
pub struct Draws {
    streams: [Stream; Class::ALL.len() + 1],
}

#[derive(Debug)]
struct Stream {
    rng: ChaCha20Rng,
    drawn: u64,
}

impl Draws {
    /// At the first draw of a plan.
    pub fn new(plan: &Plan) -> Self {
        let mut number = 0;
        Draws {
            streams: [(); Class::ALL.len() + 1].map(|()| {
                let mut rng = ChaCha20Rng::seed_from_u64(plan.seed);
                rng.set_stream(number);
                number += 1;
                Stream { rng, drawn: 0 }
            }),
        }
    }

    /// The delay of the next revision as a whole, microseconds: with a plan by class, the longest of one draw of each.
    pub fn whole(&mut self, plan: &Plan) -> u64 {
        match plan.is_by_class() {
            false => self.draw(plan, Class::Account, Class::ALL.len()),
            true => Class::ALL.into_iter().map(|class| self.of(plan, class)).max().unwrap_or(0),
        }
    }

    /// The delay of the next change of a class, microseconds.
    pub fn of(&mut self, plan: &Plan, class: Class) -> u64 {
        self.draw(plan, class, class as usize)
    }

    fn draw(&mut self, plan: &Plan, class: Class, stream: usize) -> u64 {
        let stream = &mut self.streams[stream];
        let nth = stream.drawn;
        stream.drawn += 1;
        plan.law(class).draw(&mut stream.rng, nth)
    }
}
