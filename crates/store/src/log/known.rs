//! What the records so far amount to: the same fold while appending and while recovering.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::entries::{Entries, Spot};
use super::head::Markers;
use super::record::{HEADER, Kind, Place, Record};

/// The log's logical content, and which segments still hold some of it.
#[derive(Debug, Default)]
pub(super) struct Known {
    pub(super) entries: Entries,
    pub(super) markers: Markers,
    /// For each segment, one past the highest entry index that was ever written to it.
    ends: BTreeMap<u64, u64>,
}

impl Known {
    /// Starts from a segment's head, as if all before it had been read.
    pub(super) fn starting_at(next_index: Option<u64>, markers: Markers) -> Self {
        Self { entries: Entries::starting_at(next_index), markers, ends: BTreeMap::new() }
    }

    /// Notes that a segment exists.
    pub(super) fn begin_segment(&mut self, segment: u64) {
        self.ends.insert(segment, 0);
    }

    /// Takes a record in. `payload` is given where it shall be cached.
    pub(super) fn apply(
        &mut self,
        place: Place,
        record: Record<'_>,
        payload: Option<Bytes>,
    ) -> Result<(), &'static str> {
        let own = || payload.clone().unwrap_or_else(|| Bytes::copy_from_slice(record.payload));
        let index = record.index;
        match record.kind {
            Kind::Entry => {
                if self.entries.next().is_some_and(|next| next != index) {
                    return Err("an entry does not follow the one before it");
                }
                let end = self.ends.entry(place.segment).or_default();
                *end = (*end).max(index + 1);
                self.entries.push(index, Spot { place, length: record.payload.len() }, payload);
            }
            Kind::Vote => self.markers.vote = Some(own()),
            Kind::Committed => self.markers.committed = Some(own()),
            Kind::TruncateFrom => self.entries.truncate_from(index),
            Kind::Purge => {
                self.entries.purge_to(index);
                self.markers.purged = Some((index, own()));
            }
            Kind::Head | Kind::Group => {}
        }
        Ok(())
    }

    /// The oldest segments before `active` that hold nothing any more.
    pub(super) fn removable(&self, active: u64) -> Vec<u64> {
        let Some((purged, _)) = &self.markers.purged else { return Vec::new() };
        self.ends
            .range(..active)
            .take_while(|(_, end)| **end <= purged + 1)
            .map(|(segment, _)| *segment)
            .collect()
    }

    /// Forgets segments that were removed.
    pub(super) fn removed(&mut self, segments: &[u64]) {
        for segment in segments {
            self.ends.remove(segment);
        }
    }
}

impl Spot {
    /// How many bytes the whole record takes.
    pub(super) fn record_length(self) -> usize {
        HEADER + self.length
    }
}
