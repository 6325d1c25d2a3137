//! The log: append-only segments that hold Raft entries, the vote and the markers.

mod back;
mod entries;
mod error;
mod front;
mod head;
mod known;
mod record;
mod recover;
mod scan;

use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use crate::disk::{Disk, DiskFile, read_exact_at};
use back::{Back, Files, file_name};
use entries::Spot;
pub use error::LogError;
use front::Front;
use record::{Parsed, parse_one};
pub use recover::Torn;

/// Sizes of a [`Log`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogOptions {
    /// The length of a segment file, in bytes. Whole segments are made ahead, filled with zeros,
    /// and removed once everything in them is purged. No payload may exceed it.
    pub segment_bytes: usize,
    /// How many bytes of the newest payloads stay in memory, besides those not yet written.
    pub cache_bytes: usize,
}

impl Default for LogOptions {
    fn default() -> Self {
        Self { segment_bytes: 64 << 20, cache_bytes: 64 << 20 }
    }
}

/// The place of a record in the order of appending. Everything up to the ticket that
/// [`Log::sync`] returns is durable. Tickets begin anew when the log is opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// What [`Log::open`] found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// The last saved vote.
    pub vote: Option<Bytes>,
    /// The last saved committed marker.
    pub committed: Option<Bytes>,
    /// The last purged index, and the marker that was given with it.
    pub purged: Option<(u64, Bytes)>,
    /// The indexes of the entries that are there.
    pub entries: Range<u64>,
    /// A write that was interrupted, whose remains were cleared: never anything acknowledged.
    pub torn: Option<Torn>,
}

/// A durable log on a [`Disk`].
///
/// Appending is cheap: it encodes into memory under a short lock and returns a [`Ticket`].
/// [`Log::sync`] takes all that waits, writes it in one piece and syncs once, while others go on
/// appending: run it in a loop on one thread for group commit, or inline in a simulation. The log
/// itself has no thread and asks no clock.
///
/// Entries, votes and markers are opaque bytes. Entry indexes are consecutive. After a failed
/// write or sync everything is refused, because the kernel may have dropped what it could not
/// write; only reopening tells what is there.
///
/// Clones share one log.
pub struct Log<D: Disk> {
    shared: Arc<Shared<D>>,
}

struct Shared<D: Disk> {
    front: Mutex<Front>,
    /// Taken before `front` where both are.
    back: Mutex<Back<D>>,
    files: Files<D>,
    durable: AtomicU64,
}

impl<D: Disk> Log<D> {
    /// Opens the log in `disk`'s directory, or begins one if there is none.
    ///
    /// An interrupted last write is cleared away and reported in [`Recovered::torn`].
    ///
    /// # Errors
    ///
    /// [`LogError::Corrupt`] when anything that was durable is damaged or missing; it names the
    /// file and the offset. Otherwise the disk's error.
    pub fn open(disk: D, options: LogOptions) -> Result<(Self, Recovered), LogError> {
        let opened = recover::recover(&disk, options)?;
        let known = &opened.front.known;
        let recovered = Recovered {
            vote: known.markers.vote.clone(),
            committed: known.markers.committed.clone(),
            purged: known.markers.purged.clone(),
            entries: known.entries.range(),
            torn: opened.torn,
        };
        let shared = Shared {
            front: Mutex::new(opened.front),
            back: Mutex::new(opened.back),
            files: opened.files,
            durable: AtomicU64::new(0),
        };
        let log = Self { shared: Arc::new(shared) };
        log.sync()?;
        Ok((log, recovered))
    }

    /// Buffers an entry. Its index must follow the last entry's; in a log that never had one, any
    /// index may come first.
    ///
    /// # Errors
    ///
    /// [`LogError::Gap`], [`LogError::TooLarge`] or [`LogError::Poisoned`]; then nothing changed.
    pub fn append(&self, index: u64, payload: impl Into<Bytes>) -> Result<Ticket, LogError> {
        self.front()?.append(index, payload.into()).map(Ticket)
    }

    /// Buffers a vote, which replaces the one before.
    ///
    /// # Errors
    ///
    /// [`LogError::TooLarge`] or [`LogError::Poisoned`]; then nothing changed.
    pub fn save_vote(&self, vote: &[u8]) -> Result<Ticket, LogError> {
        self.front()?.save_vote(Bytes::copy_from_slice(vote)).map(Ticket)
    }

    /// Buffers a committed marker, which replaces the one before. It may be lost without harm, so
    /// there is no need to sync for it.
    ///
    /// # Errors
    ///
    /// [`LogError::TooLarge`] or [`LogError::Poisoned`]; then nothing changed.
    pub fn save_committed(&self, committed: &[u8]) -> Result<Ticket, LogError> {
        self.front()?.save_committed(Bytes::copy_from_slice(committed)).map(Ticket)
    }

    /// Buffers the removal of every entry after `index`; `None` removes all.
    ///
    /// # Errors
    ///
    /// [`LogError::Purged`] when purged entries would go; [`LogError::Poisoned`].
    pub fn truncate_after(&self, index: Option<u64>) -> Result<Ticket, LogError> {
        self.front()?.truncate_from(index.map_or(0, |index| index + 1)).map(Ticket)
    }

    /// Buffers the removal of every entry up to and including `index`, which may lie beyond the
    /// last entry: then the log goes on after it. Files go once a sync has made this durable.
    ///
    /// # Errors
    ///
    /// [`LogError::TooLarge`] or [`LogError::Poisoned`]; then nothing changed.
    pub fn purge_to(&self, index: u64, marker: &[u8]) -> Result<Ticket, LogError> {
        self.front()?.purge_to(index, Bytes::copy_from_slice(marker)).map(Ticket)
    }

    /// Makes everything that was buffered when it begins durable, with one write and one sync
    /// (one more of each per segment that was filled), and returns the newest durable ticket.
    ///
    /// # Errors
    ///
    /// The disk's error; from then on the log is poisoned.
    pub fn sync(&self) -> Result<Ticket, LogError> {
        let mut back = self.shared.back.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = self.front()?.take()?;
        if taken.chunks.is_empty() {
            return Ok(self.durable());
        }
        if let Err(error) = back.store(&taken) {
            self.front()?.poison(error.to_string());
            return Err(error);
        }
        let ticket = taken.ticket;
        self.front()?.stored(taken);
        self.shared.durable.store(ticket, Ordering::SeqCst);
        Ok(Ticket(ticket))
    }

    /// Does one short step (at most 1 MiB of zeros, or one sync) towards the next segment once the
    /// current one is half full, so that no sync has to make a whole one. Call it after a sync has
    /// been announced, as long as it answers `true` (there is more to do).
    ///
    /// # Errors
    ///
    /// The disk's error, most likely that it is full: a warning ahead of time. The log goes on.
    pub fn prepare(&self) -> Result<bool, LogError> {
        self.shared.back.lock().unwrap_or_else(PoisonError::into_inner).prepare()
    }

    /// Returns the newest durable ticket.
    pub fn durable(&self) -> Ticket {
        Ticket(self.shared.durable.load(Ordering::SeqCst))
    }

    /// Returns the indexes of the entries that can be read, buffered ones included.
    pub fn entries(&self) -> Range<u64> {
        let front = self.shared.front.lock().unwrap_or_else(PoisonError::into_inner);
        front.known.entries.range()
    }

    /// Reads those entries of `range` that are there, buffered ones included.
    ///
    /// # Errors
    ///
    /// [`LogError::Corrupt`] when a record reads back damaged; otherwise the disk's error.
    pub fn read(&self, range: Range<u64>) -> Result<Vec<(u64, Bytes)>, LogError> {
        self.read_limited(range, usize::MAX)
    }

    /// Reads entries as [`Log::read`] does, and stops after the one with which the payloads reach
    /// `max_bytes`: so it returns at least one, if there is one.
    ///
    /// # Errors
    ///
    /// As [`Log::read`].
    pub fn read_limited(
        &self,
        range: Range<u64>,
        max_bytes: usize,
    ) -> Result<Vec<(u64, Bytes)>, LogError> {
        let found = self.find(range, max_bytes)?;
        found.into_iter().map(Found::read).collect()
    }

    /// Finds entries in the cache or the files, under the lock; reading the files comes after.
    fn find(&self, range: Range<u64>, max_bytes: usize) -> Result<Vec<Found<D::File>>, LogError> {
        let front = self.front()?;
        front.check()?;
        let there = front.known.entries.range();
        let files = self.shared.files.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = Vec::new();
        let mut bytes = 0_usize;
        for index in range.start.max(there.start)..range.end.min(there.end) {
            if bytes >= max_bytes {
                break;
            }
            match front.known.entries.find(index).expect("the index is in range") {
                Ok(payload) => {
                    bytes = bytes.saturating_add(payload.len());
                    found.push(Found::Cached(index, payload));
                }
                Err(spot) => {
                    let file = files.get(&spot.place.segment).cloned();
                    let file = file.expect("live entries stand in open segments");
                    bytes = bytes.saturating_add(spot.length);
                    found.push(Found::Stored(index, spot, file));
                }
            }
        }
        Ok(found)
    }

    fn front(&self) -> Result<MutexGuard<'_, Front>, LogError> {
        let reason = "another thread panicked while it used the log";
        self.shared.front.lock().map_err(|_| LogError::Poisoned { reason: reason.to_owned() })
    }
}

/// Where an entry was found.
enum Found<F> {
    Cached(u64, Bytes),
    Stored(u64, Spot, Arc<F>),
}

impl<F: DiskFile> Found<F> {
    /// Returns index and payload, read from its file and verified if need be.
    fn read(self) -> Result<(u64, Bytes), LogError> {
        let (index, spot, file) = match self {
            Self::Cached(index, payload) => return Ok((index, payload)),
            Self::Stored(index, spot, file) => (index, spot, file),
        };
        let name = file_name(spot.place.segment);
        let mut record = vec![0; spot.record_length()];
        read_exact_at(file.as_ref(), spot.place.offset as u64, &mut record)
            .map_err(LogError::io(format!("reading {name}")))?;
        match parse_one(&record, spot.place) {
            Parsed::Record(..) => Ok((index, Bytes::from(record).slice(record::HEADER..))),
            _ => Err(LogError::corrupt(&name, spot.place.offset, "an entry reads back damaged")),
        }
    }
}

impl<D: Disk> Clone for Log<D> {
    fn clone(&self) -> Self {
        Self { shared: self.shared.clone() }
    }
}

impl<D: Disk> fmt::Debug for Log<D> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Log")
            .field("entries", &self.entries())
            .field("durable", &self.durable())
            .finish_non_exhaustive()
    }
}
