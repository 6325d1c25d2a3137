//! Making snapshot files: from records, or from the bytes of a peer's snapshot.

use crc32fast::Hasher;

use super::part::PartFile;
use super::reader::verify;
use super::{END, MAGIC, RECORD_LIMIT, Snapshot, SnapshotError};
use crate::disk::Disk;

/// Writes a snapshot record by record. Dropped before [`SnapshotWriter::finish`], it leaves
/// nothing.
pub struct SnapshotWriter<D: Disk> {
    part: PartFile<D>,
    hasher: Hasher,
    count: u64,
}

impl<D: Disk> SnapshotWriter<D> {
    /// Begins a snapshot that will be called `name`.
    ///
    /// # Errors
    ///
    /// The disk's error.
    pub fn create(disk: &D, name: &str) -> Result<Self, SnapshotError> {
        let part = PartFile::create(disk, name)?;
        let mut writer = Self { part, hasher: Hasher::new(), count: 0 };
        writer.put(&MAGIC)?;
        Ok(writer)
    }

    /// Adds a record.
    ///
    /// # Errors
    ///
    /// [`SnapshotError::TooLarge`] above [`RECORD_LIMIT`]; otherwise the disk's error.
    pub fn write(&mut self, record: &[u8]) -> Result<(), SnapshotError> {
        if record.len() > RECORD_LIMIT {
            let file = self.part.name().to_owned();
            return Err(SnapshotError::TooLarge { file, limit: RECORD_LIMIT as u64 });
        }
        self.put(&(record.len() as u32).to_le_bytes())?;
        self.count += 1;
        self.put(record)
    }

    /// Completes the snapshot: afterwards it is durable under its name. Returns its length in
    /// bytes.
    ///
    /// # Errors
    ///
    /// The disk's error; then no snapshot of this name was made or replaced, as far as is known.
    pub fn finish(mut self) -> Result<u64, SnapshotError> {
        self.put(&END.to_le_bytes())?;
        self.put(&self.count.to_le_bytes())?;
        let checksum = self.hasher.clone().finalize();
        self.part.write(&checksum.to_le_bytes())?;
        let length = self.part.length();
        self.part.put_in_place()?;
        Ok(length)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        self.hasher.update(bytes);
        self.part.write(bytes)
    }
}

/// Receives a snapshot's bytes as [`Snapshot::read_chunk`] hands them out elsewhere. Dropped
/// before [`Incoming::finish`], it leaves nothing.
pub struct Incoming<D: Disk> {
    part: PartFile<D>,
    limit: u64,
}

impl<D: Disk> Incoming<D> {
    /// Begins to receive a snapshot that will be called `name`, of at most `limit` bytes.
    ///
    /// # Errors
    ///
    /// The disk's error.
    pub fn create(disk: &D, name: &str, limit: u64) -> Result<Self, SnapshotError> {
        Ok(Self { part: PartFile::create(disk, name)?, limit })
    }

    /// Returns how many bytes have come: the offset of the next.
    pub fn length(&self) -> u64 {
        self.part.length()
    }

    /// Adds the next bytes.
    ///
    /// # Errors
    ///
    /// [`SnapshotError::TooLarge`] above the limit; otherwise the disk's error.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        if self.part.length() + bytes.len() as u64 > self.limit {
            let file = self.part.name().to_owned();
            return Err(SnapshotError::TooLarge { file, limit: self.limit });
        }
        self.part.write(bytes)
    }

    /// Verifies what has come, makes it durable under its name and opens it.
    ///
    /// # Errors
    ///
    /// [`SnapshotError::Corrupt`] when it is not a whole snapshot; otherwise the disk's error.
    pub fn finish(mut self) -> Result<Snapshot<D>, SnapshotError> {
        let name = self.part.name().to_owned();
        verify(self.part.complete()?, &name)?;
        let disk = self.part.disk().clone();
        self.part.put_in_place()?;
        Snapshot::open(&disk, &name)
    }
}
