//! When keys and roles were last used: remembered here, written to the log now and then by whoever
//! runs the node.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use schema::internal::v1::Use;

/// The latest use of each key and role since the last time they were taken.
pub(crate) struct Uses {
    latest: Mutex<BTreeMap<String, Use>>,
    most: usize,
}

impl Uses {
    /// Remembers at most so many; of more, the latest uses of things not remembered yet are passed
    /// over.
    pub(crate) fn new(most: usize) -> Self {
        Uses { latest: Mutex::default(), most }
    }

    /// Remembers a use, unless a later one of the same thing is known.
    pub(crate) fn record(&self, used: Use) {
        let mut latest = self.lock();
        let has_room = latest.len() < self.most;
        match latest.get_mut(&used.id) {
            Some(known) if known.time_ms < used.time_ms => *known = used,
            None if has_room => {
                latest.insert(used.id.clone(), used);
            }
            _ => {}
        }
    }

    /// Takes what is remembered.
    pub(crate) fn drain(&self) -> Vec<Use> {
        std::mem::take(&mut *self.lock()).into_values().collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Use>> {
        self.latest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn used(id: &str, time_ms: u64) -> Use {
        Use { id: id.to_owned(), time_ms, ..Default::default() }
    }

    #[test]
    fn the_latest_use_of_each() {
        let uses = Uses::new(2);
        for (id, time_ms) in [("A", 5), ("B", 1), ("A", 3), ("C", 9)] {
            uses.record(used(id, time_ms));
        }
        assert_eq!(uses.drain(), [used("A", 5), used("B", 1)]);
        assert_eq!(uses.drain(), []);
    }
}
