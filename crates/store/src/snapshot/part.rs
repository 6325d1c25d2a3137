//! A file under a temporary name that gets its own name only when all of it is durable.

use super::{PART, SnapshotError};
use crate::disk::{Disk, DiskFile};

/// How much is gathered before it is written, in bytes.
const BUFFER: usize = 1 << 20;

/// A file that is being written from its beginning to its end.
pub(super) struct PartFile<D: Disk> {
    disk: D,
    name: String,
    part: String,
    file: D::File,
    /// What was written.
    written: u64,
    buffer: Vec<u8>,
    in_place: bool,
}

impl<D: Disk> PartFile<D> {
    /// Begins a file that will be called `name`, forgetting an earlier attempt.
    pub(super) fn create(disk: &D, name: &str) -> Result<Self, SnapshotError> {
        let part = format!("{name}{PART}");
        match disk.remove(&part) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(SnapshotError::io(name)(error));
            }
            _ => {}
        }
        let file = disk.create(&part).map_err(SnapshotError::io(name))?;
        let (disk, name) = (disk.clone(), name.to_owned());
        Ok(Self { disk, name, part, file, written: 0, buffer: Vec::new(), in_place: false })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn disk(&self) -> &D {
        &self.disk
    }

    pub(super) fn length(&self) -> u64 {
        self.written + self.buffer.len() as u64
    }

    /// Appends bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), SnapshotError> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER { self.write_out() } else { Ok(()) }
    }

    /// Brings everything into the file, so that it can be read, and returns the file.
    pub(super) fn complete(&mut self) -> Result<&D::File, SnapshotError> {
        self.write_out()?;
        Ok(&self.file)
    }

    fn write_out(&mut self) -> Result<(), SnapshotError> {
        let result = self.file.write_at(self.written, &self.buffer);
        result.map_err(SnapshotError::io(&self.name))?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Makes the file durable and gives it its name, in the place of an older one.
    pub(super) fn put_in_place(mut self) -> Result<(), SnapshotError> {
        self.write_out()?;
        self.file.sync().map_err(SnapshotError::io(&self.name))?;
        self.disk.rename(&self.part, &self.name).map_err(SnapshotError::io(&self.name))?;
        self.in_place = true;
        self.disk.sync_dir().map_err(SnapshotError::io(&self.name))
    }
}

impl<D: Disk> Drop for PartFile<D> {
    fn drop(&mut self) {
        if !self.in_place {
            // Should it fail, `clean` removes it at the next start.
            let _ = self.disk.remove(&self.part);
        }
    }
}
