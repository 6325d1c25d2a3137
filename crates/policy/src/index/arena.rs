//! The texts of an index, side by side.

use crate::{
    glob::encode_byte,
    hash::{ONES, WORD_BYTES, word_in, zero_bytes},
};
use alloc::{boxed::Box, vec, vec::Vec};

/// Texts one behind another, as they are written until there are all. They are put there by words:
/// room is made at once, and what follows the last has no meaning.
#[derive(Default)]
pub(super) struct Arena {
    bytes: Vec<u8>,
    end: usize,
}

/// A text in an arena.
pub(super) struct Put {
    pub start: usize,
    /// Its first eight bytes.
    pub first: u64,
    /// How many bytes stand before its first wildcard or colon.
    pub plain: usize,
}

impl Arena {
    /// Room for texts of so many bytes together.
    pub(super) fn with_room(bytes: usize) -> Self {
        Self { bytes: vec![0; bytes + WORD_BYTES], end: 0 }
    }

    /// Puts the text that starts at a place in another one, and runs to its end, behind the last.
    #[inline]
    pub(super) fn put(&mut self, text: &[u8], from: usize) -> Put {
        let (start, length) = (self.end, text.len() - from);
        self.end = start + length;
        let room = &mut self.bytes[start..];
        let first = word_in(text, from..text.len());
        let (mut word, mut at, mut plain) = (first, 0, length);
        loop {
            room[at..at + WORD_BYTES].copy_from_slice(&word.to_le_bytes());
            let found = specials(word);
            if found != 0 && plain == length {
                plain = at + found.trailing_zeros() as usize / 8;
            }
            at += WORD_BYTES;
            if at >= length {
                return Put { start, first, plain };
            }
            word = word_in(text, from + at..text.len());
        }
    }

    /// Puts a text behind the last, and tells where it starts.
    pub(super) fn push(&mut self, text: &[u8]) -> usize {
        let start = self.end;
        self.end = start + text.len();
        self.bytes[start..self.end].copy_from_slice(text);
        start
    }

    /// The texts so far, as they are written.
    pub(super) fn written(&self) -> &[u8] {
        &self.bytes[..self.end]
    }

    /// All texts, in lower case and their wildcards encoded.
    pub(super) fn into_folded(mut self) -> Box<[u8]> {
        self.bytes.truncate(self.end);
        self.bytes.make_ascii_lowercase();
        self.bytes.iter_mut().for_each(|byte| *byte = encode_byte(*byte));
        self.bytes.into()
    }
}

/// The high bit of the first byte that is a wildcard or a colon, and perhaps of later bytes.
#[inline]
const fn specials(word: u64) -> u64 {
    // One bit is between a star and a colon.
    let colons = (word | ((b'*' ^ b':') as u64 * ONES)) ^ (b':' as u64 * ONES);
    let marks = word ^ (b'?' as u64 * ONES);
    zero_bytes(colons) | zero_bytes(marks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::glob::encode;
    use alloc::string::String;

    #[test]
    fn puts_and_folds_as_byte_by_byte() {
        let letters: Vec<char> = "a*Z?+)>:@[`{\u{e9};*?*".chars().collect();
        for length in 0..40 {
            for step in 1..letters.len() {
                let text: String =
                    (0..length).map(|at| letters[at * step % letters.len()]).collect();
                let is_special = |byte: u8| matches!(byte, b'*' | b'?' | b':');
                let plain = text.bytes().position(is_special).unwrap_or(text.len());
                for before in ["", "S3", "before"] {
                    for service in ["", "a:", "autoscaling:"] {
                        let action = [service.as_bytes(), text.as_bytes()].concat();
                        let mut arena = Arena::with_room(before.len() + text.len());
                        arena.push(before.as_bytes());
                        let put = arena.put(&action, service.len());
                        let first = word_in(text.as_bytes(), 0..text.len());
                        let expected = (before.len(), first, plain);
                        assert_eq!((put.start, put.first, put.plain), expected, "{text}");
                        let expected = String::from(before) + &text;
                        assert_eq!(arena.written(), expected.as_bytes());
                        assert_eq!(*arena.into_folded(), encode(&expected.to_ascii_lowercase()));
                    }
                }
            }
        }
    }
}
