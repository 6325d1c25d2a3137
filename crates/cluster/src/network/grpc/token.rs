//! The token by which nodes of one cell know each other.

use std::fmt;
use std::sync::Arc;

use ::tonic::metadata::{Ascii, MetadataValue};
use ::tonic::service::Interceptor;
use ::tonic::{Request, Status};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// Derived from the cell's secret, which the token does not give away.
#[derive(Clone)]
pub struct PeerToken {
    bearer: Arc<MetadataValue<Ascii>>,
}

impl PeerToken {
    /// The token of the cell that has this secret.
    ///
    /// # Panics
    /// Never: HMAC takes keys of any length, and hexadecimal text is valid metadata.
    pub fn derive(secret: &[u8]) -> Self {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("any length is a key");
        mac.update(b"bailiwick peer token, version 1");
        let code = mac.finalize().into_bytes();
        let hex: String = code.iter().map(|byte| format!("{byte:02x}")).collect();
        let mut bearer: MetadataValue<Ascii> =
            format!("Bearer {hex}").parse().expect("hexadecimal text is valid metadata");
        bearer.set_sensitive(true);
        PeerToken { bearer: Arc::new(bearer) }
    }

    /// Puts the token on a request.
    pub(super) fn sign<T>(&self, request: &mut Request<T>) {
        let bearer = MetadataValue::clone(&self.bearer);
        request.metadata_mut().insert("authorization", bearer);
    }
}

impl fmt::Debug for PeerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PeerToken")
    }
}

/// Lets in who has the token; compares in constant time.
#[derive(Clone, Debug)]
pub struct Guard(pub(super) PeerToken);

impl Interceptor for Guard {
    fn call(&mut self, request: Request<()>) -> Result<Request<()>, Status> {
        let shown = request.metadata().get("authorization").map(MetadataValue::as_encoded_bytes);
        let known = self.0.bearer.as_encoded_bytes();
        match shown.is_some_and(|shown| bool::from(shown.ct_eq(known))) {
            true => Ok(request),
            false => Err(Status::unauthenticated("this is not a node of the cell")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_cells_own_token_opens() {
        let (ours, theirs) = (PeerToken::derive(b"secret"), PeerToken::derive(b"Secret"));
        let mut guard = Guard(ours.clone());
        let mut request = Request::new(());
        assert!(guard.call(Request::new(())).is_err());
        theirs.sign(&mut request);
        assert!(guard.call(request).is_err());
        let mut request = Request::new(());
        ours.sign(&mut request);
        assert!(guard.call(request).is_ok());
        assert!(!format!("{ours:?} {:?}", ours.bearer).contains("Bearer"));
    }
}
