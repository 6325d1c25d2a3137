//! Policies of one bearer, indexed as a whole: a decision finds what covers its action at once,
//! instead of in each of them.

use crate::{
    Effect, Policy,
    decide::Place,
    index::{MOST_STATEMENTS, Merged, Run, merge},
};
use alloc::{boxed::Box, sync::Arc, vec::Vec};

/// So many policies may be replaced before all are indexed anew.
const MOST_LOOSE: usize = 4;

/// Identity policies that are decided on again and again.
///
/// Says what its policies say one by one, in their order; making it takes about as long as compiling
/// them, so it is worth while for what many requests ask.
#[derive(Debug, Clone, Default)]
pub struct Pool {
    policies: Vec<Arc<Policy>>,
    chunks: Arc<[Chunk]>,
    /// What of each chunk still counts, as bits.
    live: Vec<u64>,
    /// The policies that took the place of indexed ones, in order.
    loose: Vec<u32>,
}

/// Up to 64 statements, each with a bit, in order.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub actions: Merged,
    /// The statements that deny.
    pub denies: u64,
    /// The statements that apply to every request whose action they cover.
    pub unconditional: u64,
    pub places: Box<[Place]>,
}

impl Pool {
    /// Indexes policies.
    pub fn new(policies: Vec<Arc<Policy>>) -> Self {
        let mut places = Vec::new();
        for (at, policy) in policies.iter().enumerate() {
            let statements = 0..policy.all_compiled().len() as u32;
            places.extend(statements.map(|statement| Place::new(at, statement)));
        }
        let chunks: Arc<[Chunk]> =
            places.chunks(MOST_STATEMENTS).map(|places| Chunk::new(&policies, places)).collect();
        let live = chunks.iter().map(|_| u64::MAX).collect();
        Self { policies, chunks, live, loose: Vec::new() }
    }

    /// The policies, in order.
    pub fn policies(&self) -> &[Arc<Policy>] {
        &self.policies
    }

    /// Puts a policy in the place of another; nothing else is compiled or indexed anew, as long as
    /// few were replaced.
    ///
    /// # Panics
    /// There is no policy at that place.
    pub fn replace(&mut self, at: usize, policy: Arc<Policy>) {
        self.policies[at] = policy;
        let Err(rank) = self.loose.binary_search(&(at as u32)) else { return };
        if self.loose.len() == MOST_LOOSE {
            *self = Self::new(core::mem::take(&mut self.policies));
            return;
        }
        self.loose.insert(rank, at as u32);
        for (live, chunk) in self.live.iter_mut().zip(&*self.chunks) {
            *live &= !chunk.of_policy(at);
        }
    }

    /// The indexed statements, each chunk with what of it counts.
    #[inline]
    pub(crate) fn chunks(&self) -> impl Iterator<Item = (&Chunk, u64)> {
        self.chunks.iter().zip(self.live.iter().copied())
    }

    /// Whether there are policies that no index knows.
    #[inline]
    pub(crate) fn has_loose(&self) -> bool {
        !self.loose.is_empty()
    }

    /// Those policies, with their places.
    #[inline]
    pub(crate) fn loose(&self) -> impl Iterator<Item = (usize, &Policy)> {
        self.loose.iter().map(|at| (*at as usize, &*self.policies[*at as usize]))
    }
}

impl Chunk {
    fn new(policies: &[Arc<Policy>], places: &[Place]) -> Self {
        let mut runs = Vec::new();
        let mut first_bit = 0;
        for run in places.chunk_by(|a, b| a.policy() == b.policy()) {
            let index = policies[run[0].policy()].index();
            let first = run[0].statement();
            runs.push(Run { index, statements: first..first + run.len() as u32, first_bit });
            first_bit += run.len() as u32;
        }
        let statement = |place: &Place| policies[place.policy()].compiled(place.statement());
        let bits = |is_it: &dyn Fn(&Place) -> bool| {
            let set = places.iter().enumerate().filter(|(_, place)| is_it(place));
            set.fold(0, |bits, (at, _)| bits | 1 << at)
        };
        Self {
            actions: merge(&runs),
            denies: bits(&|place| statement(place).effect == Effect::Deny),
            unconditional: bits(&|place| statement(place).is_unconditional()),
            places: places.into(),
        }
    }

    /// The statements of a policy.
    fn of_policy(&self, at: usize) -> u64 {
        let is_of = |place: &&Place| place.policy() == at;
        let before = self.places.iter().take_while(|place| !is_of(place)).count();
        let count = self.places[before..].iter().take_while(is_of).count();
        let run = if count == MOST_STATEMENTS { u64::MAX } else { (1 << count) - 1 };
        if count == 0 { 0 } else { run << before }
    }
}
