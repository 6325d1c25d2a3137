//! Errors on order, and the small deterministic dice that a crash is decided by.

use std::io;

/// A seeded sequence of numbers (SplitMix64, Steele and others 2014): equal seeds, equal numbers.
#[derive(Clone, Debug)]
pub struct Dice {
    state: u64,
}

impl Dice {
    /// Makes dice that always roll the same sequence for the same seed.
    pub fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// Rolls the next number.
    pub fn roll(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Rolls a number less than `bound`, which must not be 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound
    }
}

/// What shall go wrong, and when.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    pub(super) capacity: Option<u64>,
    sync_in: Option<u64>,
    write_in: Option<u64>,
    cut_in: Option<u64>,
    /// The power is gone, and the crash has not been decided yet.
    off: bool,
}

impl Faults {
    pub(super) fn fail_sync(&mut self, nth: u64) {
        self.sync_in = Some(nth);
    }

    pub(super) fn fail_write(&mut self, nth: u64) {
        self.write_in = Some(nth);
    }

    pub(super) fn cut_power_at_sync(&mut self, nth: u64) {
        self.cut_in = Some(nth);
    }

    pub(super) fn is_off(&self) -> bool {
        self.off
    }

    pub(super) fn clear_scheduled(&mut self) {
        *self = Self { capacity: self.capacity, ..Self::default() };
    }

    pub(super) fn on_sync(&mut self) -> io::Result<()> {
        if count_down(&mut self.cut_in) {
            self.off = true;
            return Err(eio("the power failed"));
        }
        if count_down(&mut self.sync_in) { Err(eio("injected on sync")) } else { Ok(()) }
    }

    pub(super) fn on_write(&mut self, used: u64, grown: u64) -> io::Result<()> {
        if count_down(&mut self.write_in) {
            return Err(eio("injected on write"));
        }
        if grown > 0 && self.capacity.is_some_and(|capacity| used + grown > capacity) {
            return Err(io::Error::new(io::ErrorKind::StorageFull, "injected: disk full"));
        }
        Ok(())
    }
}

/// Counts a scheduled fault down and says whether it is due.
fn count_down(due: &mut Option<u64>) -> bool {
    match due {
        Some(0 | 1) => {
            *due = None;
            true
        }
        Some(left) => {
            *left -= 1;
            false
        }
        None => false,
    }
}

/// An input/output error of the medium.
pub(super) fn eio(why: &str) -> io::Error {
    io::Error::other(format!("simulated EIO: {why}"))
}
