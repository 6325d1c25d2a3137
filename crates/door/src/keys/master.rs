//! The master key of a cell: read once, never printed, split into keys with one purpose each.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use schema::model::v1::{SealedSecret, Session};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::cipher::{CannotOpen, Cipher};
use super::message;
use super::session::{self, BadToken};
use crate::Entropy;

/// Bytes of a master key.
const LENGTH: usize = 32;

/// The key all secrets of a cell are sealed with; the same on every node of the cell.
///
/// Every purpose has a key of its own, `HMAC-SHA256(master, label)`, so that what one of them lets
/// out says nothing about the others.
pub struct MasterKey {
    id: [u8; 8],
    secrets: Cipher,
    sessions: Cipher,
    messages: Cipher,
    peer_token: Zeroizing<String>,
}

/// A text that is no master key. It says nothing of the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BadKey;

impl fmt::Display for BadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a master key is {LENGTH} bytes, written as 64 hexadecimal digits or in base64")
    }
}

impl std::error::Error for BadKey {}

impl MasterKey {
    /// A key of 32 random bytes.
    pub fn new(bytes: &[u8; LENGTH]) -> Self {
        let hash: [u8; 32] = Sha256::digest(bytes).into();
        let mut id = [0; 8];
        id.copy_from_slice(&hash[..8]);
        MasterKey {
            id,
            secrets: Cipher::new(&derive(bytes, "secrets")),
            sessions: Cipher::new(&derive(bytes, "sessions")),
            messages: Cipher::new(&derive(bytes, "messages")),
            peer_token: Zeroizing::new(hex(derive(bytes, "peer").as_slice())),
        }
    }

    /// Reads a key as text: 64 hexadecimal digits or base64, white space around it aside.
    ///
    /// # Errors
    /// It is neither, or not of 32 bytes.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let text = text.trim();
        let bytes = Zeroizing::new(match unhex(text) {
            Some(bytes) => bytes,
            None => STANDARD.decode(text).map_err(|_| BadKey)?,
        });
        let bytes: &[u8; LENGTH] = bytes.as_slice().try_into().map_err(|_| BadKey)?;
        Ok(Self::new(bytes))
    }

    /// A new master key as text, for the file a cell keeps it in.
    pub fn generate(entropy: &dyn Entropy) -> Zeroizing<String> {
        let mut bytes = Zeroizing::new([0; LENGTH]);
        entropy.fill(bytes.as_mut_slice());
        Zeroizing::new(hex(bytes.as_slice()))
    }

    /// Which key this is: the first 8 bytes of its SHA-256.
    pub fn id(&self) -> &[u8; 8] {
        &self.id
    }

    /// What peers of the cell show each other, as text for a bearer token.
    pub fn peer_token(&self) -> &str {
        &self.peer_token
    }

    /// Seals a secret for its owner, whose unique id is authenticated with it: a sealed secret put
    /// beside another owner does not open.
    pub fn seal(&self, secret: &str, owner_id: &str, entropy: &dyn Entropy) -> SealedSecret {
        let (nonce, ciphertext) =
            self.secrets.seal(secret.as_bytes(), owner_id.as_bytes(), entropy);
        SealedSecret {
            key_id: self.id.to_vec().into(),
            nonce: nonce.to_vec().into(),
            ciphertext: ciphertext.into(),
            owner_id: owner_id.to_owned(),
        }
    }

    /// Opens a sealed secret.
    ///
    /// # Errors
    /// Another master key sealed it, or it is not as it was sealed.
    pub fn open(&self, sealed: &SealedSecret) -> Result<Zeroizing<Vec<u8>>, CannotOpen> {
        if sealed.key_id != self.id.as_slice() {
            return Err(CannotOpen);
        }
        self.secrets.open(&sealed.nonce, &sealed.ciphertext, sealed.owner_id.as_bytes())
    }

    /// The token that carries a session, opaque to whoever holds it.
    pub fn seal_session(&self, session: &Session, entropy: &dyn Entropy) -> String {
        session::seal(&self.sessions, &self.id, session, entropy)
    }

    /// The session in a token.
    ///
    /// # Errors
    /// This cell did not make the token, or it is not as it was made.
    pub fn open_session(&self, token: &str) -> Result<Session, BadToken> {
        session::open(&self.sessions, &self.id, token)
    }

    /// An authorization message, opaque to whoever holds it. `None`: it would be too long.
    pub fn seal_message(&self, text: &str, entropy: &dyn Entropy) -> Option<String> {
        message::seal(&self.messages, &self.id, text, entropy)
    }

    /// The text of an authorization message of this cell, unchanged.
    pub fn open_message(&self, message: &str) -> Option<String> {
        message::open(&self.messages, &self.id, message)
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterKey(***)")
    }
}

fn derive(master: &[u8; LENGTH], label: &str) -> Zeroizing<[u8; 32]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(master).expect("HMAC takes keys of any length");
    mac.update(b"bailiwick/");
    mac.update(label.as_bytes());
    Zeroizing::new(mac.finalize().into_bytes().into())
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = |byte: &u8| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]];
    bytes.iter().flat_map(digits).map(char::from).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 2 * LENGTH || !text.is_ascii() {
        return None;
    }
    (0..LENGTH).map(|at| u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SystemEntropy;

    #[test]
    fn reads_hexadecimal_and_base64() {
        let text = MasterKey::generate(&SystemEntropy);
        let key = MasterKey::parse(&format!(" {}\n", *text)).unwrap();
        let bytes = unhex(&text).unwrap();
        let again = MasterKey::parse(&STANDARD.encode(&bytes)).unwrap();
        assert_eq!((key.id(), key.peer_token()), (again.id(), again.peer_token()));
        assert_eq!(key.peer_token().len(), 64);
    }

    #[test]
    fn refuses_what_is_no_key() {
        let long = "a".repeat(66);
        for text in ["", "00", "zz", long.as_str(), "AAAA"] {
            assert_eq!(MasterKey::parse(text).err(), Some(BadKey), "{text}");
        }
    }

    #[test]
    fn a_secret_opens_for_its_owner_alone() {
        let key = MasterKey::new(&[7; 32]);
        let sealed = key.seal("hunter2", "AIDAONE", &SystemEntropy);
        assert_eq!(key.open(&sealed).unwrap().as_slice(), b"hunter2");
        let moved = SealedSecret { owner_id: "AIDATWO".to_owned(), ..sealed.clone() };
        assert_eq!(key.open(&moved).err(), Some(CannotOpen));
        assert_eq!(MasterKey::new(&[8; 32]).open(&sealed).err(), Some(CannotOpen));
        let cut = SealedSecret { nonce: Vec::new().into(), ..sealed };
        assert_eq!(key.open(&cut).err(), Some(CannotOpen));
    }

    #[test]
    fn prints_nothing() {
        let key = MasterKey::new(&[7; 32]);
        let sealed = key.seal("hunter2", "AIDAONE", &SystemEntropy);
        assert_eq!(format!("{key:?}"), "MasterKey(***)");
        assert!(!format!("{sealed:?}").contains("hunter2"));
    }
}
