//! Session tokens: a whole session, sealed, in the hands of whoever it was issued to.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use prost::Message;
use schema::model::v1::Session;
use zeroize::Zeroizing;

use super::cipher::{Cipher, NONCE};
use crate::Entropy;

/// First byte of every token: how the rest is to be read.
const VERSION: u8 = 1;

/// Bytes before the ciphertext: version, id of the master key, nonce.
const HEADER: usize = 1 + 8 + NONCE;

/// Authenticated with every token, so that nothing else sealed with the key passes for one.
const BOUND: &[u8] = b"session";

/// A token that this cell did not make, or that was changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BadToken;

impl fmt::Display for BadToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a session token of this cell")
    }
}

impl std::error::Error for BadToken {}

/// `base64(version || key id || nonce || AES-GCM(session))`
pub(super) fn seal(
    cipher: &Cipher,
    key_id: &[u8; 8],
    session: &Session,
    entropy: &dyn Entropy,
) -> String {
    let plain = Zeroizing::new(session.encode_to_vec());
    let (nonce, sealed) = cipher.seal(&plain, BOUND, entropy);
    let mut token = Vec::with_capacity(HEADER + sealed.len());
    token.push(VERSION);
    token.extend_from_slice(key_id);
    token.extend_from_slice(&nonce);
    token.extend_from_slice(&sealed);
    STANDARD.encode(token)
}

pub(super) fn open(cipher: &Cipher, key_id: &[u8; 8], token: &str) -> Result<Session, BadToken> {
    let token = STANDARD.decode(token).map_err(|_| BadToken)?;
    let Some((header, sealed)) = token.split_at_checked(HEADER) else { return Err(BadToken) };
    if header[0] != VERSION || header[1..9] != *key_id {
        return Err(BadToken);
    }
    let plain = cipher.open(&header[9..], sealed, BOUND).map_err(|_| BadToken)?;
    Session::decode(plain.as_slice()).map_err(|_| BadToken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MasterKey, SystemEntropy};

    fn session() -> Session {
        Session {
            account_id: "123456789012".to_owned(),
            access_key_id: "ASIAEXAMPLE".to_owned(),
            secret_access_key: "hunter2".to_owned(),
            expires_ms: 5,
            ..Default::default()
        }
    }

    #[test]
    fn a_token_opens_with_the_key_that_made_it() {
        let key = MasterKey::new(&[7; 32]);
        let token = key.seal_session(&session(), &SystemEntropy);
        assert_eq!(key.open_session(&token), Ok(session()));
        assert_eq!(MasterKey::new(&[8; 32]).open_session(&token), Err(BadToken));
    }

    #[test]
    fn a_token_changed_anywhere_does_not_open() {
        let key = MasterKey::new(&[7; 32]);
        let token = key.seal_session(&session(), &SystemEntropy);
        let bytes = STANDARD.decode(&token).unwrap();
        for at in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1;
            assert_eq!(key.open_session(&STANDARD.encode(bytes)), Err(BadToken), "byte {at}");
        }
        for end in 0..bytes.len() {
            assert_eq!(key.open_session(&STANDARD.encode(&bytes[..end])), Err(BadToken));
        }
        assert_eq!(key.open_session("no base64 at all!"), Err(BadToken));
    }

    #[test]
    fn a_sealed_secret_is_no_token() {
        let key = MasterKey::new(&[7; 32]);
        let sealed = key.seal("x", "session", &SystemEntropy);
        let parts: [&[u8]; 4] = [&[VERSION], &sealed.key_id, &sealed.nonce, &sealed.ciphertext];
        assert_eq!(key.open_session(&STANDARD.encode(parts.concat())), Err(BadToken));
    }

    #[test]
    fn a_session_never_prints_its_secret() {
        assert!(!format!("{:?}", session()).contains("hunter2"));
    }
}
