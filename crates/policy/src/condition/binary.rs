//! Binary values: base64 with the standard alphabet (RFC 4648 section 4), padding required.

use alloc::boxed::Box;

/// Keeps base64 text for comparing. Since every readable text is the only spelling of its bytes,
/// equal texts are equal bytes.
pub(super) fn parse(text: &str) -> Option<Box<str>> {
    is_readable(text).then(|| text.into())
}

/// Whether a text is base64. Bits that no octet takes must be zero.
pub(super) fn is_readable(text: &str) -> bool {
    let body = text.trim_end_matches('=').as_bytes();
    let padding = text.len() - body.len();
    if !text.len().is_multiple_of(4) || padding > 2 {
        return false;
    }
    let spare_bits = match padding {
        0 => 0,
        1 => 0b11,
        _ => 0b1111,
    };
    let last = body.last().and_then(|byte| sextet(*byte)).unwrap_or(0);
    last & spare_bits == 0 && body.iter().all(|byte| sextet(*byte).is_some())
}

fn sextet(byte: u8) -> Option<u32> {
    let value = match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(value.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_rfc_4648_examples() {
        for text in ["", "Zg==", "Zm8=", "Zm9v", "Zm9vYg==", "//+/"] {
            assert_eq!(parse(text).as_deref(), Some(text));
        }
    }

    #[test]
    fn refuses_other_texts() {
        for text in
            ["Z", "Zg", "Zg=", "Zh==", "Zm9=", "Z===", "====", "Zm9v=", "Z=9v", "Zm-_", "Zg==Zg=="]
        {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
