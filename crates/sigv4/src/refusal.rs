//! What a caller is told when a signature is not accepted: AWS's codes, statuses and texts.

use alloc::{
    format,
    string::{String, ToString},
};
use core::fmt;

/// An answer of AWS's signature check.
///
/// Codes and texts as AWS gives them (IAM User Guide, "Troubleshoot Signature Version 4 signing",
/// and what is observed of IAM and STS where that page is silent).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// The error code; empty when AWS answers with a bare status and no body.
    pub code: &'static str,
    /// The message; empty when AWS gives none.
    pub message: String,
}

impl Refusal {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Refusal { status, code, message: message.into() }
    }

    /// The path is not one: 400 without a body.
    pub(crate) fn bad_path() -> Self {
        Self::new(400, "", "")
    }

    /// The header section is beyond what is read.
    pub(crate) fn headers_too_large() -> Self {
        let text = "Your request header section exceeds the maximum allowed size";
        Self::new(400, "RequestHeaderSectionTooLarge", text)
    }

    /// The query can not be read.
    pub(crate) fn malformed_query(why: impl Into<String>) -> Self {
        Self::new(400, "MalformedQueryString", why)
    }

    /// The request carries no signature at all.
    pub fn missing_authentication_token() -> Self {
        let text = "Request is missing Authentication Token";
        Self::new(403, "MissingAuthenticationToken", text)
    }

    /// The signature lacks a part, or a part can not be read.
    pub(crate) fn incomplete(why: impl Into<String>) -> Self {
        Self::new(400, "IncompleteSignature", why)
    }

    /// The signature does not fit the request; `why` may be empty.
    pub(crate) fn does_not_match(why: impl Into<String>) -> Self {
        Self::new(403, "SignatureDoesNotMatch", why)
    }

    /// The signature is not the one this request and this key give.
    pub fn wrong_signature() -> Self {
        Self::does_not_match(
            "The request signature we calculated does not match the signature you provided. \
             Check your AWS Secret Access Key and signing method. \
             Consult the service documentation for details.",
        )
    }

    /// The key is unknown, inactive or deleted, or its session is another's or gone.
    pub fn invalid_client_token_id() -> Self {
        let text = "The security token included in the request is invalid.";
        Self::new(403, "InvalidClientTokenId", text)
    }

    /// The session token itself is broken. The text has no full stop here, as on AWS.
    pub fn invalid_token() -> Self {
        let text = "The security token included in the request is invalid";
        Self::new(403, "InvalidClientTokenId", text)
    }

    /// The session is over.
    pub fn expired_token() -> Self {
        let text = "The security token included in the request is expired";
        Self::new(403, "ExpiredToken", text)
    }

    /// Whether AWS answers this with a status and an empty body.
    pub fn is_bare(&self) -> bool {
        self.code.is_empty()
    }

    /// The same refusal with more behind its text.
    pub(crate) fn unsupported_algorithm(algorithm: &str) -> Self {
        Self::incomplete(format!("Unsupported AWS 'algorithm': '{algorithm}'."))
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let code = if self.is_bare() { "bad request".to_string() } else { self.code.to_string() };
        write!(f, "{} {code}: {}", self.status, self.message)
    }
}

impl core::error::Error for Refusal {}
