//! Reading snapshot files: verified as a whole before the first record is handed out.

use bytes::Bytes;
use crc32fast::Hasher;

use super::{END, MAGIC, RECORD_LIMIT, SnapshotError, TRAILER};
use crate::disk::{Disk, DiskFile, read_exact_at};

/// How much is read at once, in bytes.
const CHUNK: usize = 1 << 20;

/// A snapshot file that was whole when it was opened.
pub struct Snapshot<D: Disk> {
    file: D::File,
    name: String,
    length: u64,
    count: u64,
}

impl<D: Disk> Snapshot<D> {
    /// Opens a snapshot and verifies all of it.
    ///
    /// # Errors
    ///
    /// [`SnapshotError::Corrupt`] when it is not whole; otherwise the disk's error, `NotFound`
    /// among them.
    pub fn open(disk: &D, name: &str) -> Result<Self, SnapshotError> {
        let file = disk.open(name).map_err(SnapshotError::io(name))?;
        let (length, count) = verify(&file, name)?;
        Ok(Self { file, name: name.to_owned(), length, count })
    }

    /// Returns the file's length, in bytes.
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Returns the number of records.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Reads up to `max` of the file's bytes from `offset`, for a peer to receive with
    /// [`Incoming`](super::Incoming); none at the end.
    ///
    /// # Errors
    ///
    /// The disk's error.
    pub fn read_chunk(&self, offset: u64, max: usize) -> Result<Bytes, SnapshotError> {
        let count = self.length.saturating_sub(offset).min(max as u64);
        let mut chunk = vec![0; count as usize];
        read_exact_at(&self.file, offset, &mut chunk).map_err(SnapshotError::io(&self.name))?;
        Ok(chunk.into())
    }

    /// Reads the records in order.
    pub fn records(&self) -> Records<'_, D> {
        let end = self.length - TRAILER;
        Records { snapshot: self, offset: MAGIC.len() as u64, end, buffer: Bytes::new() }
    }
}

/// The records of a [`Snapshot`]; see [`Snapshot::records`].
pub struct Records<'a, D: Disk> {
    snapshot: &'a Snapshot<D>,
    /// Where the bytes after the buffer begin.
    offset: u64,
    end: u64,
    buffer: Bytes,
}

impl<D: Disk> Records<'_, D> {
    /// Takes the next bytes, reading ahead.
    fn take(&mut self, count: usize) -> Result<Bytes, SnapshotError> {
        if self.buffer.len() < count {
            let missing = count - self.buffer.len();
            let left = self.end - self.offset;
            if (missing as u64) > left {
                let what = "a record leads past the end";
                return Err(SnapshotError::corrupt(&self.snapshot.name, what));
            }
            let more =
                self.snapshot.read_chunk(self.offset, missing.max(CHUNK).min(left as usize))?;
            self.offset += more.len() as u64;
            self.buffer = [&self.buffer[..], &more].concat().into();
        }
        Ok(self.buffer.split_to(count))
    }

    fn record(&mut self) -> Result<Bytes, SnapshotError> {
        let mut length = [0; 4];
        length.copy_from_slice(&self.take(4)?);
        let length = u32::from_le_bytes(length) as usize;
        if length > RECORD_LIMIT {
            return Err(SnapshotError::corrupt(&self.snapshot.name, "a record is too long"));
        }
        // A copy, so that a small record that is kept does not keep a whole chunk.
        Ok(Bytes::copy_from_slice(&self.take(length)?))
    }
}

impl<D: Disk> Iterator for Records<'_, D> {
    type Item = Result<Bytes, SnapshotError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.offset == self.end && self.buffer.is_empty() {
            return None;
        }
        let record = self.record();
        if record.is_err() {
            (self.offset, self.buffer) = (self.end, Bytes::new());
        }
        Some(record)
    }
}

/// Checks that a file is a whole snapshot; returns its length and the number of its records.
pub(super) fn verify(file: &impl DiskFile, name: &str) -> Result<(u64, u64), SnapshotError> {
    let length = file.length().map_err(SnapshotError::io(name))?;
    let magic = MAGIC.len() as u64;
    if length < magic + TRAILER {
        return Err(SnapshotError::corrupt(name, "it is too short"));
    }
    let mut hasher = Hasher::new();
    let mut chunk = vec![0; CHUNK.min(length as usize)];
    let mut offset = 0;
    while offset < length - 4 {
        let count = (length - 4 - offset).min(chunk.len() as u64) as usize;
        let chunk = &mut chunk[..count];
        read_exact_at(file, offset, chunk).map_err(SnapshotError::io(name))?;
        if offset == 0 && !chunk.starts_with(&MAGIC) {
            return Err(SnapshotError::corrupt(
                name,
                "it has a format that this version does not know",
            ));
        }
        hasher.update(chunk);
        offset += count as u64;
    }
    let mut trailer = [0; TRAILER as usize];
    read_exact_at(file, length - TRAILER, &mut trailer).map_err(SnapshotError::io(name))?;
    let (end, count, checksum) = split(trailer);
    if checksum != hasher.finalize() {
        return Err(SnapshotError::corrupt(name, "its checksum does not match"));
    }
    if end != END {
        return Err(SnapshotError::corrupt(name, "it has no end mark"));
    }
    Ok((length, count))
}

fn split(trailer: [u8; TRAILER as usize]) -> (u32, u64, u32) {
    let (mut end, mut count, mut checksum) = ([0; 4], [0; 8], [0; 4]);
    end.copy_from_slice(&trailer[..4]);
    count.copy_from_slice(&trailer[4..12]);
    checksum.copy_from_slice(&trailer[12..]);
    (u32::from_le_bytes(end), u64::from_le_bytes(count), u32::from_le_bytes(checksum))
}
