//! The appending side: encodes records into memory and decides where each will stand.

use bytes::Bytes;

use super::error::LogError;
use super::head::Head;
use super::known::Known;
use super::record::{GROUP, HEADER, Kind, Place, Record, encode, seal};

/// The longest vote or marker, in bytes: they are repeated in every segment's head.
const MARKER_LIMIT: usize = 16 << 10;

/// What waits to be written to one segment in one piece.
#[derive(Debug)]
pub(super) struct Chunk {
    /// Where the bytes go. At offset 0 the segment is new, and its head comes first.
    pub(super) place: Place,
    pub(super) bytes: Vec<u8>,
    /// Where in `bytes` the group record stands.
    group_at: usize,
    group: u64,
}

/// All that waits, as one sync takes it.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) chunks: Vec<Chunk>,
    /// The newest ticket among it.
    pub(super) ticket: u64,
    /// Where the last chunk ends.
    pub(super) end: Place,
    /// Segments that hold nothing any more once this is durable.
    pub(super) removable: Vec<u64>,
}

/// The appending side of the log.
#[derive(Debug)]
pub(super) struct Front {
    pub(super) known: Known,
    poisoned: Option<String>,
    /// Where the next record goes.
    end: Place,
    /// The length of the segment that `end` is in.
    capacity: usize,
    /// The length of segments to come.
    segment_bytes: usize,
    next_group: u64,
    chunks: Vec<Chunk>,
    ticket: u64,
    /// A used buffer, to spare an allocation per group.
    spare: Vec<u8>,
    cache_bytes: usize,
    /// Everything before this place is in its file.
    written: Place,
}

impl Front {
    pub(super) fn new(
        known: Known,
        end: Place,
        capacity: usize,
        next_group: u64,
        options: super::LogOptions,
    ) -> Self {
        Self {
            known,
            poisoned: None,
            end,
            capacity,
            segment_bytes: options.segment_bytes,
            next_group,
            chunks: Vec::new(),
            ticket: 0,
            spare: Vec::new(),
            cache_bytes: options.cache_bytes,
            written: end,
        }
    }

    /// Refuses when an earlier failure has made the disk's content unknown.
    pub(super) fn check(&self) -> Result<(), LogError> {
        match &self.poisoned {
            Some(reason) => Err(LogError::Poisoned { reason: reason.clone() }),
            None => Ok(()),
        }
    }

    pub(super) fn poison(&mut self, reason: String) {
        self.poisoned.get_or_insert(reason);
    }

    pub(super) fn append(&mut self, index: u64, payload: Bytes) -> Result<u64, LogError> {
        self.check()?;
        match self.known.entries.next() {
            Some(expected) if expected != index => Err(LogError::Gap { expected, given: index }),
            _ => self.write(Kind::Entry, index, payload),
        }
    }

    pub(super) fn save_vote(&mut self, vote: Bytes) -> Result<u64, LogError> {
        self.check()?;
        self.write(Kind::Vote, 0, vote)
    }

    pub(super) fn save_committed(&mut self, committed: Bytes) -> Result<u64, LogError> {
        self.check()?;
        self.write(Kind::Committed, 0, committed)
    }

    pub(super) fn truncate_from(&mut self, index: u64) -> Result<u64, LogError> {
        self.check()?;
        match self.known.markers.purged {
            Some((purged, _)) if index <= purged => Err(LogError::Purged { purged }),
            _ if index >= self.known.entries.range().end => Ok(self.ticket),
            _ => self.write(Kind::TruncateFrom, index, Bytes::new()),
        }
    }

    pub(super) fn purge_to(&mut self, index: u64, marker: Bytes) -> Result<u64, LogError> {
        self.check()?;
        match self.known.markers.purged {
            Some((purged, _)) if index <= purged => Ok(self.ticket),
            _ => self.write(Kind::Purge, index, marker),
        }
    }

    /// Encodes a record, takes it into what is known and gives out its ticket.
    fn write(&mut self, kind: Kind, index: u64, payload: Bytes) -> Result<u64, LogError> {
        if kind != Kind::Entry && payload.len() > MARKER_LIMIT {
            return Err(LogError::TooLarge { bytes: payload.len() });
        }
        let needed = HEADER + payload.len();
        let opening = if self.chunks.is_empty() { GROUP } else { 0 };
        if self.end.offset + opening + needed > self.capacity {
            self.rotate(needed)?;
        } else if self.chunks.is_empty() {
            let (place, buffer) = (self.end, std::mem::take(&mut self.spare));
            self.open_chunk(place, buffer);
        }
        let place = self.end;
        let chunk = self.chunks.last_mut().expect("one was opened above");
        encode(&mut chunk.bytes, place, kind, index, &payload);
        self.end.offset += needed;
        let record = Record { kind, index, payload: &payload };
        self.known
            .apply(place, record, Some(payload.clone()))
            .expect("the index was checked before");
        self.known.entries.shrink_cache(self.cache_bytes, self.written);
        self.ticket += 1;
        Ok(self.ticket)
    }

    /// Goes on in a new segment, whose head repeats what must survive the older ones.
    fn rotate(&mut self, needed: usize) -> Result<(), LogError> {
        let head = Head {
            capacity: self.segment_bytes as u64,
            previous_end: self.end.offset as u64,
            group: self.next_group,
            next_index: self.known.entries.next(),
            markers: self.known.markers.clone(),
        };
        let head = head.encode();
        if HEADER + head.len() + GROUP + needed > self.segment_bytes {
            return Err(LogError::TooLarge { bytes: needed - HEADER });
        }
        let place = Place { segment: self.end.segment + 1, offset: 0 };
        let mut bytes = Vec::with_capacity(HEADER + head.len() + GROUP + needed);
        encode(&mut bytes, place, Kind::Head, 0, &head);
        self.capacity = self.segment_bytes;
        self.known.begin_segment(place.segment);
        self.open_chunk(place, bytes);
        Ok(())
    }

    /// Begins a chunk at `place` whose first bytes are given, and leaves room for its group.
    fn open_chunk(&mut self, place: Place, mut bytes: Vec<u8>) {
        let group_at = bytes.len();
        bytes.resize(group_at + GROUP, 0);
        self.end = Place { offset: place.offset + bytes.len(), ..place };
        self.chunks.push(Chunk { place, bytes, group_at, group: self.next_group });
        self.next_group += 1;
    }

    /// Begins a group right after recovery: once it is written, it proves that all that was
    /// recovered had been durable, so that later damage there is never taken for a torn write.
    pub(super) fn close_with_empty_group(&mut self) {
        if self.end.offset + GROUP <= self.capacity {
            self.open_chunk(self.end, Vec::new());
        }
    }

    /// Hands out everything that waits, with the group records filled in.
    pub(super) fn take(&mut self) -> Result<Taken, LogError> {
        self.check()?;
        let mut chunks = std::mem::take(&mut self.chunks);
        for chunk in &mut chunks {
            chunk.close();
        }
        let removable = self.known.removable(self.end.segment);
        Ok(Taken { chunks, ticket: self.ticket, end: self.end, removable })
    }

    /// Learns that what was taken is durable, and gets the buffers back.
    pub(super) fn stored(&mut self, taken: Taken) {
        self.written = taken.end;
        self.known.removed(&taken.removable);
        self.known.entries.shrink_cache(self.cache_bytes, self.written);
        if let Some(chunk) = taken.chunks.into_iter().next() {
            self.spare = chunk.bytes;
            self.spare.clear();
        }
    }
}

impl Chunk {
    /// Fills in the group record, now that the group's length is known.
    fn close(&mut self) {
        let length = (self.bytes.len() - self.group_at - GROUP) as u32;
        let place = Place { offset: self.place.offset + self.group_at, ..self.place };
        let record = &mut self.bytes[self.group_at..self.group_at + GROUP];
        record[HEADER..].copy_from_slice(&length.to_le_bytes());
        seal(record, place, Kind::Group, self.group);
    }

    /// The first chunk of a log: a head and an empty group.
    pub(super) fn first(capacity: usize) -> Self {
        let place = Place { segment: 1, offset: 0 };
        let head = Head {
            capacity: capacity as u64,
            previous_end: 0,
            group: 0,
            next_index: None,
            markers: super::head::Markers::default(),
        };
        let mut bytes = Vec::new();
        encode(&mut bytes, place, Kind::Head, 0, &head.encode());
        let group_at = bytes.len();
        bytes.resize(group_at + GROUP, 0);
        let mut chunk = Self { place, bytes, group_at, group: 0 };
        chunk.close();
        chunk
    }
}
