//! Open addressing: entries by their hash, at least half of the places empty.

use alloc::{boxed::Box, vec::Vec};

/// What stands in a table. The default stands for an empty place.
pub(super) trait Entry: Default {
    fn hash(&self) -> u64;
    fn is_empty(&self) -> bool;
}

/// The table. It is made once, with as many places as a power of two.
#[derive(Debug, Clone)]
pub(super) struct Table<T>(Box<[T]>);

impl<T: Entry> Table<T> {
    /// An empty table with room for so many entries.
    pub(super) fn with_room(entries: usize) -> Self {
        let places = (2 * entries).next_power_of_two();
        let mut table = Vec::with_capacity(places);
        table.resize_with(places, T::default);
        Self(table.into())
    }

    /// Puts an entry that is not there yet.
    pub(super) fn insert(&mut self, entry: T) {
        let mask = self.0.len() - 1;
        let mut at = entry.hash() as usize & mask;
        while !self.0[at].is_empty() {
            at = (at + 1) & mask;
        }
        self.0[at] = entry;
    }

    /// The entry with a hash of which `is_it` is true.
    #[inline]
    pub(super) fn find(&self, hash: u64, is_it: impl Fn(&T) -> bool) -> Option<&T> {
        let mask = self.0.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let entry = &self.0[at];
            if entry.hash() == hash && !entry.is_empty() && is_it(entry) {
                return Some(entry);
            }
            if entry.is_empty() {
                return None;
            }
            at = (at + 1) & mask;
        }
    }

    /// All entries, in no order that means anything.
    pub(super) fn iter(&self) -> impl Iterator<Item = &T> {
        self.0.iter().filter(|entry| !entry.is_empty())
    }
}
