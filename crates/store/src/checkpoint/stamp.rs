//! The revision that a checkpoint had reached, kept outside of sled.
//!
//! Where its log is damaged, sled opens with an older state or an empty one and says nothing. So
//! after each durable commit the revision is written to a file of one sector beside sled's, and a
//! database that knows less than this file has lost something.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// The file's name in the checkpoint's directory; sled does not look at it.
const NAME: &str = "stamp";

/// Names this layout.
const MAGIC: [u8; 8] = *b"BWSTAMP1";

/// A disk writes a sector whole or not at all, so overwriting one is atomic.
const SECTOR: usize = 512;

/// Writes the revision durably.
pub(super) fn write(directory: &Path, revision: u64) -> io::Result<()> {
    let path = directory.join(NAME);
    let mut sector = [0; SECTOR];
    sector[..8].copy_from_slice(&MAGIC);
    sector[8..16].copy_from_slice(&revision.to_le_bytes());
    let checksum = crc32fast::hash(&sector[..16]);
    sector[16..20].copy_from_slice(&checksum.to_le_bytes());
    match OpenOptions::new().write(true).open(&path) {
        Ok(file) => {
            file.write_all_at(&sector, 0)?;
            file.sync_data()
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let file = File::create_new(&path)?;
            file.write_all_at(&sector, 0)?;
            file.sync_all()?;
            File::open(directory)?.sync_all()
        }
        Err(error) => Err(error),
    }
}

/// What a stamp file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stamp {
    /// Nothing was committed yet, or the first commit was interrupted.
    Missing,
    /// This revision was durable.
    At(u64),
    /// The file is damaged.
    Unreadable,
}

/// Reads the revision back.
pub(super) fn read(directory: &Path) -> io::Result<Stamp> {
    let bytes = match std::fs::read(directory.join(NAME)) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Stamp::Missing),
        Err(error) => return Err(error),
    };
    // A crash while it is first made leaves it empty or blank.
    if bytes.iter().all(|byte| *byte == 0) {
        return Ok(Stamp::Missing);
    }
    Ok(decode(&bytes).map_or(Stamp::Unreadable, Stamp::At))
}

fn decode(bytes: &[u8]) -> Option<u64> {
    let (checked, rest) = bytes.split_first_chunk::<16>()?;
    let (checksum, _) = rest.split_first_chunk()?;
    let whole =
        checked.starts_with(&MAGIC) && crc32fast::hash(checked) == u32::from_le_bytes(*checksum);
    let (_, revision) = checked.split_last_chunk()?;
    whole.then_some(u64::from_le_bytes(*revision))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_read_back_and_damage_is_seen() {
        let directory = tempfile::tempdir().expect("temporary directory");
        let path = directory.path();
        assert_eq!(read(path).expect("read"), Stamp::Missing);
        for revision in [1, u64::MAX, 7] {
            write(path, revision).expect("write");
            assert_eq!(read(path).expect("read"), Stamp::At(revision));
        }
        let good = std::fs::read(path.join(NAME)).expect("read");
        for at in 0..20 {
            let mut bytes = good.clone();
            bytes[at] ^= 1;
            std::fs::write(path.join(NAME), bytes).expect("write");
            assert_eq!(read(path).expect("read"), Stamp::Unreadable, "byte {at}");
        }
        std::fs::write(path.join(NAME), []).expect("write");
        assert_eq!(read(path).expect("read"), Stamp::Missing);
    }
}
