//! One simulated file: what reads see, what is durable, and the changes between the two.

use super::Dice;

/// What a disk writes whole or not at all, in bytes.
pub(super) const SECTOR: u64 = 512;

/// The bytes of one file.
#[derive(Clone, Debug, Default)]
pub(super) struct Contents {
    current: Vec<u8>,
    durable: Vec<u8>,
    unsynced: Vec<Change>,
}

#[derive(Clone, Debug)]
enum Change {
    Write { offset: u64, bytes: Vec<u8> },
    Length(u64),
}

impl Contents {
    pub(super) fn length(&self) -> u64 {
        self.current.len() as u64
    }

    pub(super) fn read(&self, offset: u64, buffer: &mut [u8]) -> usize {
        let start = (offset as usize).min(self.current.len());
        let count = buffer.len().min(self.current.len() - start);
        buffer[..count].copy_from_slice(&self.current[start..start + count]);
        count
    }

    pub(super) fn write(&mut self, offset: u64, bytes: &[u8]) {
        put(&mut self.current, offset, bytes);
        self.unsynced.push(Change::Write { offset, bytes: bytes.to_vec() });
    }

    pub(super) fn set_length(&mut self, length: u64) {
        self.current.resize(length as usize, 0);
        self.unsynced.push(Change::Length(length));
    }

    pub(super) fn flip(&mut self, offset: u64, mask: u8) -> Option<()> {
        *self.current.get_mut(offset as usize)? ^= mask;
        if let Some(byte) = self.durable.get_mut(offset as usize) {
            *byte ^= mask;
        }
        Some(())
    }

    pub(super) fn sync(&mut self) {
        for change in std::mem::take(&mut self.unsynced) {
            apply(&mut self.durable, &change);
        }
    }

    /// A sync failed: the changes still read back, but no later sync will write them.
    pub(super) fn lose_unsynced(&mut self) {
        self.unsynced.clear();
    }

    /// The power is cut: each unsynced change is dropped, torn at sector borders, or kept.
    pub(super) fn crash(&mut self, dice: &mut Dice) {
        for change in std::mem::take(&mut self.unsynced) {
            match (dice.below(3), &change) {
                (0, _) => {}
                (1, Change::Write { offset, bytes }) => {
                    tear(&mut self.durable, *offset, bytes, dice)
                }
                _ => apply(&mut self.durable, &change),
            }
        }
        self.current = self.durable.clone();
    }
}

fn apply(target: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Write { offset, bytes } => put(target, *offset, bytes),
        Change::Length(length) => target.resize(*length as usize, 0),
    }
}

fn put(target: &mut Vec<u8>, offset: u64, bytes: &[u8]) {
    let (start, end) = (offset as usize, offset as usize + bytes.len());
    if target.len() < end {
        target.resize(end, 0);
    }
    target[start..end].copy_from_slice(bytes);
}

/// Keeps a random choice of the sectors that the write touched.
fn tear(target: &mut Vec<u8>, offset: u64, bytes: &[u8], dice: &mut Dice) {
    let mut start = 0;
    while start < bytes.len() {
        let to_border = SECTOR - (offset + start as u64) % SECTOR;
        let end = bytes.len().min(start + to_border as usize);
        if dice.below(2) == 0 {
            put(target, offset + start as u64, &bytes[start..end]);
        }
        start = end;
    }
}
