//! How a checkpoint lies in one tree of keys and values.
//!
//! | key | value |
//! |---|---|
//! | `m` | the record: head, tally |
//! | `n` | while deltas are merged: the record to come |
//! | `e` key | number of further pieces (2, big-endian), first piece of the value |
//! | `x` key, number (2, big-endian) | a further piece |

use sha2::{Digest, Sha256};

use super::{Changes, CheckpointError, Head, KEY_LIMIT, VALUE_LIMIT};

/// The key of the record.
pub(super) const RECORD: &[u8] = b"m";
/// The key of the record that will hold when a merge is done.
pub(super) const MERGING: &[u8] = b"n";
/// The prefix of first pieces.
pub(super) const ENTRY: &[u8] = b"e";

/// The longest piece of a value, in bytes (see `engine::SEGMENT`).
pub(super) const PIECE: usize = 16 << 10;

/// Names this layout. A reader refuses any other.
const FORMAT: [u8; 2] = [2, 0];

/// A change of one key of the tree.
pub(super) type Write = (Vec<u8>, Option<Vec<u8>>);

/// What all entries together amount to, kept up to date with each change.
///
/// The sum of a hash of each entry does not depend on their order; a lost, stale or foreign entry
/// changes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) count: u64,
    /// Of keys and values.
    pub(super) bytes: u64,
    sum: u128,
}

impl Tally {
    pub(super) fn add(&mut self, key: &[u8], value: &[u8]) {
        self.count += 1;
        self.bytes += (key.len() + value.len()) as u64;
        self.sum = self.sum.wrapping_add(hash(key, value));
    }

    pub(super) fn remove(&mut self, key: &[u8], value: &[u8]) {
        self.count = self.count.wrapping_sub(1);
        self.bytes = self.bytes.wrapping_sub((key.len() + value.len()) as u64);
        self.sum = self.sum.wrapping_sub(hash(key, value));
    }
}

fn hash(key: &[u8], value: &[u8]) -> u128 {
    let mut hasher = Sha256::new();
    hasher.update((key.len() as u64).to_le_bytes());
    hasher.update(key);
    hasher.update(value);
    let mut first = [0; 16];
    first.copy_from_slice(&hasher.finalize()[..16]);
    u128::from_le_bytes(first)
}

/// The record: what the checkpoint says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) head: Head,
    pub(super) tally: Tally,
}

impl Record {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = FORMAT.to_vec();
        let Tally { count, bytes, sum } = self.tally;
        out.extend_from_slice(&count.to_le_bytes());
        out.extend_from_slice(&bytes.to_le_bytes());
        out.extend_from_slice(&sum.to_le_bytes());
        out.extend_from_slice(&encode_head(&self.head));
        out
    }

    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&FORMAT)?;
        let (count, rest) = rest.split_first_chunk()?;
        let (bytes, rest) = rest.split_first_chunk()?;
        let (sum, rest) = rest.split_first_chunk()?;
        let tally = Tally {
            count: u64::from_le_bytes(*count),
            bytes: u64::from_le_bytes(*bytes),
            sum: u128::from_le_bytes(*sum),
        };
        Some(Self { head: decode_head(rest)?, tally })
    }
}

pub(super) fn encode_head(head: &Head) -> Vec<u8> {
    let mut out = head.revision.to_le_bytes().to_vec();
    out.extend_from_slice(&head.time_ms.to_le_bytes());
    out.extend_from_slice(&head.digest);
    out.extend_from_slice(&head.meta);
    out
}

pub(super) fn decode_head(bytes: &[u8]) -> Option<Head> {
    let (revision, rest) = bytes.split_first_chunk()?;
    let (time_ms, rest) = rest.split_first_chunk()?;
    let (digest, meta) = rest.split_first_chunk()?;
    Some(Head {
        revision: u64::from_le_bytes(*revision),
        time_ms: u64::from_le_bytes(*time_ms),
        digest: *digest,
        meta: meta.to_vec(),
    })
}

/// The tree's key of an entry's first piece.
pub(super) fn entry_key(key: &[u8]) -> Vec<u8> {
    [ENTRY, key].concat()
}

/// The tree's key of a further piece, counted from 1.
pub(super) fn piece_key(key: &[u8], number: u16) -> Vec<u8> {
    [b"x", key, &number.to_be_bytes()].concat()
}

/// Splits a first piece into the number of further pieces and its bytes.
pub(super) fn first_piece(value: &[u8]) -> Option<(u16, &[u8])> {
    let (further, bytes) = value.split_first_chunk()?;
    Some((u16::from_be_bytes(*further), bytes))
}

/// The writes that turn an entry which had `before` further pieces (if it was there) into one with
/// this value, or remove it.
pub(super) fn entry_writes(
    key: &[u8],
    before: Option<u16>,
    value: Option<&[u8]>,
    out: &mut Vec<Write>,
) {
    let mut after = 0;
    match value {
        None => out.push((entry_key(key), None)),
        Some(value) => {
            let (first, rest) = value.split_at(value.len().min(PIECE));
            after = rest.len().div_ceil(PIECE) as u16;
            out.push((entry_key(key), Some([&after.to_be_bytes(), first].concat())));
            for (number, piece) in (1..=after).zip(rest.chunks(PIECE)) {
                out.push((piece_key(key, number), Some(piece.to_vec())));
            }
        }
    }
    let surplus = after + 1..=before.unwrap_or(0);
    out.extend(surplus.map(|number| (piece_key(key, number), None)));
}

/// Refuses what does not fit into this layout, before anything is written.
pub(super) fn check_sizes(changes: &Changes) -> Result<(), CheckpointError> {
    changes
        .iter()
        .try_for_each(|(key, value)| check_size(key, value.as_deref().unwrap_or_default()))
}

/// Refuses one entry that does not fit into this layout.
pub(super) fn check_size(key: &[u8], value: &[u8]) -> Result<(), CheckpointError> {
    match (key.len(), value.len()) {
        (bytes, _) if bytes > KEY_LIMIT => Err(CheckpointError::KeyTooLong { bytes }),
        (_, bytes) if bytes > VALUE_LIMIT => Err(CheckpointError::ValueTooLong { bytes }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_read_back_and_short_ones_do_not() {
        let mut tally = Tally::default();
        tally.add(b"key", b"value");
        let head = Head { revision: 7, time_ms: 8, digest: [9; 32], meta: b"meta".to_vec() };
        let record = Record { head, tally };
        let bytes = record.encode();
        assert_eq!(Record::decode(&bytes), Some(record));
        assert_eq!(Record::decode(&bytes[..80]), None);
        assert_eq!(Record::decode(&[9; 200]), None);
    }

    #[test]
    fn a_tally_forgets_the_order_and_nothing_else() {
        let (mut one, mut other) = (Tally::default(), Tally::default());
        one.add(b"a", b"1");
        one.add(b"b", b"2");
        other.add(b"b", b"2");
        other.add(b"c", b"3");
        other.add(b"a", b"1");
        assert_ne!(one, other);
        other.remove(b"c", b"3");
        assert_eq!(one, other);
        let mut shifted = Tally::default();
        shifted.add(b"a1", b"");
        let mut plain = Tally::default();
        plain.add(b"a", b"1");
        assert_ne!(shifted, plain);
    }

    #[test]
    fn values_are_cut_into_pieces_and_surplus_pieces_go() {
        let value = vec![7; 2 * PIECE + 1];
        let mut writes = Vec::new();
        entry_writes(b"k", Some(4), Some(&value), &mut writes);
        let keys: Vec<_> = writes.iter().map(|(key, value)| (key.len(), value.is_some())).collect();
        assert_eq!(keys, [(2, true), (4, true), (4, true), (4, false), (4, false)]);
        let first = writes[0].1.as_deref().and_then(first_piece);
        assert_eq!(first.map(|(further, bytes)| (further, bytes.len())), Some((2, PIECE)));
        writes.clear();
        entry_writes(b"k", Some(1), None, &mut writes);
        assert_eq!(writes, [(entry_key(b"k"), None), (piece_key(b"k", 1), None)]);
    }
}
