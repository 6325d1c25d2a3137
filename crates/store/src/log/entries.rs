//! Where every live entry stands, and the newest of them in memory.

use std::collections::VecDeque;
use std::ops::Range;

use bytes::Bytes;

use super::record::Place;

/// Where an entry's record stands and how long its payload is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub(super) place: Place,
    pub(super) length: usize,
}

/// The live entries: consecutive indexes, each with its place on disk; a newest part is cached.
#[derive(Debug, Default)]
pub(super) struct Entries {
    /// The index of the first live entry, or of the next one; `None`: any may come.
    first: Option<u64>,
    spots: VecDeque<Spot>,
    /// The payloads of the last entries.
    cache: VecDeque<Bytes>,
    cached_bytes: usize,
}

impl Entries {
    /// Starts empty with `next` as the index that must come, if one must.
    pub(super) fn starting_at(next: Option<u64>) -> Self {
        Self { first: next, ..Self::default() }
    }

    /// The indexes that can be read.
    pub(super) fn range(&self) -> Range<u64> {
        let first = self.first.unwrap_or(0);
        first..first + self.spots.len() as u64
    }

    /// The index that must come next, if one must.
    pub(super) fn next(&self) -> Option<u64> {
        self.first.map(|first| first + self.spots.len() as u64)
    }

    /// Adds the entry `index`, which must be [`Self::next`] if there is one.
    pub(super) fn push(&mut self, index: u64, spot: Spot, payload: Option<Bytes>) {
        debug_assert!(self.next().is_none_or(|next| next == index), "entries are consecutive");
        self.first.get_or_insert(index);
        self.spots.push_back(spot);
        match payload {
            Some(payload) => {
                self.cached_bytes += payload.len();
                self.cache.push_back(payload);
            }
            None => debug_assert!(self.cache.is_empty(), "the cache holds the last entries"),
        }
    }

    /// Removes every entry from `index` on; `index` comes next, whatever was there.
    pub(super) fn truncate_from(&mut self, index: u64) {
        let range = self.range();
        let keep = index.saturating_sub(range.start).min(self.spots.len() as u64) as usize;
        while self.spots.len() > keep {
            self.spots.pop_back();
            if let Some(payload) = self.cache.pop_back() {
                self.cached_bytes -= payload.len();
            }
        }
        if index < range.start {
            self.first = Some(index);
        }
    }

    /// Removes every entry up to and including `index`.
    pub(super) fn purge_to(&mut self, index: u64) {
        let start = self.range().start;
        let gone = (index + 1).saturating_sub(start).min(self.spots.len() as u64) as usize;
        self.spots.drain(..gone);
        while self.cache.len() > self.spots.len() {
            self.uncache_oldest();
        }
        // Beyond the last entry the log starts anew after the purged index (an installed
        // snapshot); before the first entry there was nothing to remove.
        self.first = Some(if self.spots.is_empty() {
            self.first.unwrap_or(0).max(index + 1)
        } else {
            start + gone as u64
        });
    }

    /// Returns the payload of `index` if it is cached, else where it stands; `None`: no such.
    pub(super) fn find(&self, index: u64) -> Option<Result<Bytes, Spot>> {
        let range = self.range();
        if !range.contains(&index) {
            return None;
        }
        let from_end = (range.end - index) as usize;
        Some(match self.cache.len().checked_sub(from_end) {
            Some(at) => Ok(self.cache[at].clone()),
            None => Err(self.spots[(index - range.start) as usize]),
        })
    }

    /// Drops the oldest cached payloads over `limit` bytes whose records are written, that is,
    /// stand before `written`.
    pub(super) fn shrink_cache(&mut self, limit: usize, written: Place) {
        while self.cached_bytes > limit {
            let oldest = self.spots.len() - self.cache.len();
            if self.spots.get(oldest).is_none_or(|spot| spot.place >= written) {
                return;
            }
            self.uncache_oldest();
        }
    }

    fn uncache_oldest(&mut self) {
        if let Some(payload) = self.cache.pop_front() {
            self.cached_bytes -= payload.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spot(offset: usize) -> Spot {
        Spot { place: Place { segment: 1, offset }, length: 4 }
    }

    fn filled(range: Range<u64>) -> Entries {
        let mut entries = Entries::default();
        for index in range {
            let payload = Bytes::copy_from_slice(&(index as u32).to_le_bytes());
            entries.push(index, spot(index as usize), Some(payload));
        }
        entries
    }

    #[test]
    fn ranges_follow_truncation_and_purge() {
        let mut entries = filled(5..10);
        entries.truncate_from(8);
        assert_eq!(entries.range(), 5..8);
        entries.purge_to(5);
        assert_eq!(entries.range(), 6..8);
        entries.purge_to(3);
        assert_eq!(entries.range(), 6..8);
        entries.purge_to(20);
        assert_eq!((entries.range(), entries.next()), (21..21, Some(21)));
        entries.truncate_from(9);
        assert_eq!(entries.next(), Some(9));
    }

    #[test]
    fn the_cache_drops_only_what_is_written() {
        let mut entries = filled(0..10);
        entries.shrink_cache(8, Place { segment: 1, offset: 3 });
        assert!(matches!(entries.find(2), Some(Err(_))));
        assert!(matches!(entries.find(3), Some(Ok(_))));
        entries.shrink_cache(8, Place { segment: 2, offset: 0 });
        assert!(matches!(entries.find(7), Some(Err(_))));
        assert!(matches!(entries.find(8), Some(Ok(_))));
        assert!(entries.find(10).is_none());
    }

    #[test]
    fn cached_payloads_belong_to_their_index() {
        let mut entries = filled(3..9);
        entries.shrink_cache(12, Place { segment: 2, offset: 0 });
        entries.truncate_from(8);
        entries.purge_to(3);
        for index in 6..8 {
            let payload = entries.find(index).and_then(Result::ok).expect("cached");
            assert_eq!(payload[..], (index as u32).to_le_bytes());
        }
    }
}
