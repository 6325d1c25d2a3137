//! What a context knows of the usual keys without looking elsewhere in memory.

use super::{
    known::{BOOLEANS, KNOWN, KnownKey, SOURCE_IP},
    texts::Span,
};
use crate::condition::{boolean, ip};
use core::net::IpAddr;

const _: () = assert!(KNOWN.len() <= 64, "a bit for each key");

/// Where the value of a key of `KNOWN` is.
#[derive(Debug, Clone, Copy)]
pub(super) enum Slot {
    /// There is none.
    Absent,
    /// A single value.
    At(Span),
    /// A list, or a value too long or too far behind for a slot.
    Elsewhere,
}

#[derive(Debug, Clone)]
pub(super) struct Slots {
    /// A bit for each key whose value is told by `at`, or stands elsewhere.
    here: u64,
    elsewhere: u64,
    /// A bit for each key of `BOOLEANS` with the single value true, or false.
    truths: u64,
    lies: u64,
    /// Start and length, both in bytes.
    at: [(u16, u16); KNOWN.len()],
    /// The single value of `aws:SourceIp`.
    source_ip: Option<IpAddr>,
}

/// The bit of a place, which is below 64.
#[inline]
fn bit(place: usize) -> u64 {
    1_u64.rotate_left(place as u32)
}

impl Default for Slots {
    fn default() -> Self {
        let at = [(0, 0); KNOWN.len()];
        Self { here: 0, elsewhere: 0, truths: 0, lies: 0, at, source_ip: None }
    }
}

impl Slots {
    /// Whether something is known of a key.
    #[inline]
    pub(super) fn has(&self, place: usize) -> bool {
        (self.here | self.elsewhere) & bit(place) != 0
    }

    #[inline]
    pub(super) fn get(&self, place: usize) -> Slot {
        let bit = bit(place);
        if self.here & bit != 0 {
            let (start, length) = self.at[place];
            let start = usize::from(start);
            Slot::At(Span::of(start..start + usize::from(length)))
        } else if self.elsewhere & bit != 0 {
            Slot::Elsewhere
        } else {
            Slot::Absent
        }
    }

    /// Notes a single value of an empty slot, and where it starts; whether its place can be told.
    #[inline]
    pub(super) fn set(&mut self, key: KnownKey, start: usize, value: &str) -> bool {
        let bit = key.bit();
        if BOOLEANS & bit != 0 {
            match boolean::parse(value) {
                Some(true) => self.truths |= bit,
                Some(false) => self.lies |= bit,
                None => {}
            }
        } else if key == SOURCE_IP {
            self.source_ip = ip::address(value);
        }
        let (Ok(start), Ok(length)) = (u16::try_from(start), u16::try_from(value.len())) else {
            self.elsewhere |= bit;
            return false;
        };
        self.at[key.place()] = (start, length);
        self.here |= bit;
        true
    }

    /// Notes that an empty slot has a value that it does not tell.
    pub(super) fn set_elsewhere(&mut self, place: usize) {
        self.elsewhere |= bit(place);
    }

    /// Empties a slot.
    #[cold]
    pub(super) fn clear(&mut self, place: usize) {
        for bits in [&mut self.here, &mut self.elsewhere, &mut self.truths, &mut self.lies] {
            *bits &= !bit(place);
        }
        if place == SOURCE_IP.place() {
            self.source_ip = None;
        }
    }

    #[inline]
    pub(super) fn boolean(&self, place: usize) -> Option<bool> {
        let bit = bit(place);
        match (self.truths & bit != 0, self.lies & bit != 0) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    }

    #[inline]
    pub(super) fn address(&self, place: usize) -> Option<IpAddr> {
        if place == SOURCE_IP.place() { self.source_ip } else { None }
    }
}
