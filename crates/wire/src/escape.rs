//! Percent-encoding of forms and of policy documents in answers (RFC 3986 section 2).

/// Takes percent-encoding away; a plus sign is a space. `None` if an escape is not whole.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => digit(bytes.next()?)? << 4 | digit(bytes.next()?)?,
            other => other,
        });
    }
    Some(out)
}

/// Percent-encodes every byte that is not unreserved.
pub(crate) fn encode(text: &str, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
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
}

fn digit(byte: u8) -> Option<u8> {
    u8::try_from(char::from(byte).to_digit(16)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let text = "a b+c%&=/\u{e9}\u{1f600}\n~";
        let mut encoded = String::new();
        encode(text, &mut encoded);
        assert_eq!(encoded, "a%20b%2Bc%25%26%3D%2F%C3%A9%F0%9F%98%80%0A~");
        assert_eq!(decode(encoded.as_bytes()).as_deref(), Some(text.as_bytes()));
    }

    #[test]
    fn both_spaces_are_read() {
        assert_eq!(decode(b"a+b%20c").as_deref(), Some(&b"a b c"[..]));
    }

    #[test]
    fn broken_escapes_are_not() {
        for text in [&b"%"[..], b"%a", b"%zz", b"a%0"] {
            assert_eq!(decode(text), None);
        }
    }
}
