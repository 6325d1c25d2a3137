//! A simulated disk: it remembers what was not synced, and a crash decides what becomes of it.

mod contents;
mod faults;

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Disk, DiskFile, check_name};
use contents::{Contents, SECTOR};
pub use faults::Dice;
use faults::{Faults, eio};

/// A directory in memory. Clones share it; it does nothing by itself and asks no clock or chance.
///
/// Until [`DiskFile::sync`] a write may be lost, torn at a sector, or kept by
/// [`MemoryDisk::crash`], each write on its own, as a page cache does. Name changes wait for
/// [`Disk::sync_dir`]; a crash keeps some first part of them in order, as a journal does. A failed
/// sync loses what it should have written even though it still reads back, as Linux does.
#[derive(Clone, Debug, Default)]
pub struct MemoryDisk {
    inner: Arc<Mutex<Inner>>,
}

/// A file of a [`MemoryDisk`]. It answers `EIO` once the disk has crashed.
#[derive(Debug)]
pub struct MemoryFile {
    inner: Arc<Mutex<Inner>>,
    contents: Arc<Mutex<Contents>>,
    /// How often the disk had crashed when this was opened.
    epoch: u64,
}

type Names = BTreeMap<String, Arc<Mutex<Contents>>>;

#[derive(Debug, Default)]
struct Inner {
    names: Names,
    durable_names: Names,
    /// The directory after each name change that is not synced.
    unsynced_names: Vec<Names>,
    epoch: u64,
    faults: Faults,
    syncs: u64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A test that panicked while it held the lock has failed anyway.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl MemoryDisk {
    /// Cuts the power: every unsynced write is dropped, torn or kept as `seed` decides, and every
    /// open file is dead. Equal seeds and histories leave equal disks.
    pub fn crash(&self, seed: u64) {
        let mut inner = lock(&self.inner);
        let mut dice = Dice::new(seed);
        let kept = dice.below(inner.unsynced_names.len() as u64 + 1) as usize;
        let names = match kept {
            0 => inner.durable_names.clone(),
            _ => inner.unsynced_names[kept - 1].clone(),
        };
        for contents in names.values() {
            lock(contents).crash(&mut dice);
        }
        inner.durable_names = names.clone();
        inner.names = names;
        inner.unsynced_names.clear();
        inner.epoch += 1;
        inner.faults.clear_scheduled();
    }

    /// Makes a separate disk with equal contents, synced and unsynced; files open on this one stay
    /// with this one.
    pub fn fork(&self) -> Self {
        let inner = lock(&self.inner);
        // A file may stand under several of these maps, and must stay one file.
        let mut copies: Vec<(*const Mutex<Contents>, Arc<Mutex<Contents>>)> = Vec::new();
        let mut copy = |names: &Names| -> Names {
            let mut result = Names::new();
            for (name, contents) in names {
                let known = copies.iter().find(|(old, _)| *old == Arc::as_ptr(contents));
                let fresh = match known {
                    Some((_, fresh)) => fresh.clone(),
                    None => {
                        let fresh = Arc::new(Mutex::new(lock(contents).clone()));
                        copies.push((Arc::as_ptr(contents), fresh.clone()));
                        fresh
                    }
                };
                result.insert(name.clone(), fresh);
            }
            result
        };
        let forked = Inner {
            names: copy(&inner.names),
            durable_names: copy(&inner.durable_names),
            unsynced_names: inner.unsynced_names.iter().map(&mut copy).collect(),
            epoch: inner.epoch,
            faults: inner.faults.clone(),
            syncs: inner.syncs,
        };
        Self { inner: Arc::new(Mutex::new(forked)) }
    }

    /// Makes the `nth` sync from now (1 is the next; files and directory count alike) fail with
    /// `EIO`.
    pub fn fail_sync(&self, nth: u64) {
        lock(&self.inner).faults.fail_sync(nth);
    }

    /// Makes the power fail in the middle of the `nth` sync from now (1 is the next): that sync
    /// and everything after it fail until [`MemoryDisk::crash`] decides what reached the medium.
    pub fn cut_power_at_sync(&self, nth: u64) {
        lock(&self.inner).faults.cut_power_at_sync(nth);
    }

    /// Makes the `nth` write from now (1 is the next) fail with `EIO` about half-way.
    pub fn fail_write(&self, nth: u64) {
        lock(&self.inner).faults.fail_write(nth);
    }

    /// Limits the sum of all lengths, in bytes: what would exceed it answers `ENOSPC`.
    pub fn set_capacity(&self, bytes: Option<u64>) {
        lock(&self.inner).faults.capacity = bytes;
    }

    /// Flips the bits of `mask` in one stored byte, as a decaying medium would.
    ///
    /// # Errors
    ///
    /// `NotFound` when there is no such file or byte.
    pub fn flip(&self, name: &str, offset: u64, mask: u8) -> io::Result<()> {
        let inner = lock(&self.inner);
        let contents = inner.names.get(name).ok_or(io::ErrorKind::NotFound)?;
        lock(contents).flip(offset, mask).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn powered(&self) -> io::Result<MutexGuard<'_, Inner>> {
        let inner = lock(&self.inner);
        inner.powered().map(|()| inner)
    }

    /// Returns how many syncs have succeeded, of files and of the directory.
    pub fn syncs(&self) -> u64 {
        lock(&self.inner).syncs
    }
}

impl Inner {
    fn powered(&self) -> io::Result<()> {
        if self.faults.is_off() { Err(eio("the power failed")) } else { Ok(()) }
    }

    fn renamed(&mut self) {
        self.unsynced_names.push(self.names.clone());
    }

    fn used(&self) -> u64 {
        self.names.values().map(|contents| lock(contents).length()).sum()
    }
}

impl Disk for MemoryDisk {
    type File = MemoryFile;

    fn create(&self, name: &str) -> io::Result<MemoryFile> {
        check_name(name)?;
        let mut inner = self.powered()?;
        if inner.names.contains_key(name) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let contents = Arc::new(Mutex::new(Contents::default()));
        inner.names.insert(name.to_owned(), contents.clone());
        inner.renamed();
        Ok(MemoryFile { inner: self.inner.clone(), contents, epoch: inner.epoch })
    }

    fn open(&self, name: &str) -> io::Result<MemoryFile> {
        check_name(name)?;
        let inner = self.powered()?;
        let contents = inner.names.get(name).ok_or(io::ErrorKind::NotFound)?.clone();
        Ok(MemoryFile { inner: self.inner.clone(), contents, epoch: inner.epoch })
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        check_name(from)?;
        check_name(to)?;
        let mut inner = self.powered()?;
        let contents = inner.names.remove(from).ok_or(io::ErrorKind::NotFound)?;
        inner.names.insert(to.to_owned(), contents);
        inner.renamed();
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        check_name(name)?;
        let mut inner = self.powered()?;
        inner.names.remove(name).ok_or(io::ErrorKind::NotFound)?;
        inner.renamed();
        Ok(())
    }

    fn list(&self) -> io::Result<Vec<String>> {
        Ok(self.powered()?.names.keys().cloned().collect())
    }

    fn sync_dir(&self) -> io::Result<()> {
        let mut inner = self.powered()?;
        inner.faults.on_sync()?;
        inner.durable_names = inner.names.clone();
        inner.unsynced_names.clear();
        inner.syncs += 1;
        Ok(())
    }
}

impl MemoryFile {
    /// The disk, if it has not crashed since this file was opened.
    fn alive(&self) -> io::Result<MutexGuard<'_, Inner>> {
        let inner = lock(&self.inner);
        inner.powered()?;
        if inner.epoch == self.epoch { Ok(inner) } else { Err(eio("opened before the crash")) }
    }
}

impl DiskFile for MemoryFile {
    fn length(&self) -> io::Result<u64> {
        let _inner = self.alive()?;
        Ok(lock(&self.contents).length())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let _inner = self.alive()?;
        Ok(lock(&self.contents).read(offset, buffer))
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut inner = self.alive()?;
        let length = lock(&self.contents).length();
        let grown = (offset + bytes.len() as u64).saturating_sub(length);
        let used = inner.used();
        let result = inner.faults.on_write(used, grown);
        // A write that fails half-way stops at a sector, as the page cache would.
        let half = ((offset + bytes.len() as u64 / 2) / SECTOR * SECTOR).saturating_sub(offset);
        let written = if result.is_ok() { bytes.len() } else { half as usize };
        if grown == 0 || result.is_ok() {
            lock(&self.contents).write(offset, &bytes[..written]);
        }
        result
    }

    fn set_length(&self, length: u64) -> io::Result<()> {
        let mut inner = self.alive()?;
        let grown = length.saturating_sub(lock(&self.contents).length());
        let used = inner.used();
        inner.faults.on_write(used, grown)?;
        lock(&self.contents).set_length(length);
        Ok(())
    }

    fn sync(&self) -> io::Result<()> {
        let mut inner = self.alive()?;
        match inner.faults.on_sync() {
            Ok(()) => lock(&self.contents).sync(),
            Err(error) => {
                if !inner.faults.is_off() {
                    lock(&self.contents).lose_unsynced();
                }
                return Err(error);
            }
        }
        inner.syncs += 1;
        Ok(())
    }
}
