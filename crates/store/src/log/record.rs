//! One record on disk: checksum, length, kind, index, payload (little-endian, no padding).
//!
//! The checksum also covers the segment's number and the record's offset, so that bytes which
//! belong elsewhere (a misdirected write, a copied file) are never taken for a record.

use crc32fast::Hasher;

/// Bytes before the payload: checksum 4, length 4, kind 1, index 8.
pub(super) const HEADER: usize = 17;

/// A group record: the header and the length of the group (4).
pub(super) const GROUP: usize = HEADER + 4;

/// What a record says. The numbers are on disk: never reuse one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Kind {
    /// The first record of a segment: what is known there (see `head`).
    Head = 1,
    /// Opens a group, which is what one sync makes durable. Index: the group's number; payload:
    /// how many bytes of records follow. Its existence proves that everything before is durable.
    Group = 2,
    /// An entry of the Raft log, at its index.
    Entry = 3,
    /// The vote.
    Vote = 4,
    /// Entries from this index on are gone.
    TruncateFrom = 5,
    /// Entries up to and including this index are gone; the payload is the caller's marker.
    Purge = 6,
    /// The caller's committed marker.
    Committed = 7,
}

impl Kind {
    fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            1 => Self::Head,
            2 => Self::Group,
            3 => Self::Entry,
            4 => Self::Vote,
            5 => Self::TruncateFrom,
            6 => Self::Purge,
            7 => Self::Committed,
            _ => return None,
        })
    }
}

/// Where a record begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) segment: u64,
    pub(super) offset: usize,
}

/// A record as it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Record<'a> {
    pub(super) kind: Kind,
    pub(super) index: u64,
    pub(super) payload: &'a [u8],
}

/// What stands at an offset.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Parsed<'a> {
    /// A whole record, and where the next one begins.
    Record(Record<'a>, usize),
    /// Nothing was written here, or too little space is left for a record.
    Blank,
    /// Something that is not a whole record.
    Damaged(&'static str),
}

/// Appends a record that will stand at `place`.
pub(super) fn encode(out: &mut Vec<u8>, place: Place, kind: Kind, index: u64, payload: &[u8]) {
    let start = out.len();
    out.resize(start + HEADER, 0);
    out.extend_from_slice(payload);
    seal(&mut out[start..], place, kind, index);
}

/// Writes the header of a record whose payload already stands at its place in `record`.
pub(super) fn seal(record: &mut [u8], place: Place, kind: Kind, index: u64) {
    let length = (record.len() - HEADER) as u32;
    record[4..8].copy_from_slice(&length.to_le_bytes());
    record[8] = kind as u8;
    record[9..HEADER].copy_from_slice(&index.to_le_bytes());
    let checksum = checksum(&record[4..], place);
    record[..4].copy_from_slice(&checksum.to_le_bytes());
}

/// Reads what stands at `place`, `bytes` being the whole segment.
pub(super) fn parse(bytes: &[u8], place: Place) -> Parsed<'_> {
    match parse_one(bytes.get(place.offset..).unwrap_or_default(), place) {
        Parsed::Record(record, end) => Parsed::Record(record, place.offset + end),
        other => other,
    }
}

/// Reads the record at the beginning of `rest`, which stands at `place`; its end counts from there.
pub(super) fn parse_one(rest: &[u8], place: Place) -> Parsed<'_> {
    if rest.len() < HEADER {
        return Parsed::Blank;
    }
    if rest[..HEADER].iter().all(|byte| *byte == 0) {
        return Parsed::Blank;
    }
    let end = HEADER + u32_at(rest, 4) as usize;
    if rest.len() < end {
        return Parsed::Damaged("a record's length leads past the end of the segment");
    }
    if u32_at(rest, 0) != checksum(&rest[4..end], place) {
        return Parsed::Damaged("a record's checksum does not match");
    }
    let Some(kind) = Kind::from_byte(rest[8]) else {
        return Parsed::Damaged("a record of a kind that this version does not know");
    };
    let mut index = [0; 8];
    index.copy_from_slice(&rest[9..HEADER]);
    let record = Record { kind, index: u64::from_le_bytes(index), payload: &rest[HEADER..end] };
    Parsed::Record(record, end)
}

/// Returns the first whole group record at or after `from`, with any number above `group`.
///
/// Finding one behind a damaged record proves that the damage was durable once.
pub(super) fn later_group(bytes: &[u8], segment: u64, from: usize, group: u64) -> Option<usize> {
    let written = from + without_blank_end(&bytes[from..]).len();
    let last = bytes.len().checked_sub(GROUP)?.min(written);
    (from..=last).find(|&offset| {
        bytes[offset + 8] == Kind::Group as u8
            && bytes[offset + 4..offset + 8] == [4, 0, 0, 0]
            && matches!(
                parse(bytes, Place { segment, offset }),
                Parsed::Record(Record { kind: Kind::Group, index, .. }, _) if index > group
            )
    })
}

/// Cuts the zeros off the end. By blocks, because a segment's end is mostly zeros and long.
pub(super) fn without_blank_end(mut bytes: &[u8]) -> &[u8] {
    const BLANK: [u8; 4096] = [0; 4096];
    while let Some(rest) = bytes.strip_suffix(&BLANK) {
        bytes = rest;
    }
    let end = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    &bytes[..end]
}

fn checksum(bytes: &[u8], place: Place) -> u32 {
    let mut hasher = Hasher::new();
    hasher.update(&place.segment.to_le_bytes());
    hasher.update(&(place.offset as u64).to_le_bytes());
    hasher.update(bytes);
    hasher.finalize()
}

fn u32_at(bytes: &[u8], offset: usize) -> u32 {
    let mut value = [0; 4];
    value.copy_from_slice(&bytes[offset..offset + 4]);
    u32::from_le_bytes(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: Place = Place { segment: 3, offset: 5 };

    fn sample() -> Vec<u8> {
        let mut bytes = vec![0; PLACE.offset];
        encode(&mut bytes, PLACE, Kind::Entry, 42, b"payload");
        bytes
    }

    #[test]
    fn a_record_reads_back_at_its_place() {
        let bytes = sample();
        let expected = Record { kind: Kind::Entry, index: 42, payload: b"payload" };
        assert_eq!(parse(&bytes, PLACE), Parsed::Record(expected, bytes.len()));
    }

    #[test]
    fn a_record_elsewhere_is_no_record() {
        let bytes = sample();
        let other = Place { segment: 4, ..PLACE };
        assert!(matches!(parse(&bytes, other), Parsed::Damaged(_)));
        let moved = [&[0][..], &bytes].concat();
        let other = Place { offset: PLACE.offset + 1, ..PLACE };
        assert!(matches!(parse(&moved, other), Parsed::Damaged(_)));
    }

    #[test]
    fn every_flipped_bit_is_seen() {
        let bytes = sample();
        for bit in PLACE.offset * 8..bytes.len() * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(matches!(parse(&bytes, PLACE), Parsed::Damaged(_)), "bit {bit}");
        }
    }

    #[test]
    fn zeros_and_ends_are_blank() {
        assert_eq!(parse(&[0; 64], PLACE), Parsed::Blank);
        assert_eq!(parse(&[1; HEADER + 4], PLACE), Parsed::Blank);
        assert_eq!(parse(&[], PLACE), Parsed::Blank);
    }

    #[test]
    fn the_blank_end_is_cut_off_and_nothing_else() {
        for (content, blanks) in [(0, 0), (0, 9000), (1, 0), (1, 4096), (5000, 8191), (9, 70_000)] {
            let mut bytes = vec![7; content];
            bytes.resize(content + blanks, 0);
            assert_eq!(without_blank_end(&bytes).len(), content);
        }
        assert_eq!(without_blank_end(&[0, 0, 1, 0]), [0, 0, 1]);
    }
}
