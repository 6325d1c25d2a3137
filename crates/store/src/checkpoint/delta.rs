//! Deltas: commits that are durable in files of their own and not yet carried out in sled.
//!
//! Writing one costs a tenth of what sled's tree costs for the same changes, so large commits come
//! here first, and are merged into the tree when there is time. A file bears its name only once it
//! is whole and synced.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::{Path, PathBuf};

use super::layout::{decode_head, encode_head};
use super::{Changes, Head};

/// The files' names in the checkpoint's directory, and the name of one that is being written; sled
/// looks at none of them.
const PREFIX: &str = "delta-";
const UNFINISHED: &str = "delta.unfinished";

/// Names this layout: this, then the head, then each change as key and value, each part after its
/// length (4, little-endian; `GONE` for no value); last a CRC-32 of all that.
const MAGIC: [u8; 8] = *b"BWDELTA1";
const GONE: u32 = u32::MAX;

/// A delta on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Delta {
    pub(super) revision: u64,
    pub(super) bytes: u64,
    path: PathBuf,
}

impl Delta {
    /// Writes changes down, durably.
    pub(super) fn write(directory: &Path, head: &Head, changes: &Changes) -> io::Result<Self> {
        let unfinished = directory.join(UNFINISHED);
        let mut out = Summed::new(File::create(&unfinished)?);
        out.put(&MAGIC)?;
        out.put_part(Some(&encode_head(head)))?;
        for (key, value) in changes {
            out.put_part(Some(key))?;
            out.put_part(value.as_deref())?;
        }
        let bytes = out.finish()?;
        // Twenty digits hold any revision, so names sort as revisions do.
        let path = directory.join(format!("{PREFIX}{:020}", head.revision));
        fs::rename(&unfinished, &path)?;
        File::open(directory)?.sync_all()?;
        Ok(Delta { revision: head.revision, bytes, path })
    }

    /// The deltas of a directory, oldest first. What was not finished never happened.
    pub(super) fn list(directory: &Path) -> io::Result<Vec<Self>> {
        forget(&directory.join(UNFINISHED))?;
        let mut deltas = Vec::new();
        for entry in fs::read_dir(directory)? {
            let entry = entry?;
            let name = entry.file_name();
            let digits = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
            if let Some(revision) = digits.and_then(|digits| digits.parse().ok()) {
                let bytes = entry.metadata()?.len();
                deltas.push(Delta { revision, bytes, path: entry.path() });
            }
        }
        deltas.sort_unstable_by_key(|delta| delta.revision);
        Ok(deltas)
    }

    /// Reads the changes back; `None` when the file is damaged.
    pub(super) fn read(&self) -> io::Result<Option<(Head, Changes)>> {
        let read = decode(&fs::read(&self.path)?);
        Ok(read.filter(|(head, _)| head.revision == self.revision))
    }

    /// Removes the file. That may not last through a crash; its revision then tells that it is old.
    pub(super) fn remove(&self) -> io::Result<()> {
        forget(&self.path)
    }
}

fn forget(path: &Path) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// A file that sums up what goes into it.
struct Summed {
    out: BufWriter<File>,
    sum: crc32fast::Hasher,
    bytes: u64,
}

impl Summed {
    fn new(file: File) -> Self {
        Summed { out: BufWriter::new(file), sum: crc32fast::Hasher::new(), bytes: 0 }
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.sum.update(bytes);
        self.bytes += bytes.len() as u64;
        self.out.write_all(bytes)
    }

    fn put_part(&mut self, part: Option<&[u8]>) -> io::Result<()> {
        let Some(part) = part else { return self.put(&GONE.to_le_bytes()) };
        let length = u32::try_from(part.len()).map_err(io::Error::other)?;
        self.put(&length.to_le_bytes())?;
        self.put(part)
    }

    fn finish(mut self) -> io::Result<u64> {
        let checksum = self.sum.finalize().to_le_bytes();
        self.out.write_all(&checksum)?;
        self.out.into_inner()?.sync_all()?;
        Ok(self.bytes + checksum.len() as u64)
    }
}

fn decode(bytes: &[u8]) -> Option<(Head, Changes)> {
    let (summed, checksum) = bytes.split_last_chunk()?;
    if crc32fast::hash(summed) != u32::from_le_bytes(*checksum) {
        return None;
    }
    let mut rest = summed.strip_prefix(&MAGIC)?;
    let head = decode_head(next(&mut rest)??)?;
    let mut changes = Changes::new();
    while !rest.is_empty() {
        let key = next(&mut rest)??;
        changes.insert(key.to_vec(), next(&mut rest)?.map(<[u8]>::to_vec));
    }
    Some((head, changes))
}

/// The next part; the outer `None` when there is no whole one.
fn next<'a>(rest: &mut &'a [u8]) -> Option<Option<&'a [u8]>> {
    let (length, after) = rest.split_first_chunk()?;
    let length = u32::from_le_bytes(*length);
    if length == GONE {
        *rest = after;
        return Some(None);
    }
    let (part, after) = after.split_at_checked(usize::try_from(length).ok()?)?;
    *rest = after;
    Some(Some(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(revision: u64) -> Head {
        Head { revision, meta: b"meta".to_vec(), ..Head::default() }
    }

    fn changes() -> Changes {
        [(b"k".to_vec(), None), (Vec::new(), Some(Vec::new())), (vec![1], Some(vec![2]))].into()
    }

    #[test]
    fn deltas_read_back_in_the_order_of_their_revisions() {
        let directory = tempfile::tempdir().expect("temporary directory");
        let path = directory.path();
        let later = Delta::write(path, &head(100), &changes()).expect("write");
        let earlier = Delta::write(path, &head(9), &Changes::new()).expect("write");
        fs::write(path.join(UNFINISHED), MAGIC).expect("write");
        assert_eq!(Delta::list(path).expect("list"), [earlier.clone(), later.clone()]);
        assert!(!path.join(UNFINISHED).exists());
        assert_eq!(earlier.read().expect("read"), Some((head(9), Changes::new())));
        assert_eq!(later.read().expect("read"), Some((head(100), changes())));
        later.remove().expect("remove");
        assert_eq!(Delta::list(path).expect("list"), [earlier]);
    }

    #[test]
    fn damage_is_seen_wherever_it_is() {
        let directory = tempfile::tempdir().expect("temporary directory");
        let delta = Delta::write(directory.path(), &head(7), &changes()).expect("write");
        let good = fs::read(&delta.path).expect("read");
        assert_eq!(good.len() as u64, delta.bytes);
        for at in 0..good.len() {
            let mut bytes = good.clone();
            bytes[at] ^= 1;
            fs::write(&delta.path, bytes).expect("write");
            assert_eq!(delta.read().expect("read"), None, "byte {at}");
            fs::write(&delta.path, &good[..at]).expect("write");
            assert_eq!(delta.read().expect("read"), None, "cut at {at}");
        }
    }
}
