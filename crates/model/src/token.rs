//! Tokens: what a write answers and a later read may ask to see.

use std::fmt;

/// Characters of the cell's id that stand in a token: enough that tokens of two cells are not taken
/// for one another.
const CELL: usize = 8;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A revision of a cell, as opaque printable text (docs/consistency.md).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    /// The beginning of the cell's id; empty for a bare revision.
    pub cell: String,
    /// The revision.
    pub revision: u64,
}

impl Token {
    /// The token of a revision in the cell of this id.
    pub fn new(cell_id: &str, revision: u64) -> Self {
        Token { cell: cell_id.chars().take(CELL).collect(), revision }
    }

    /// Reads a token, or a revision written in decimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some((cell, digits)) = text.split_once('.') {
            let is_cell = cell.len() <= CELL && cell.bytes().all(|b| BASE32.contains(&b));
            let revision = decode(digits)?;
            return is_cell.then(|| Token { cell: cell.to_owned(), revision });
        }
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        let revision = is_number.then(|| text.parse().ok()).flatten()?;
        Some(Token { cell: String::new(), revision })
    }

    /// Whether the token says something of this cell; a bare revision does of any.
    pub fn is_of(&self, cell_id: &str) -> bool {
        self.cell.is_empty() || self.cell == Token::new(cell_id, 0).cell
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.", self.cell)?;
        let digits = (u64::BITS - self.revision.leading_zeros()).div_ceil(5).max(1);
        (0..digits).rev().try_for_each(|position| {
            let digit = (self.revision >> (5 * position)) & 31;
            write!(f, "{}", char::from(BASE32[digit as usize]))
        })
    }
}

fn decode(digits: &str) -> Option<u64> {
    if digits.is_empty() || digits.len() > 13 {
        return None;
    }
    digits.bytes().try_fold(0_u64, |number, byte| {
        let digit = BASE32.iter().position(|known| *known == byte)?;
        number.checked_mul(32)?.checked_add(digit as u64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_back() {
        for revision in [0, 1, 31, 32, 77, 1_000_000, u64::MAX] {
            let token = Token::new("ABCDEFGHIJKLMNOPQRSTUVWXYZ", revision);
            assert_eq!(Token::parse(&token.to_string()), Some(token));
        }
        assert_eq!(Token::new("ABCDEFGHIJ", 33).to_string(), "ABCDEFGH.BB");
    }

    #[test]
    fn a_revision_is_a_token_of_any_cell() {
        let token = Token::parse("42").unwrap();
        assert_eq!(token.revision, 42);
        assert!(token.is_of("ABCDEFGHIJ"));
        assert!(!Token::new("ZZZZZZZZZZ", 42).is_of("ABCDEFGHIJ"));
    }

    #[test]
    fn garbage_is_no_token() {
        for text in ["", ".", "A.", "A.1", "a.B", "-1", "1.", "99999999999999999999", "é.B"] {
            assert_eq!(Token::parse(text), None, "{text}");
        }
        assert_eq!(Token::parse(&format!("A.{}", "7".repeat(13))), None);
    }
}
