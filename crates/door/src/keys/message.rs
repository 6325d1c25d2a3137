//! Authorization messages: why a call was refused, sealed, in the hands of whoever was refused.
//!
//! Source: docs/adr/0009-authorization-messages.md.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::cipher::{Cipher, NONCE};
use crate::Entropy;

/// First byte of every message: how the rest is to be read.
const VERSION: u8 = 1;

/// Bytes before the ciphertext: version, id of the master key, nonce.
const HEADER: usize = 1 + 8 + NONCE;

/// Authenticated with every message, so that nothing else sealed with the key passes for one.
const BOUND: &[u8] = b"authorization message";

/// Characters of the longest message that is given out: what `DecodeAuthorizationMessage` takes is
/// 10,240, and a header should be shorter.
const LONGEST: usize = 8 << 10;

/// `base64url(version || key id || nonce || AES-GCM(text))`; `None` where it is too long.
pub(super) fn seal(
    cipher: &Cipher,
    key_id: &[u8; 8],
    text: &str,
    entropy: &dyn Entropy,
) -> Option<String> {
    let (nonce, sealed) = cipher.seal(text.as_bytes(), BOUND, entropy);
    let message = [&[VERSION], key_id.as_slice(), &nonce, &sealed].concat();
    let message = URL_SAFE_NO_PAD.encode(message);
    (message.len() <= LONGEST).then_some(message)
}

/// The text of a message that this cell sealed.
pub(super) fn open(cipher: &Cipher, key_id: &[u8; 8], message: &str) -> Option<String> {
    let message = URL_SAFE_NO_PAD.decode(message).ok()?;
    let (header, sealed) = message.split_at_checked(HEADER)?;
    if header[0] != VERSION || header[1..9] != *key_id {
        return None;
    }
    let text = cipher.open(&header[9..], sealed, BOUND).ok()?;
    String::from_utf8(text.to_vec()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MasterKey, SystemEntropy};

    #[test]
    fn a_message_opens_with_the_key_that_sealed_it_and_unchanged() {
        let key = MasterKey::new(&[7; 32]);
        let message = key.seal_message("why", &SystemEntropy).unwrap();
        assert_eq!(key.open_message(&message).as_deref(), Some("why"));
        assert_eq!(MasterKey::new(&[8; 32]).open_message(&message), None);
        let bytes = URL_SAFE_NO_PAD.decode(&message).unwrap();
        for at in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1;
            assert_eq!(key.open_message(&URL_SAFE_NO_PAD.encode(bytes)), None, "byte {at}");
            let cut = URL_SAFE_NO_PAD.encode(&bytes_of(&message)[..at]);
            assert_eq!(key.open_message(&cut), None);
        }
        assert_eq!(key.open_message("123456789012\n{}"), None);
    }

    #[test]
    fn what_is_too_long_is_not_given_out() {
        let key = MasterKey::new(&[7; 32]);
        assert!(key.seal_message(&"x".repeat(6_000), &SystemEntropy).is_some());
        assert!(key.seal_message(&"x".repeat(6_200), &SystemEntropy).is_none());
    }

    #[test]
    fn a_session_token_is_no_message() {
        let key = MasterKey::new(&[7; 32]);
        let token = key.seal_session(&Default::default(), &SystemEntropy);
        assert_eq!(key.open_message(token.trim_end_matches('=')), None);
    }

    fn bytes_of(message: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(message).unwrap()
    }
}
