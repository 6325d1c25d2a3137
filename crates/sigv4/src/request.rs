//! What is signed: the request as it was received, and what a server expects of it.

use sha2::{Digest, Sha256};

use crate::Refusal;

/// The parts of an HTTP request that a signature covers, raw as they came over the wire.
///
/// HTTP/2 has no `host` header: give its `:authority` as a header of that name and it stands in
/// for `host` wherever that is missing.
#[derive(Clone, Copy)]
pub struct HttpRequest<'a> {
    /// The method in capitals.
    pub method: &'a str,
    /// The path, percent-encoded as received.
    pub path: &'a str,
    /// The query without its question mark, percent-encoded as received.
    pub query: &'a str,
    /// Every header in the order received; names in any case, one entry per line.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// [`sha256`] of the raw body; for a gRPC call of the protobuf message without its frame.
    pub body_sha256: [u8; 32],
}

impl<'a> HttpRequest<'a> {
    /// The first value of a header, the one that counts where a header is repeated.
    pub(crate) fn header(&self, name: &str) -> Option<&'a [u8]> {
        self.all(name).next()
    }

    /// Every value of a header in order; `host` and `:authority` stand in for each other.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let stand_in = match name {
            "host" => ":authority",
            ":authority" => "host",
            other => other,
        };
        let name = if self.all(name).next().is_some() { name } else { stand_in };
        self.all(name)
    }

    fn all(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        self.headers
            .iter()
            .filter(move |(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
    }
}

/// What a server demands of a signature.
#[derive(Clone, Copy, Debug)]
pub struct Settings<'a> {
    /// Signing names that are right for this request; the first is named in a refusal.
    pub services: &'a [&'a str],
    /// Regions a scope may name; empty means any that looks like one.
    pub regions: &'a [&'a str],
    /// How far the clock of a signer may be off either way, in seconds. AWS: 900.
    pub window_s: i64,
    /// What is read at most.
    pub limits: Limits,
}

impl<'a> Settings<'a> {
    /// AWS's window of 15 minutes, any region, and the default limits.
    pub fn new(services: &'a [&'a str]) -> Self {
        Settings { services, regions: &[], window_s: 900, limits: Limits::default() }
    }
}

/// Sizes beyond which a request is refused before anything in it is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Header lines.
    pub headers: usize,
    /// Bytes of all header names and values together.
    pub header_bytes: usize,
    /// Bytes of the raw query.
    pub query_bytes: usize,
    /// Parameters in the query.
    pub query_parameters: usize,
    /// Bytes of the credential: key id and scope.
    pub credential_bytes: usize,
    /// Bytes of the session token.
    pub token_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            headers: 128,
            header_bytes: 64 * 1024,
            query_bytes: 64 * 1024,
            query_parameters: 4096,
            credential_bytes: 512,
            token_bytes: 16 * 1024,
        }
    }
}

impl Limits {
    /// Refuses a request whose header section or query is beyond the limits.
    pub(crate) fn check(&self, request: &HttpRequest<'_>) -> Result<(), Refusal> {
        let size = |(name, value): &(&str, &[u8])| name.len() + value.len();
        let bytes: usize = request.headers.iter().map(size).sum();
        if request.headers.len() > self.headers || bytes > self.header_bytes {
            return Err(Refusal::headers_too_large());
        }
        if request.query.len() > self.query_bytes {
            return Err(Refusal::malformed_query("The query string is too long"));
        }
        Ok(())
    }
}

/// SHA-256 of a body, as [`HttpRequest::body_sha256`] wants it.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}
