//! Strings: runs of plain text, found by words, and escapes.

use super::{Read, Scanner};
use crate::hash::{ONES, WORD_BYTES};
use alloc::{borrow::Cow, string::String};

impl<'a> Scanner<'a> {
    /// Always inlined, as all that it calls: most of a document is strings.
    #[inline(always)]
    pub(super) fn string(&mut self) -> Read<Cow<'a, str>> {
        self.at += 1;
        let first = self.run();
        // Nearly all strings are one run.
        if self.accept(b'"') {
            return Ok(first.into());
        }
        self.unescaped(first)
    }

    /// The rest of a string after its first run.
    #[cold]
    fn unescaped(&mut self, first: &str) -> Read<Cow<'a, str>> {
        let mut text = String::from(first);
        loop {
            match self.text.as_bytes().get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text.into());
                }
                Some(b'\\') => {
                    text.push(self.escape()?);
                    text.push_str(self.run());
                }
                Some(_) => return Err(self.error("a control character in a string")),
                None => return Err(self.error("a string without an end")),
            }
        }
    }

    /// The text up to the next character that means something in a string.
    #[inline(always)]
    fn run(&mut self) -> &'a str {
        let start = self.at;
        let bytes = &self.text.as_bytes()[start..];
        self.at += run_length(bytes);
        let text: &'a str = self.text;
        &text[start..self.at]
    }

    fn escape(&mut self) -> Read<char> {
        self.at += 1;
        let character = match self.peek() {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode_escape(),
            _ => return Err(self.error("an unknown escape")),
        };
        self.at += 1;
        Ok(character)
    }

    fn unicode_escape(&mut self) -> Read<char> {
        let first = self.code_unit()?;
        let code = if (0xd800..0xdc00).contains(&first) {
            if !self.accept(b'\\') {
                return Err(self.error("half a surrogate pair"));
            }
            let second = self.code_unit()?;
            if !(0xdc00..0xe000).contains(&second) {
                return Err(self.error("half a surrogate pair"));
            }
            0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
        } else {
            first
        };
        char::from_u32(code).ok_or_else(|| self.error("half a surrogate pair"))
    }

    fn code_unit(&mut self) -> Read<u32> {
        if !self.accept(b'u') {
            return Err(self.error("half a surrogate pair"));
        }
        let mut code = 0;
        for _ in 0..4 {
            let Some(digit) = char::from(self.peek()).to_digit(16) else {
                return Err(self.error("expected four hex digits"));
            };
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }
}

/// How many bytes stand before the next that means something in a string, sought by words.
#[inline(always)]
fn run_length(bytes: &[u8]) -> usize {
    // Turning this bit brings the quote next to the controls, and nothing else below it: one
    // subtraction finds both.
    const TURNED: u8 = 2;
    const BEHIND: u64 = (b'"' ^ TURNED) as u64 + 1;
    let (words, rest) = bytes.as_chunks::<WORD_BYTES>();
    for (at, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let less = (word ^ (u64::from(TURNED) * ONES)).wrapping_sub(BEHIND * ONES);
        let escapes = (word ^ (u64::from(b'\\') * ONES)).wrapping_sub(ONES);
        let found = (less | escapes) & !word & (0x80 * ONES);
        if found != 0 {
            return at * WORD_BYTES + found.trailing_zeros() as usize / 8;
        }
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
    words.len() * WORD_BYTES + rest.iter().position(is_special).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn a_run_ends_at_the_first_character_that_means_something() {
        for length in 0..40 {
            let text: String = "a é~\u{7f}!#[] ".chars().cycle().take(length).collect();
            assert_eq!(run_length(text.as_bytes()), text.len());
            for special in ['"', '\\', '\n', '\0', '\u{1f}'] {
                let longer = format!("{text}{special}\"\\\n and more");
                assert_eq!(run_length(longer.as_bytes()), text.len(), "{longer:?}");
            }
        }
    }
}
