//! Randomness, handed in: from the operating system in production, from a seed in simulation.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rand::rngs::ChaCha20Rng;
use rand::{Rng, SeedableRng};

/// A node's only source of chance: election timeouts and the seeds of stamps.
pub struct Dice(Mutex<ChaCha20Rng>);

impl Dice {
    /// Seeded by the operating system.
    pub fn from_entropy() -> Self {
        Dice(Mutex::new(rand::make_rng()))
    }

    /// The same throws in every run.
    pub fn seeded(seed: u64) -> Self {
        Dice(Mutex::new(ChaCha20Rng::seed_from_u64(seed)))
    }

    /// 64 random bits.
    pub fn throw(&self) -> u64 {
        self.lock().next_u64()
    }

    /// 16 random bytes.
    pub fn seed(&self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.lock().fill_bytes(&mut bytes);
        bytes
    }

    fn lock(&self) -> MutexGuard<'_, ChaCha20Rng> {
        // A generator has no half-done state that a panic elsewhere could leave behind.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Dice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The state of the generator foretells ids to come.
        f.write_str("Dice")
    }
}
