//! A voter's disk: the simulated one, which may be told to lie.

use std::io;

use store::{Disk, DiskFile, MemoryDisk, MemoryFile};

/// A disk whose syncs do nothing when it lies, so that the checkers can show that they notice.
#[derive(Clone, Debug)]
pub(crate) struct SimDisk {
    disk: MemoryDisk,
    lies: bool,
}

#[derive(Debug)]
pub(crate) struct SimFile {
    file: MemoryFile,
    lies: bool,
}

impl SimDisk {
    pub(crate) fn new(disk: MemoryDisk, lies: bool) -> Self {
        SimDisk { disk, lies }
    }

    pub(crate) fn crash(&self, seed: u64) {
        self.disk.crash(seed);
    }

    pub(crate) fn cut_power_at_sync(&self, nth: u64) {
        self.disk.cut_power_at_sync(nth);
    }

    /// Makes the `nth` sync from now fail.
    pub(crate) fn fail_sync(&self, nth: u64) {
        self.disk.fail_sync(nth);
    }

    /// Makes the `nth` write from now fail half-way.
    pub(crate) fn fail_write(&self, nth: u64) {
        self.disk.fail_write(nth);
    }

    /// Leaves room for so many bytes more.
    pub(crate) fn fill(&self, left: u64) {
        let names = self.disk.list().unwrap_or_default();
        let lengths = names.iter().filter_map(|name| self.disk.open(name).ok()?.length().ok());
        self.disk.set_capacity(Some(lengths.sum::<u64>() + left));
    }

    /// Makes room again.
    pub(crate) fn clear_out(&self) {
        self.disk.set_capacity(None);
    }

    fn file(&self, file: MemoryFile) -> SimFile {
        SimFile { file, lies: self.lies }
    }
}

impl Disk for SimDisk {
    type File = SimFile;

    fn create(&self, name: &str) -> io::Result<SimFile> {
        self.disk.create(name).map(|file| self.file(file))
    }

    fn open(&self, name: &str) -> io::Result<SimFile> {
        self.disk.open(name).map(|file| self.file(file))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.disk.rename(from, to)
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        self.disk.remove(name)
    }

    fn list(&self) -> io::Result<Vec<String>> {
        self.disk.list()
    }

    fn sync_dir(&self) -> io::Result<()> {
        self.disk.sync_dir()
    }
}

impl DiskFile for SimFile {
    fn length(&self) -> io::Result<u64> {
        self.file.length()
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(offset, buffer)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_at(offset, bytes)
    }

    fn set_length(&self, length: u64) -> io::Result<()> {
        self.file.set_length(length)
    }

    fn sync(&self) -> io::Result<()> {
        if self.lies { Ok(()) } else { self.file.sync() }
    }
}
