//! The log as openraft uses it, on the store's segmented log.

mod syncer;

use std::fmt::{self, Debug};
use std::future::Future;
use std::io;
use std::ops::{Bound, RangeBounds};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use openraft::OptionalSend;
use openraft::storage::{IOFlushed, LogState, RaftLogReader, RaftLogStorage};
use prost::Message;
use schema::peer::v1 as peer;
use store::{Disk, Log, LogError, LogOptions};

use crate::raft::{Entry, LogId, TypeConfig, Vote};
use crate::wire;

use syncer::Syncer;
pub use syncer::Threading;

/// Payload bytes in one message to a follower, unless one entry alone is larger. Well below the
/// message limit.
const APPEND_BYTES_MAX: usize = 1024 * 1024;

/// A handle; clones share one log.
pub(crate) struct LogStore<D: Disk> {
    log: Log<D>,
    marks: SharedMarks,
    syncer: Syncer,
}

/// The marks of a log, without a hold on its files.
#[derive(Clone, Default)]
pub(crate) struct SharedMarks(Arc<Mutex<Marks>>);

impl SharedMarks {
    /// The oldest revision still held; one past the newest when none is.
    pub(crate) fn first_index(&self) -> u64 {
        self.lock().purged.map_or(0, |id| id.index + 1)
    }

    fn lock(&self) -> MutexGuard<'_, Marks> {
        // INVARIANT: nothing that can panic runs under the lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<D: Disk> Clone for LogStore<D> {
    fn clone(&self) -> Self {
        let (log, marks) = (self.log.clone(), self.marks.clone());
        LogStore { log, marks, syncer: self.syncer.clone() }
    }
}

/// What openraft was told is written, decoded.
#[derive(Clone, Copy, Default)]
pub(crate) struct Marks {
    vote: Option<Vote>,
    committed: Option<LogId>,
    purged: Option<LogId>,
    /// The newest entry, or the newest one that was purged when none is left.
    last: Option<LogId>,
}

impl<D: Disk> LogStore<D> {
    /// Opens the log of a disk, or begins one.
    ///
    /// # Errors
    /// It is damaged, or the disk fails.
    pub(crate) fn open(disk: D, options: LogOptions, threading: Threading) -> io::Result<Self> {
        let (log, found) = Log::open(disk, options).map_err(store_error)?;
        if let Some(torn) = &found.torn {
            tracing::info!(?torn, "cleared what an interrupted write had left in the log");
        }
        let mut marks = Marks {
            vote: found.vote.map(decode_vote).transpose()?,
            committed: found.committed.map(decode_log_id).transpose()?,
            purged: found.purged.map(|(_, marker)| decode_log_id(marker)).transpose()?,
            last: None,
        };
        marks.last = marks.purged;
        if let Some(newest) = found.entries.end.checked_sub(1).filter(|_| !found.entries.is_empty())
        {
            let read = log.read(newest..newest + 1).map_err(store_error)?;
            for (index, record) in read {
                marks.last = Some(decode_entry(index, record)?.log_id);
            }
        }
        let syncer = Syncer::start(log.clone(), threading)?;
        Ok(LogStore { log, marks: SharedMarks(Arc::new(Mutex::new(marks))), syncer })
    }

    pub(crate) fn marks(&self) -> &SharedMarks {
        &self.marks
    }

    /// Resolves when the log's files are let go of, after the last handle is gone.
    pub(crate) fn released(&self) -> impl Future<Output = ()> + Send + use<D> {
        self.syncer.released()
    }

    /// Makes the log go on after `id`, which a quorum holds and this node's own log may lack or
    /// contradict. Entries after a contradicting one were never committed.
    ///
    /// # Errors
    /// The disk fails.
    pub(crate) async fn adopt(&mut self, id: LogId) -> io::Result<()> {
        let held = self.read(id.index, id.index + 1, usize::MAX)?;
        let contradicts = held.first().is_some_and(|entry| entry.log_id != id);
        if contradicts {
            let purged = self.marks.lock().purged;
            self.truncate_after(purged).await?;
        }
        let last = self.marks.lock().last;
        if last.is_none_or(|last| last.index < id.index) {
            self.purge(id).await?;
        }
        Ok(())
    }

    fn read(&self, start: u64, end: u64, bytes_max: usize) -> io::Result<Vec<Entry>> {
        let records = self.log.read_limited(start..end, bytes_max).map_err(store_error)?;
        records.into_iter().map(|(index, record)| decode_entry(index, record)).collect()
    }
}

fn decode_entry(index: u64, record: Bytes) -> io::Result<Entry> {
    let entry = peer::LogEntry::decode(record).map_err(invalid)?;
    let entry = wire::read_entry(entry).map_err(invalid)?;
    if entry.log_id.index != index {
        return Err(invalid("a log entry under another's index"));
    }
    Ok(entry)
}

fn decode_vote(bytes: Bytes) -> io::Result<Vote> {
    let ballot = peer::Ballot::decode(bytes).map_err(invalid)?;
    wire::read_ballot(Some(ballot)).map_err(invalid)
}

fn decode_log_id(bytes: Bytes) -> io::Result<LogId> {
    Ok(wire::read_log_id(&peer::LogId::decode(bytes).map_err(invalid)?))
}

fn encode_log_id(id: &LogId) -> Vec<u8> {
    wire::log_id(id).encode_to_vec()
}

fn invalid(why: impl fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why.to_string())
}

fn store_error(error: LogError) -> io::Error {
    io::Error::other(error)
}

impl<D: Disk> RaftLogReader<TypeConfig> for LogStore<D> {
    async fn try_get_log_entries<RB>(&mut self, range: RB) -> Result<Vec<Entry>, io::Error>
    where
        RB: RangeBounds<u64> + Clone + Debug + OptionalSend,
    {
        let start = match range.start_bound() {
            Bound::Included(start) => *start,
            Bound::Excluded(start) => start.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(end) => end.saturating_add(1),
            Bound::Excluded(end) => *end,
            Bound::Unbounded => u64::MAX,
        };
        self.read(start, end, usize::MAX)
    }

    async fn limited_get_log_entries(&mut self, start: u64, end: u64) -> io::Result<Vec<Entry>> {
        self.read(start, end, APPEND_BYTES_MAX)
    }

    async fn read_vote(&mut self) -> Result<Option<Vote>, io::Error> {
        Ok(self.marks.lock().vote)
    }
}

impl<D: Disk> RaftLogStorage<TypeConfig> for LogStore<D> {
    type LogReader = Self;

    async fn get_log_state(&mut self) -> Result<LogState<TypeConfig>, io::Error> {
        let Marks { purged, last, .. } = *self.marks.lock();
        Ok(LogState { last_purged_log_id: purged, last_log_id: last })
    }

    async fn get_log_reader(&mut self) -> Self::LogReader {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &Vote) -> Result<(), io::Error> {
        self.log.save_vote(&wire::ballot(vote).encode_to_vec()).map_err(store_error)?;
        self.marks.lock().vote = Some(*vote);
        self.syncer.synced().await
    }

    /// Not waited for: a commit that is forgotten in a crash is learnt again from the leader.
    async fn save_committed(&mut self, committed: Option<LogId>) -> Result<(), io::Error> {
        if let Some(id) = committed {
            self.log.save_committed(&encode_log_id(&id)).map_err(store_error)?;
        }
        self.marks.lock().committed = committed;
        Ok(())
    }

    async fn read_committed(&mut self) -> Result<Option<LogId>, io::Error> {
        let Marks { committed, last, .. } = *self.marks.lock();
        // Never claim more than the log holds; claiming less only means to learn it from the
        // leader.
        Ok(committed.filter(|id| Some(*id) <= last))
    }

    async fn append<I>(&mut self, entries: I, done: IOFlushed<TypeConfig>) -> Result<(), io::Error>
    where
        I: IntoIterator<Item = Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let mut last = None;
        for entry in entries {
            let record = wire::entry(&entry).encode_to_vec();
            self.log.append(entry.log_id.index, record).map_err(store_error)?;
            last = Some(entry.log_id);
        }
        if last.is_some() {
            self.marks.lock().last = last;
        }
        self.syncer.sync_then(done);
        Ok(())
    }

    async fn truncate_after(&mut self, last: Option<LogId>) -> Result<(), io::Error> {
        self.log.truncate_after(last.map(|id| id.index)).map_err(store_error)?;
        self.marks.lock().last = last;
        self.syncer.synced().await
    }

    async fn purge(&mut self, upto: LogId) -> Result<(), io::Error> {
        self.log.purge_to(upto.index, &encode_log_id(&upto)).map_err(store_error)?;
        {
            let mut marks = self.marks.lock();
            marks.purged = marks.purged.max(Some(upto));
            if marks.last.is_none_or(|last| last.index <= upto.index) {
                marks.last = Some(upto);
            }
        }
        self.syncer.synced().await
    }
}
