//! Percent-encoding as signatures want it (RFC 3986 section 2), and hexadecimal digits.

use alloc::{string::String, vec::Vec};

use crate::Refusal;

/// Appends one byte, percent-encoded unless RFC 3986 calls it unreserved.
pub(crate) fn push(out: &mut String, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            out.push(char::from(byte));
        }
        _ => {
            out.push('%');
            out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
}

/// Percent-encodes everything but unreserved characters.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() + 8);
    bytes.iter().for_each(|&byte| push(&mut out, byte));
    out
}

/// Takes percent-encoding away once; a plus sign is a space, as in forms.
///
/// # Errors
/// `MalformedQueryString` with AWS's text when an escape is cut short or is not hexadecimal.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, Refusal> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => match (bytes.next(), bytes.next()) {
                (Some(high), Some(low)) => pair(high, low).ok_or_else(|| illegal(high, low))?,
                _ => return Err(Refusal::malformed_query("Incomplete trailing escape % sequence")),
            },
            other => other,
        });
    }
    Ok(out)
}

/// Whether every percent sign starts a whole escape.
pub(crate) fn is_well_formed(text: &str) -> bool {
    let mut parts = text.split('%');
    parts.next();
    parts.all(|part| match part.as_bytes() {
        [high, low, ..] => pair(*high, *low).is_some(),
        _ => false,
    })
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).expect("below 16");
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn pair(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

fn illegal(high: u8, low: u8) -> Refusal {
    let found = String::from_utf8_lossy(&[high, low]).into_owned();
    Refusal::malformed_query(alloc::format!("Illegal hex character in escape % pattern: %{found}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_all_but_unreserved() {
        assert_eq!(encode(b"aZ09-._~ /+%\xff"), "aZ09-._~%20%2F%2B%25%FF");
    }

    #[test]
    fn decodes_once() {
        assert_eq!(decode("a%20b+c%2520").expect("good"), b"a b c%20");
    }

    #[test]
    fn broken_escapes_have_aws_texts() {
        let text = |input| decode(input).expect_err("broken").message;
        assert_eq!(text("a%2"), "Incomplete trailing escape % sequence");
        assert_eq!(text("a%"), "Incomplete trailing escape % sequence");
        assert_eq!(text("%zz1"), "Illegal hex character in escape % pattern: %zz");
    }

    #[test]
    fn knows_whole_escapes() {
        assert!(is_well_formed("/a%2Fb"));
        assert!(!is_well_formed("/a%2"));
        assert!(!is_well_formed("/a%+1"));
    }
}
