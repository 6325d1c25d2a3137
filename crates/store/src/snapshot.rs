//! Snapshot files: records in one file that is either whole under its name or not there.
//!
//! Layout: 8 bytes of magic; each record as length (4, little-endian) and bytes; then the length
//! `0xFFFF_FFFF`, the number of records (8) and the CRC-32 of everything before (4).

mod part;
mod reader;
mod writer;

use std::{fmt, io};

use crate::disk::Disk;
pub use reader::{Records, Snapshot};
pub use writer::{Incoming, SnapshotWriter};

/// Names this layout. A reader refuses any other.
const MAGIC: [u8; 8] = *b"BWSNAP01";

/// Stands where a length would, after the last record.
const END: u32 = u32::MAX;

/// The bytes after the last record: end mark, count, checksum.
const TRAILER: u64 = 4 + 8 + 4;

/// The longest record, in bytes.
pub const RECORD_LIMIT: usize = 64 << 20;

/// What a file that is not whole yet ends with.
const PART: &str = ".part";

/// Removes what interrupted snapshots left behind. Call it before any is written.
///
/// # Errors
///
/// The disk's error.
pub fn clean<D: Disk>(disk: &D) -> io::Result<()> {
    for name in disk.list()? {
        if name.ends_with(PART) {
            disk.remove(&name)?;
        }
    }
    Ok(())
}

/// Why a snapshot could not be written or read.
#[derive(Debug)]
pub enum SnapshotError {
    /// The disk refused.
    Io {
        /// The file's name.
        file: String,
        /// The disk's error.
        source: io::Error,
    },
    /// The file is not a whole snapshot: damaged, cut short, or of another format.
    Corrupt {
        /// The file's name.
        file: String,
        /// What is wrong with it.
        what: &'static str,
    },
    /// More bytes than are accepted.
    TooLarge {
        /// The file's name.
        file: String,
        /// The most bytes that are accepted.
        limit: u64,
    },
}

impl SnapshotError {
    fn io(file: &str) -> impl FnOnce(io::Error) -> Self {
        let file = file.to_owned();
        move |source| Self::Io { file, source }
    }

    fn corrupt(file: &str, what: &'static str) -> Self {
        Self::Corrupt { file: file.to_owned(), what }
    }
}

impl fmt::Display for SnapshotError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { file, source } => write!(out, "snapshot {file}: {source}"),
            Self::Corrupt { file, what } => write!(
                out,
                "snapshot {file} is not whole: {what}. Remove it: the log or a peer has its content"
            ),
            Self::TooLarge { file, limit } => {
                write!(out, "snapshot {file} exceeds {limit} bytes")
            }
        }
    }
}

impl std::error::Error for SnapshotError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
