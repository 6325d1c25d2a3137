//! The signing key: a secret bound to one day, region and service.

use core::fmt;

use alloc::{string::String, vec::Vec};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::{TERMINATOR, escape};

/// A key derived from a secret for one day, region and service.
///
/// It is good for nothing else, so a server may keep it by (key id, day, region, service) and
/// save most of the work of a verification; drop it when the access key changes.
#[derive(Clone)]
pub struct SigningKey(Zeroizing<[u8; 32]>);

impl SigningKey {
    /// Derives the key; `date` is `YYYYMMDD`.
    pub fn derive(secret: &[u8], date: &str, region: &str, service: &str) -> Self {
        let mut seed = Zeroizing::new(Vec::with_capacity(4 + secret.len()));
        seed.extend_from_slice(b"AWS4");
        seed.extend_from_slice(secret);
        let mut key = Zeroizing::new(mac(&seed, date.as_bytes()));
        for part in [region, service, TERMINATOR] {
            *key = mac(key.as_slice(), part.as_bytes());
        }
        SigningKey(key)
    }

    /// The signature of a string to sign, in lower-case hexadecimal.
    pub(crate) fn sign(&self, string_to_sign: &str) -> String {
        escape::hex(&mac(self.0.as_slice(), string_to_sign.as_bytes()))
    }

    /// Whether a signature is this key's; takes the same time wherever they differ.
    pub(crate) fn verifies(&self, string_to_sign: &str, signature: &str) -> bool {
        let expected = Zeroizing::new(self.sign(string_to_sign));
        expected.as_bytes().ct_eq(signature.as_bytes()).into()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(***)")
    }
}

fn mac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// IAM User Guide, "Create a signed AWS API request": the example of a derived key.
    #[test]
    fn published_key() {
        let secret = b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        let key = SigningKey::derive(secret, "20150830", "us-east-1", "iam");
        assert_eq!(
            escape::hex(key.0.as_slice()),
            "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"
        );
    }

    #[test]
    fn debug_shows_nothing() {
        let key = SigningKey::derive(b"secret", "20150830", "us-east-1", "iam");
        assert_eq!(alloc::format!("{key:?}"), "SigningKey(***)");
    }
}
