//! The writing side: segment files, their preparation, and the sync that everything waits for.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::error::LogError;
use super::front::{Chunk, Taken};
use crate::disk::{Disk, DiskFile};

/// The segment that is being prepared stands under this name until it is used.
pub(super) const NEXT: &str = "log-next";

/// How much of the next segment one step of preparation fills, in bytes.
const STEP: usize = 1 << 20;

/// The open segment files, by number. Readers take from here while the back writes.
pub(super) type Files<D> = Arc<Mutex<BTreeMap<u64, Arc<<D as Disk>::File>>>>;

/// Returns a segment's file name.
pub(super) fn file_name(segment: u64) -> String {
    format!("log-{segment:016}")
}

/// Reads a segment's number from its file name.
pub(super) fn segment_of(name: &str) -> Option<u64> {
    let digits = name.strip_prefix("log-").filter(|digits| digits.len() == 16)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
}

/// The writing side of the log.
pub(super) struct Back<D: Disk> {
    disk: D,
    segment_bytes: usize,
    files: Files<D>,
    /// Where the last durable record ends in the active segment.
    used: usize,
    next: Option<Next<D::File>>,
}

/// A segment on its way: zeros up to `filled`, durable when `synced`.
struct Next<F> {
    file: F,
    filled: usize,
    synced: bool,
}

impl<D: Disk> Back<D> {
    pub(super) fn new(disk: D, segment_bytes: usize, files: Files<D>, used: usize) -> Self {
        Self { disk, segment_bytes, files, used, next: None }
    }

    /// Writes everything that was taken and makes it durable, then removes what it frees.
    pub(super) fn store(&mut self, taken: &Taken) -> Result<(), LogError> {
        for chunk in &taken.chunks {
            if chunk.place.offset == 0 {
                self.begin_segment(chunk)?;
            } else {
                self.extend_segment(chunk)?;
            }
            self.used = chunk.place.offset + chunk.bytes.len();
        }
        for segment in &taken.removable {
            let name = file_name(*segment);
            // One by one, oldest first, each made durable: a crash leaves no hole between segments.
            self.disk.remove(&name).map_err(LogError::io(format!("removing {name}")))?;
            self.disk.sync_dir().map_err(LogError::io("syncing the directory"))?;
            self.lock_files().remove(segment);
        }
        Ok(())
    }

    /// Writes a chunk behind what the segment already holds.
    fn extend_segment(&self, chunk: &Chunk) -> Result<(), LogError> {
        let segment = chunk.place.segment;
        let file = self.lock_files().get(&segment).cloned();
        let file = file.expect("the segment that is appended to is open");
        let name = file_name(segment);
        file.write_at(chunk.place.offset as u64, &chunk.bytes)
            .map_err(LogError::io(format!("writing to {name}")))?;
        file.sync().map_err(LogError::io(format!("syncing {name}")))
    }

    /// Writes the first chunk of a segment. The segment gets its name only afterwards, so that a
    /// segment under its name always has its head.
    pub(super) fn begin_segment(&mut self, chunk: &Chunk) -> Result<(), LogError> {
        while self.prepare_step()? {}
        let name = file_name(chunk.place.segment);
        let next = self.next.take().expect("it was prepared just now");
        next.file.write_at(0, &chunk.bytes).map_err(LogError::io(format!("writing {name}")))?;
        next.file.sync().map_err(LogError::io(format!("syncing {name}")))?;
        self.disk.rename(NEXT, &name).map_err(LogError::io(format!("naming {name}")))?;
        self.disk.sync_dir().map_err(LogError::io("syncing the directory"))?;
        self.lock_files().insert(chunk.place.segment, Arc::new(next.file));
        Ok(())
    }

    /// Does one bounded step towards the next segment once the active one is half full.
    pub(super) fn prepare(&mut self) -> Result<bool, LogError> {
        if self.used < self.segment_bytes / 2 {
            return Ok(false);
        }
        self.prepare_step()
    }

    /// Fills the next piece of the next segment; says whether there is more to do.
    ///
    /// After a failure it starts over: a failed sync may have lost what was written before it,
    /// and a full disk gets its space back.
    fn prepare_step(&mut self) -> Result<bool, LogError> {
        let mut next = match self.next.take() {
            Some(next) => next,
            None => {
                let file = self.disk.create(NEXT).map_err(LogError::io("creating a segment"))?;
                Next { file, filled: 0, synced: false }
            }
        };
        match next.fill(self.segment_bytes) {
            Ok(()) => Ok(!self.next.insert(next).synced),
            Err(source) => {
                self.disk.remove(NEXT).map_err(LogError::io("removing a half-made segment"))?;
                Err(LogError::io("preparing a segment")(source))
            }
        }
    }

    fn lock_files(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, Arc<D::File>>> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<F: DiskFile> Next<F> {
    /// Writes one more piece, or syncs when it is full.
    ///
    /// Zeros are written, not only reserved: overwriting written blocks needs no metadata, so
    /// the sync of a group touches nothing but the group's own bytes.
    fn fill(&mut self, length: usize) -> io::Result<()> {
        if self.filled == length {
            self.file.sync()?;
            self.synced = true;
            return Ok(());
        }
        let count = STEP.min(length - self.filled);
        self.file.write_at(self.filled as u64, &vec![0; count])?;
        self.filled += count;
        Ok(())
    }
}
