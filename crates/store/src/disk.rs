//! The disk as the store sees it: one flat directory of files, and the one `sync` that is real.

pub mod memory;
pub mod real;

use std::io;

/// A directory that holds files by plain name, without subdirectories.
///
/// Production uses [`real::RealDisk`]; simulation uses [`memory::MemoryDisk`], which loses, tears
/// or keeps what was not synced when it is told to crash. Both pass one conformance suite. A name
/// change (create, rename, remove) is durable only after [`Disk::sync_dir`], and a file's bytes
/// and length only after [`DiskFile::sync`].
pub trait Disk: Clone + Send + Sync + 'static {
    /// An open file of this disk.
    type File: DiskFile;

    /// Creates an empty file and opens it for reading and writing.
    ///
    /// # Errors
    ///
    /// `AlreadyExists` when the name is taken; otherwise the system's error.
    fn create(&self, name: &str) -> io::Result<Self::File>;

    /// Opens an existing file for reading and writing.
    ///
    /// # Errors
    ///
    /// `NotFound` when there is no such file; otherwise the system's error.
    fn open(&self, name: &str) -> io::Result<Self::File>;

    /// Gives a file another name, atomically replacing what had that name.
    ///
    /// # Errors
    ///
    /// `NotFound` when there is no such file; otherwise the system's error.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file. Handles that are open on it stay readable.
    ///
    /// # Errors
    ///
    /// `NotFound` when there is no such file; otherwise the system's error.
    fn remove(&self, name: &str) -> io::Result<()>;

    /// Returns the names of all files, sorted. Names that begin with a dot are not listed.
    ///
    /// # Errors
    ///
    /// The system's error.
    fn list(&self) -> io::Result<Vec<String>>;

    /// Makes every name change up to now durable.
    ///
    /// # Errors
    ///
    /// The system's error; afterwards nothing is known about the durability of the names.
    fn sync_dir(&self) -> io::Result<()>;
}

/// An open file of a [`Disk`]. Offsets and lengths are in bytes.
pub trait DiskFile: Send + Sync + 'static {
    /// Returns the file's length.
    ///
    /// # Errors
    ///
    /// The system's error.
    fn length(&self) -> io::Result<u64>;

    /// Reads as much of `buffer` as there is at `offset`; 0 at or past the end.
    ///
    /// # Errors
    ///
    /// The system's error.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Writes all of `bytes` at `offset`; a gap before it reads as zeros.
    ///
    /// # Errors
    ///
    /// The system's error; a part of the bytes may have been written.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Cuts the file or extends it with zeros.
    ///
    /// # Errors
    ///
    /// The system's error.
    fn set_length(&self, length: u64) -> io::Result<()>;

    /// Makes every earlier write and length of this file durable: it really reaches the medium.
    ///
    /// # Errors
    ///
    /// The system's error. After an error the earlier writes may be lost **even if a later sync
    /// succeeds** (the kernel marks failed pages clean), so the caller must not carry on with
    /// this file: only reopening and rereading it tells what is there.
    fn sync(&self) -> io::Result<()>;
}

/// Fills `buffer` from `offset`.
///
/// # Errors
///
/// `UnexpectedEof` when the file ends before; otherwise the disk's error.
pub fn read_exact_at(file: &impl DiskFile, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
    let mut done = 0;
    while done < buffer.len() {
        match file.read_at(offset + done as u64, &mut buffer[done..])? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => done += read,
        }
    }
    Ok(())
}

/// Refuses what is not a plain file name, so that no caller can leave the directory.
fn check_name(name: &str) -> io::Result<()> {
    let plain = !name.is_empty()
        && !name.starts_with('.')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    if plain {
        Ok(())
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, format!("{name:?} is not a file name")))
    }
}
