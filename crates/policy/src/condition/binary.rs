//! Binary values: base64 with the standard alphabet (RFC 4648 section 4), padding required.

use alloc::vec::Vec;

/// Decodes base64 text.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    if !bytes.len().is_multiple_of(4) {
        return None;
    }
    let body = text.trim_end_matches('=').as_bytes();
    if bytes.len() - body.len() > 2 {
        return None;
    }
    let mut decoded = Vec::with_capacity(body.len() * 3 / 4);
    for group in body.chunks(4) {
        let mut word: u32 = 0;
        for byte in group {
            word = word << 6 | sextet(*byte)?;
        }
        word <<= 6 * (4 - group.len());
        let [_, octets @ ..] = word.to_be_bytes();
        let (kept, padding) = octets.split_at(group.len() - 1);
        // Bits that no octet takes must be zero, so that equal bytes have one spelling.
        if padding.iter().any(|octet| *octet != 0) {
            return None;
        }
        decoded.extend_from_slice(kept);
    }
    Some(decoded)
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
    fn decodes_rfc_4648_examples() {
        for (text, bytes) in
            [("", ""), ("Zg==", "f"), ("Zm8=", "fo"), ("Zm9v", "foo"), ("Zm9vYg==", "foob")]
        {
            assert_eq!(decode(text).as_deref(), Some(bytes.as_bytes()), "{text}");
        }
        assert_eq!(decode("//+/").as_deref(), Some(&[0xff, 0xff, 0xbf][..]));
    }

    #[test]
    fn refuses_other_texts() {
        for text in ["Z", "Zg", "Zg=", "Zh==", "Z===", "====", "Zm9v=", "Z=9v", "Zm-_", "Zg==Zg=="]
        {
            assert_eq!(decode(text), None, "{text}");
        }
    }
}
