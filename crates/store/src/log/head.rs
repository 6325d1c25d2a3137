//! The head of a segment: all that older segments would still be needed for.

use bytes::Bytes;

/// Names this layout of the log. A reader refuses any other.
const FORMAT: u32 = 1;

/// Stands for "any index may come first": nothing was ever appended or purged.
const ANY: u64 = u64::MAX;

/// The markers that survive the removal of old segments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Markers {
    pub(super) vote: Option<Bytes>,
    pub(super) committed: Option<Bytes>,
    pub(super) purged: Option<(u64, Bytes)>,
}

/// The first record of every segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// The segment's length, in bytes: a shorter file has lost its end.
    pub(super) capacity: u64,
    /// Where the records of the segment before this one end; 0 in the first.
    pub(super) previous_end: u64,
    /// The number of the group that follows.
    pub(super) group: u64,
    /// The index of the next entry, unless any may come.
    pub(super) next_index: Option<u64>,
    pub(super) markers: Markers,
}

impl Head {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(64);
        out.extend_from_slice(&FORMAT.to_le_bytes());
        let purged_index = self.markers.purged.as_ref().map_or(0, |(index, _)| *index);
        let numbers = [
            self.capacity,
            self.previous_end,
            self.group,
            self.next_index.unwrap_or(ANY),
            purged_index,
        ];
        for number in numbers {
            out.extend_from_slice(&number.to_le_bytes());
        }
        put(&mut out, self.markers.vote.as_ref());
        put(&mut out, self.markers.committed.as_ref());
        put(&mut out, self.markers.purged.as_ref().map(|(_, marker)| marker));
        out
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, &'static str> {
        let mut reader = Reader(bytes);
        if reader.u32()? != FORMAT {
            return Err("the segment has a format that this version does not know");
        }
        let (capacity, previous_end, group) = (reader.u64()?, reader.u64()?, reader.u64()?);
        let (next_index, purged_index) = (reader.u64()?, reader.u64()?);
        let (vote, committed, marker) = (reader.bytes()?, reader.bytes()?, reader.bytes()?);
        let purged = marker.map(|marker| (purged_index, marker));
        let markers = Markers { vote, committed, purged };
        let next_index = (next_index != ANY).then_some(next_index);
        Ok(Self { capacity, previous_end, group, next_index, markers })
    }
}

/// Present or not, length, bytes.
fn put(out: &mut Vec<u8>, value: Option<&Bytes>) {
    match value {
        None => out.push(0),
        Some(value) => {
            out.push(1);
            out.extend_from_slice(&(value.len() as u32).to_le_bytes());
            out.extend_from_slice(value);
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], &'static str> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or("the head is cut short")?;
        self.0 = rest;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32, &'static str> {
        let mut value = [0; 4];
        value.copy_from_slice(self.take(4)?);
        Ok(u32::from_le_bytes(value))
    }

    fn u64(&mut self) -> Result<u64, &'static str> {
        let mut value = [0; 8];
        value.copy_from_slice(self.take(8)?);
        Ok(u64::from_le_bytes(value))
    }

    fn bytes(&mut self) -> Result<Option<Bytes>, &'static str> {
        if self.take(1)? == [0] {
            return Ok(None);
        }
        let length = self.u32()? as usize;
        Ok(Some(Bytes::copy_from_slice(self.take(length)?)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_read_back() {
        let empty = Head {
            capacity: 1,
            previous_end: 0,
            group: 0,
            next_index: None,
            markers: Markers::default(),
        };
        let full = Head {
            capacity: 64 << 20,
            previous_end: 77,
            group: 8,
            next_index: Some(0),
            markers: Markers {
                vote: Some(Bytes::from_static(b"vote")),
                committed: Some(Bytes::new()),
                purged: Some((12, Bytes::from_static(b"purged"))),
            },
        };
        for head in [empty, full] {
            let bytes = head.encode();
            assert_eq!(Head::decode(&bytes), Ok(head));
            for cut in 0..bytes.len() {
                assert!(Head::decode(&bytes[..cut]).is_err(), "cut at {cut}");
            }
        }
    }
}
