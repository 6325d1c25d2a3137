//! A small hash for names in look-up tables: the same on every machine and in every run.
//!
//! Whoever finds an entry by it compares the name as well: callers choose names, and could choose
//! two with the same hash.

use core::ops::Range;

/// How many bytes are taken at a time.
pub(crate) const WORD_BYTES: usize = 8;
/// A one in each byte of a word.
pub(crate) const ONES: u64 = 0x0101_0101_0101_0101;
const START: u64 = 0x9e37_79b9_7f4a_7c15;
const FACTOR: u64 = 0xd6e8_feb8_6659_fd93;

/// Hashes bytes, eight at a time.
pub(crate) fn hash(bytes: &[u8]) -> u64 {
    hash_words(bytes.len(), |at| word_in(bytes, at..bytes.len()))
}

/// Hashes a text of that length, given the word at every eighth byte.
#[inline]
pub(crate) fn hash_words(length: usize, word_at: impl Fn(usize) -> u64) -> u64 {
    let mut state = START ^ length as u64;
    let mut at = 0;
    while at < length {
        let mixed = (state ^ word_at(at)).wrapping_mul(FACTOR);
        state = mixed ^ mixed >> 32;
        at += WORD_BYTES;
    }
    state
}

/// The first eight bytes of a range as a number, those that lack being zero.
#[inline]
pub(crate) fn word_in(buffer: &[u8], range: Range<usize>) -> u64 {
    let length = range.len();
    if let Some(word) = buffer[range.start..].first_chunk::<WORD_BYTES>() {
        return u64::from_le_bytes(*word) & mask(length);
    }
    // Near the end of the buffer: the word that ends where the range does holds all of it.
    let head = &buffer[..range.end];
    match head.last_chunk::<WORD_BYTES>() {
        Some(word) => {
            let before = WORD_BYTES - length;
            u64::from_le_bytes(*word).checked_shr(8 * before as u32).unwrap_or(0)
        }
        None => {
            let bytes = head[range.start..].iter().rev();
            bytes.fold(0, |word, byte| word << 8 | u64::from(*byte))
        }
    }
}

/// The bits of the first bytes of a word.
#[inline]
pub(crate) const fn mask(bytes: usize) -> u64 {
    if bytes >= WORD_BYTES { u64::MAX } else { (1 << (8 * bytes)) - 1 }
}

/// The high bit of the first byte that is zero, and perhaps of later bytes.
#[inline]
pub(crate) const fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & (0x80 * ONES)
}

/// The first place of an ASCII character, not the zero, at or after a place, sought by words.
#[inline]
pub(crate) fn place_of(byte: u8, text: &[u8], from: usize) -> Option<usize> {
    let wanted = u64::from(byte) * ONES;
    let mut at = from;
    while at < text.len() {
        // What lacks of the last word is zero.
        let found = zero_bytes(word_in(text, at..text.len()) ^ wanted);
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += WORD_BYTES;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn tells_names_apart() {
        let names = ["", "s", "s3", "s3\0", "iam", "secretsmanager", "secretsmanages", "12345678"];
        for (at, name) in names.iter().enumerate() {
            for other in &names[at + 1..] {
                assert_ne!(hash(name.as_bytes()), hash(other.as_bytes()), "{name} {other}");
            }
        }
    }

    #[test]
    fn what_follows_a_range_does_not_count() {
        let buffer = b"secretsmanager:GetSecretValue";
        for end in 0..buffer.len() {
            let of_range = hash_words(end, |at| word_in(buffer, at..end));
            assert_eq!(of_range, hash(&buffer[..end]), "{end}");
        }
        assert_eq!(word_in(b"ab", 0..2), 0x6261);
        assert_eq!(word_in(b"xabcdefghij", 1..3), 0x6261);
        assert_eq!(word_in(b"xabcdefghij", 9..11), 0x6a69);
        assert_eq!(word_in(b"xabcdefghij", 11..11), 0);
        assert_eq!(word_in(b"xabcdefghij", 6..8), 0x6766);
        assert_eq!(word_in(b"abcdefghij", 0..10), word_in(b"abcdefgh", 0..8));
    }

    #[test]
    fn the_first_place_is_that_of_byte_by_byte() {
        for length in 0..40 {
            for step in 1..12 {
                let text: Vec<u8> =
                    (0..length).map(|at| b"a:;9\xba\xff\0z:"[at * step % 9]).collect();
                for from in 0..=length {
                    let expected = text[from..].iter().position(|byte| *byte == b':');
                    let expected = expected.map(|at| from + at);
                    assert_eq!(place_of(b':', &text, from), expected, "{text:?} {from}");
                }
            }
        }
    }
}
