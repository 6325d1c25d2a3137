//! AES-256-GCM with one key and a fresh random nonce for each message.

use std::fmt;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use zeroize::Zeroizing;

use crate::Entropy;

/// Bytes of a nonce. At 2^32 messages under one key a nonce is repeated with a chance of 2^-33
/// (NIST SP 800-38D).
pub(super) const NONCE: usize = 12;

/// What does not open: another key sealed it, or it was changed. Which of the two is nobody's
/// business.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CannotOpen;

impl fmt::Display for CannotOpen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sealed with another key, or changed since")
    }
}

impl std::error::Error for CannotOpen {}

/// A cipher with its key, which it wipes when it is dropped.
pub(super) struct Cipher(Box<Aes256Gcm>);

impl Cipher {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        Cipher(Box::new(Aes256Gcm::new(key.into())))
    }

    /// Nonce and ciphertext with its tag; `bound` is authenticated with it.
    pub(super) fn seal(
        &self,
        plain: &[u8],
        bound: &[u8],
        entropy: &dyn Entropy,
    ) -> ([u8; NONCE], Vec<u8>) {
        let mut nonce = [0; NONCE];
        entropy.fill(&mut nonce);
        let payload = Payload { msg: plain, aad: bound };
        // INVARIANT: AES-GCM refuses only messages of 64 GiB and more.
        let sealed = self.0.encrypt(&Nonce::from(nonce), payload).expect("a message of any size");
        (nonce, sealed)
    }

    pub(super) fn open(
        &self,
        nonce: &[u8],
        sealed: &[u8],
        bound: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| CannotOpen)?;
        let payload = Payload { msg: sealed, aad: bound };
        self.0.decrypt(&Nonce::from(nonce), payload).map(Zeroizing::new).map_err(|_| CannotOpen)
    }
}
