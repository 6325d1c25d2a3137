//! sled behind a fence: its settings, its errors, and its panics turned into errors.

use std::fs::{self, File};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use sled::{Batch, Db, IVec};

/// How much of the database sled keeps in memory, in bytes.
const CACHE: u64 = 64 << 20;

/// sled stores what exceeds a quarter of this in a file of its own, which it never syncs. With
/// pieces of `layout::PIECE` bytes and keys of `KEY_LIMIT`, no page gets near that quarter.
const SEGMENT: usize = 2 << 20;

/// How long to wait for a lock that a closing handle or a dying process still holds.
const LOCK_PATIENCE: Duration = Duration::from_secs(5);

/// Why sled could not do it.
#[derive(Debug)]
pub(super) enum Failure {
    /// The disk refused; says nothing about the data.
    Io(io::Error),
    /// The data is damaged, or sled thinks so, or it panicked over it.
    Damaged(String),
}

/// One open database, used through [`Engine::with`] only.
pub(super) struct Engine {
    /// `None` after a panic: sled's inner state is unknown then.
    db: Option<Db>,
}

impl Engine {
    /// Opens or creates a database whose writes really reach the disk.
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let patience = Instant::now() + LOCK_PATIENCE;
        loop {
            match guard(|| config(path).open()) {
                Err(Failure::Io(error)) if is_locked(&error) && Instant::now() < patience => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                Err(failure) => return Err(failure),
                Ok(db) => {
                    // sled syncs its log, but neither its settings file nor any directory.
                    sync_directory(path).map_err(Failure::Io)?;
                    return Ok(Self { db: Some(db) });
                }
            }
        }
    }

    /// Does something with the database. After a panic inside sled it is never used again.
    fn with<T>(&mut self, action: impl FnOnce(&Db) -> sled::Result<T>) -> Result<T, Failure> {
        let Some(db) = &self.db else {
            return Err(Failure::Damaged("sled panicked before".to_owned()));
        };
        match catch_unwind(AssertUnwindSafe(|| action(db))) {
            Ok(result) => result.map_err(failure),
            Err(panic) => {
                // Its destructor could hang or panic again over what the first panic left.
                std::mem::forget(self.db.take());
                Err(panicked(panic.as_ref()))
            }
        }
    }

    /// Returns the value of a key.
    pub(super) fn get(&mut self, key: &[u8]) -> Result<Option<IVec>, Failure> {
        self.with(|db| db.get(key))
    }

    /// Applies a batch: after a crash all of it is there or nothing, but which is open until
    /// [`Engine::flush`].
    pub(super) fn apply(&mut self, batch: Batch) -> Result<(), Failure> {
        self.with(|db| db.apply_batch(batch))
    }

    /// Makes everything applied so far durable.
    pub(super) fn flush(&mut self) -> Result<(), Failure> {
        self.with(|db| db.flush().map(|_| ()))
    }

    /// Calls `visit` for every key with a prefix, in order, until it answers `false`.
    pub(super) fn scan(
        &mut self,
        prefix: &[u8],
        mut visit: impl FnMut(IVec, IVec) -> bool,
    ) -> Result<(), Failure> {
        self.with(|db| {
            for pair in db.scan_prefix(prefix) {
                let (key, value) = pair?;
                if !visit(key, value) {
                    break;
                }
            }
            Ok(())
        })
    }

    /// Returns how much the database takes on disk, in bytes.
    pub(super) fn size_on_disk(&mut self) -> Result<u64, Failure> {
        self.with(Db::size_on_disk)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(db) = self.db.take() {
            let _ = guard(|| {
                drop(db);
                Ok(())
            });
        }
    }
}

fn config(path: &Path) -> sled::Config {
    sled::Config::new()
        .path(path)
        .cache_capacity(CACHE)
        .segment_size(SEGMENT)
        .flush_every_ms(None)
        .mode(sled::Mode::HighThroughput)
}

fn guard<T>(action: impl FnOnce() -> sled::Result<T>) -> Result<T, Failure> {
    match catch_unwind(AssertUnwindSafe(action)) {
        Ok(result) => result.map_err(failure),
        Err(panic) => Err(panicked(panic.as_ref())),
    }
}

fn failure(error: sled::Error) -> Failure {
    match error {
        sled::Error::Io(error) if is_damage(error.kind()) => Failure::Damaged(error.to_string()),
        sled::Error::Io(error) => Failure::Io(error),
        other => Failure::Damaged(other.to_string()),
    }
}

/// Whether an input/output error is about the content of the files.
fn is_damage(kind: io::ErrorKind) -> bool {
    matches!(kind, io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData)
}

fn is_locked(error: &io::Error) -> bool {
    error.to_string().contains("could not acquire lock")
}

fn panicked(panic: &(dyn std::any::Any + Send)) -> Failure {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    Failure::Damaged(format!("sled panicked: {}", text.unwrap_or_default()))
}

/// Syncs every file of a directory and its subdirectories, and then the directories.
pub(super) fn sync_directory(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_directory(&entry.path())?;
        } else {
            File::open(entry.path())?.sync_all()?;
        }
    }
    File::open(path)?.sync_all()
}
