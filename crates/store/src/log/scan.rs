//! Reading one segment, and telling an interrupted write from damage.

use super::error::LogError;
use super::head::Head;
use super::known::Known;
use super::record::{GROUP, HEADER, Kind, Parsed, Place, Record, later_group, parse};

/// What every disk writes whole or not at all, in bytes.
const SECTOR: usize = 512;

/// A segment about to be read: its head is known to be whole.
pub(super) struct Scan<'a> {
    segment: u64,
    name: &'a str,
    bytes: &'a [u8],
    head: Head,
    /// Where the first group stands.
    body: usize,
}

/// Where reading came to its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stop {
    pub(super) end: Place,
    /// Where the last group begins: all before it is proved durable by its being there.
    pub(super) last_group: usize,
    pub(super) next_group: u64,
}

/// The group that is being read.
#[derive(Clone, Copy)]
struct Group {
    number: u64,
    start: usize,
    /// Where it ends if it is whole.
    end: usize,
}

impl<'a> Scan<'a> {
    /// Reads the head and checks that the file has its full length.
    pub(super) fn new(segment: u64, name: &'a str, bytes: &'a [u8]) -> Result<Self, LogError> {
        let (head, body) = read_head(segment, name, bytes)?;
        if head.capacity != bytes.len() as u64 {
            let what = format!("the file has {} bytes, not {}", bytes.len(), head.capacity);
            return Err(LogError::corrupt(name, bytes.len(), what));
        }
        Ok(Self { segment, name, bytes, head, body })
    }

    /// Checks that this segment continues what was read from the one before.
    pub(super) fn check_joins(&self, known: &Known, before: Stop) -> Result<(), LogError> {
        let joins = self.head.group == before.next_group
            && self.head.next_index == known.entries.next()
            && self.head.markers == known.markers;
        if joins {
            return Ok(());
        }
        Err(self.corrupt(0, "the segment does not continue the one before it"))
    }

    /// Reads every record into `known`. `end` is where the records must end, known from the head
    /// of the following segment; without one, this is the newest segment and may end in a torn
    /// write.
    pub(super) fn run(&self, known: &mut Known, end: Option<usize>) -> Result<Stop, LogError> {
        let mut at = self.body;
        // The first group is durable before the segment has its name.
        let mut group = Group { number: self.head.group, start: at, end: at + GROUP };
        let first = self.group_at(at, self.head.group);
        let first =
            first.ok_or_else(|| self.corrupt(at, "the segment's first group is damaged"))?;
        let promised = first.end;
        while end != Some(at) {
            match parse(self.bytes, self.place(at)) {
                Parsed::Record(Record { kind: Kind::Group, index, .. }, next) => {
                    let expected = if at == self.body { group.number } else { group.number + 1 };
                    let found = self.group_at(at, expected);
                    group = found.ok_or_else(|| {
                        self.corrupt(at, format!("group {index} stands where {expected} must"))
                    })?;
                    at = next;
                }
                Parsed::Record(record, next) => {
                    known
                        .apply(self.place(at), record, None)
                        .map_err(|what| self.corrupt(at, what))?;
                    at = next;
                }
                Parsed::Blank if end.is_none() => {
                    self.check_tail(at, promised, group, "records are blank")?;
                    break;
                }
                Parsed::Damaged(what) if end.is_none() => {
                    self.check_tail(at, promised, group, what)?;
                    break;
                }
                Parsed::Blank => return Err(self.corrupt(at, "records are blank")),
                Parsed::Damaged(what) => return Err(self.corrupt(at, what)),
            }
        }
        Ok(Stop { end: self.place(at), last_group: group.start, next_group: group.number + 1 })
    }

    /// Decides whether the newest segment may end at `at`: only an interrupted last write may.
    fn check_tail(
        &self,
        at: usize,
        promised: usize,
        group: Group,
        what: &str,
    ) -> Result<(), LogError> {
        if at < promised {
            return Err(self.corrupt(at, what));
        }
        if let Some(later) = later_group(self.bytes, self.segment, at, group.number) {
            let what = format!("{what}, but byte {later} proves that this was durable");
            return Err(self.corrupt(at, what));
        }
        // A disk writes sectors whole, over zeros. If no sector of the last write is still zero,
        // nothing of it was missing: it is damaged, not torn.
        let end = if at < group.end {
            group.end
        } else if self.bytes[at..].iter().take(HEADER).all(|byte| *byte == 0) {
            return Ok(());
        } else {
            at + GROUP
        };
        if any_sector_blank(self.bytes, at, end.min(self.bytes.len())) {
            return Ok(());
        }
        Err(self.corrupt(at, format!("{what}, and no part of the write is missing")))
    }

    /// Reads the group record at `at`, if it has the expected number.
    fn group_at(&self, at: usize, number: u64) -> Option<Group> {
        match parse(self.bytes, self.place(at)) {
            Parsed::Record(Record { kind: Kind::Group, index, payload }, next)
                if index == number =>
            {
                let length = u32::from_le_bytes(payload.try_into().ok()?);
                Some(Group { number, start: at, end: next + length as usize })
            }
            _ => None,
        }
    }

    fn place(&self, offset: usize) -> Place {
        Place { segment: self.segment, offset }
    }

    fn corrupt(&self, offset: usize, what: impl Into<String>) -> LogError {
        LogError::corrupt(self.name, offset, what)
    }
}

/// Reads the head from a segment's first bytes, and where the records after it begin.
///
/// A segment gets its name only when its head is durable, so to have none is damage.
pub(super) fn read_head(segment: u64, name: &str, bytes: &[u8]) -> Result<(Head, usize), LogError> {
    let corrupt = |what: &str| LogError::corrupt(name, 0, what);
    match parse(bytes, Place { segment, offset: 0 }) {
        Parsed::Record(record, body) if record.kind == Kind::Head => {
            Ok((Head::decode(record.payload).map_err(corrupt)?, body))
        }
        Parsed::Record(..) => Err(corrupt("the segment does not begin with a head")),
        Parsed::Blank => Err(corrupt("the segment's head is blank")),
        Parsed::Damaged(what) => Err(corrupt(what)),
    }
}

/// Whether some sector has nothing but zeros in its share of `start..end`.
fn any_sector_blank(bytes: &[u8], start: usize, end: usize) -> bool {
    let mut at = start;
    while at < end {
        let border = ((at / SECTOR + 1) * SECTOR).min(end);
        if bytes[at..border].iter().all(|byte| *byte == 0) {
            return true;
        }
        at = border;
    }
    false
}
