//! A directory of the operating system's file system.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::{Disk, DiskFile, check_name};

/// Held for as long as a process uses the directory.
const LOCK: &str = ".lock";

/// A real directory, locked for this process until the last clone is dropped.
#[derive(Clone, Debug)]
pub struct RealDisk {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    path: PathBuf,
    directory: File,
    /// Kept open because closing it would release the lock.
    _lock: File,
}

/// A file of a [`RealDisk`].
#[derive(Debug)]
pub struct RealFile {
    file: File,
    length: AtomicU64,
    /// Whether the length may have changed since the last sync: then metadata must go too.
    grown: AtomicBool,
}

impl RealDisk {
    /// Opens `path`, creating it durably (with its missing parents) when it is not there.
    ///
    /// # Errors
    ///
    /// `WouldBlock` when another process holds the directory; otherwise the system's error.
    pub fn new(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        create_dir_durably(&path)?;
        let directory = File::open(&path)?;
        let lock =
            OpenOptions::new().create(true).truncate(false).write(true).open(path.join(LOCK))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let message = format!("{} is in use by another process", path.display());
                return Err(io::Error::new(io::ErrorKind::WouldBlock, message));
            }
            Err(TryLockError::Error(error)) => return Err(error),
        }
        Ok(Self { shared: Arc::new(Shared { path, directory, _lock: lock }) })
    }

    /// Returns the directory's path.
    pub fn path(&self) -> &Path {
        &self.shared.path
    }

    fn at(&self, name: &str) -> io::Result<PathBuf> {
        check_name(name)?;
        Ok(self.shared.path.join(name))
    }
}

/// Creates a directory and syncs the parent of everything it had to create.
fn create_dir_durably(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Ok(());
    }
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    create_dir_durably(parent)?;
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    File::open(parent)?.sync_all()
}

impl Disk for RealDisk {
    type File = RealFile;

    fn create(&self, name: &str) -> io::Result<RealFile> {
        let path = self.at(name)?;
        RealFile::new(OpenOptions::new().read(true).write(true).create_new(true).open(path)?)
    }

    fn open(&self, name: &str) -> io::Result<RealFile> {
        RealFile::new(OpenOptions::new().read(true).write(true).open(self.at(name)?)?)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.at(from)?, self.at(to)?)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.at(name)?)
    }

    fn list(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.shared.path)? {
            let entry = entry?;
            if let Ok(name) = entry.file_name().into_string()
                && !name.starts_with('.')
                && entry.file_type()?.is_file()
            {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    fn sync_dir(&self) -> io::Result<()> {
        self.shared.directory.sync_all()
    }
}

impl RealFile {
    fn new(file: File) -> io::Result<Self> {
        let length = AtomicU64::new(file.metadata()?.len());
        // A file found on disk may have grown unsynced before a crash: the first sync is full.
        Ok(Self { file, length, grown: AtomicBool::new(true) })
    }
}

impl DiskFile for RealFile {
    fn length(&self) -> io::Result<u64> {
        Ok(self.length.load(Ordering::SeqCst))
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.file.read_at(buffer, offset) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => return other,
            }
        }
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let end = offset + bytes.len() as u64;
        if self.length.fetch_max(end, Ordering::SeqCst) < end {
            self.grown.store(true, Ordering::SeqCst);
        }
        self.file.write_all_at(bytes, offset)
    }

    fn set_length(&self, length: u64) -> io::Result<()> {
        self.grown.store(true, Ordering::SeqCst);
        self.file.set_len(length)?;
        self.length.store(length, Ordering::SeqCst);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        if !self.grown.swap(false, Ordering::SeqCst) {
            return self.file.sync_data();
        }
        self.file.sync_all().inspect_err(|_| self.grown.store(true, Ordering::SeqCst))
    }
}
