//! The condition keys that policies name most: they are found by their place in this list.
//!
//! Source: IAM User Guide, "AWS global condition context keys". Tag keys are not among them: there
//! is no end of those.

use crate::hash::{ONES, WORD_BYTES};
use alloc::borrow::Cow;

/// In lower case and in order.
pub(crate) const KNOWN: [&str; 56] = [
    "aws:assumedroot",
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:currenttime",
    "aws:ec2instancesourceprivateipv4",
    "aws:ec2instancesourcevpc",
    "aws:epochtime",
    "aws:federatedprovider",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:principaltype",
    "aws:referer",
    "aws:requestedregion",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:resourceorgpaths",
    "aws:securetransport",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceidentity",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:tagkeys",
    "aws:tokenissuetime",
    "aws:useragent",
    "aws:userid",
    "aws:username",
    "aws:viaawsservice",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:vpcsourceip",
    "iam:associatedresourcearn",
    "iam:awsservicename",
    "iam:passedtoservice",
    "iam:permissionsboundary",
    "iam:policyarn",
    "kms:viaservice",
    "s3:prefix",
    "s3:x-amz-server-side-encryption",
    "sts:durationseconds",
    "sts:externalid",
    "sts:rolesessionname",
    "sts:sourceidentity",
    "sts:transitivetagkeys",
];

pub(super) const SOURCE_IP: KnownKey = KnownKey::named("aws:sourceip");

/// Those that are true or false, as bits.
pub(super) const BOOLEANS: u64 = KnownKey::bits(&[
    "aws:assumedroot",
    "aws:multifactorauthpresent",
    "aws:principalisawsservice",
    "aws:securetransport",
    "aws:viaawsservice",
]);

/// A key that policies name often. Finding it costs more than using it: who looks at a key several
/// times finds it once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownKey(u8);

impl KnownKey {
    /// The key of that name, in any case of letters, if it is one of those.
    #[inline]
    pub fn of(name: &str) -> Option<Self> {
        known(name).map(|place| Self(place as u8))
    }

    /// The key of that name in lower case, where it is known when the program is built.
    ///
    /// # Panics
    /// It is none of those.
    pub const fn named(name: &str) -> Self {
        let mut place = 0;
        while !KNOWN[place].eq_ignore_ascii_case(name) {
            place += 1;
        }
        Self(place as u8)
    }

    /// Its name in lower case.
    pub fn name(self) -> &'static str {
        KNOWN[self.place()]
    }

    /// A bit of its own, for sets of them.
    #[inline]
    pub const fn bit(self) -> u64 {
        1_u64.rotate_left(self.0 as u32)
    }

    /// The bits of the keys of those names, where they are known when the program is built.
    ///
    /// # Panics
    /// One is none of those.
    pub const fn bits(names: &[&str]) -> u64 {
        let (mut bits, mut at) = (0, 0);
        while at < names.len() {
            bits |= Self::named(names[at]).bit();
            at += 1;
        }
        bits
    }

    /// Its number, below 64.
    #[inline]
    pub(crate) const fn place(self) -> usize {
        self.0 as usize
    }
}

/// Places by a hash of the last letters and the length. Those with the same stand one
/// after another.
const PLACES: [u8; 256] = places();
const NO_PLACE: u8 = u8::MAX;

const fn places() -> [u8; 256] {
    let mut places = [NO_PLACE; 256];
    let mut place = 0;
    while place < KNOWN.len() {
        let Some(mut at) = hash_of_end(KNOWN[place].as_bytes()) else { panic!("a short name") };
        while places[at as usize] != NO_PLACE {
            at = at.wrapping_add(1);
        }
        places[at as usize] = place as u8;
        place += 1;
    }
    places
}

/// None of a name shorter than a word. The same in any case of letters.
#[inline]
const fn hash_of_end(name: &[u8]) -> Option<u8> {
    let Some(end) = name.last_chunk::<WORD_BYTES>() else { return None };
    let end = (u64::from_le_bytes(*end) | (0x20 * ONES)) ^ name.len() as u64;
    Some((end.wrapping_mul(0xd6e8_feb8_6659_fd93) >> 56) as u8)
}

/// The place of a key, in any case of letters.
#[inline]
pub(crate) fn known(key: &str) -> Option<usize> {
    known_ascii(key).or_else(|| known_folded(key))
}

/// The same of a key that has other letters than those of ASCII, whose lower case may have none.
#[cold]
fn known_folded(key: &str) -> Option<usize> {
    if key.is_ascii() { None } else { known_ascii(&lowered(key)) }
}

#[inline]
fn known_ascii(key: &str) -> Option<usize> {
    let mut at = hash_of_end(key.as_bytes())?;
    loop {
        let place = PLACES[usize::from(at)];
        if place == NO_PLACE {
            return None;
        }
        if is_lower_of(KNOWN[usize::from(place)].as_bytes(), key.as_bytes()) {
            return Some(usize::from(place));
        }
        at = at.wrapping_add(1);
    }
}

/// Whether a name of `KNOWN`, at least a word long, is the lower case of a key. Compared by words, of which the last
/// overlaps the one before.
#[inline]
fn is_lower_of(name: &[u8], key: &[u8]) -> bool {
    let is_word = |(lower, word): (&[u8; WORD_BYTES], &[u8; WORD_BYTES])| {
        let lower = u64::from_le_bytes(*lower);
        // Of the bytes in names letters alone have the bit 0x40, and a letter in upper case lacks but the bit 0x20.
        lower == u64::from_le_bytes(*word) | ((lower & (0x40 * ONES)) >> 1)
    };
    let ends = name.last_chunk().zip(key.last_chunk());
    name.len() == key.len()
        && ends.is_some_and(is_word)
        && name.as_chunks().0.iter().zip(key.as_chunks().0).all(is_word)
}

/// A key in lower case, as contexts compare it.
pub fn lowered(key: &str) -> Cow<'_, str> {
    match key.is_ascii() {
        true if is_lower(key) => Cow::Borrowed(key),
        true => Cow::Owned(key.to_ascii_lowercase()),
        false => Cow::Owned(key.to_lowercase()),
    }
}

/// Whether an ASCII text is in lower case.
pub(super) fn is_lower(text: &str) -> bool {
    // All of it is looked at, which is done several bytes at a time.
    text.bytes().fold(true, |is_lower, byte| is_lower & !byte.is_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_in_order() {
        assert!(KNOWN.is_sorted());
        assert!(KNOWN.iter().all(|key| known(key).is_some_and(|at| KNOWN[at] == *key)));
        assert!(KNOWN.iter().all(|key| known(&key.to_uppercase()) == known(key)));
        for other in ["aws:principaltag/team", "aws:sourceip ", "xws:sourceip", "s3:x", "", "k"] {
            assert_eq!(known(other), None, "{other}");
        }
        let is_of_names = |byte: u8| byte.is_ascii_lowercase() || b":-0123456789".contains(&byte);
        assert!(KNOWN.iter().all(|key| key.bytes().all(is_of_names)));
        // One bit away from each name there is none but in another case.
        for (place, key) in KNOWN.iter().enumerate() {
            for (at, bit) in (0..key.len()).flat_map(|at| (0..7).map(move |bit| (at, bit))) {
                let mut other = key.as_bytes().to_vec();
                other[at] ^= 1 << bit;
                let other = str::from_utf8(&other).expect("ASCII");
                let expected = if other.eq_ignore_ascii_case(key) { Some(place) } else { None };
                assert_eq!(known(other).filter(|at| *at == place), expected, "{other}");
            }
        }
        // The Kelvin sign, whose lower case is an ASCII letter.
        assert_eq!(known("aws:to\u{212a}enIssueTime"), known("aws:tokenissuetime"));
    }
}
