//! Sign and verify a request with AWS Signature Version 4: bytes, key and time in, verdict out.
//!
//! Verification has two halves, because a server looks the key up between them:
//!
//! 1. [`present`] reads what a request claims (who signed it, when, for which scope) and refuses
//!    everything that can be refused without a key, in AWS's order and with AWS's texts.
//! 2. The caller finds the key and its state, answering with [`Refusal::invalid_client_token_id`]
//!    or [`Refusal::expired_token`] where AWS does, and
//! 3. [`Presented::verify`] compares signatures in constant time.
//!
//! The header form and the query form (presigned URLs) are both read and both written
//! ([`sign`], [`presign`]). The caller hashes the body and decides about methods and content types.
#![no_std]

extern crate alloc;

mod canonical;
mod claim;
mod escape;
mod key;
mod present;
mod query;
mod refusal;
mod request;
mod scope;
mod sign;
mod time;
mod window;

pub use key::SigningKey;
pub use present::{Form, Presented, present};
pub use refusal::Refusal;
pub use request::{HttpRequest, Limits, Settings, sha256};
pub use sign::{Credentials, Scope, presign, sign};

/// The only algorithm spoken here, as it stands in the header, the query and the string to sign.
pub const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The longest life of a presigned request, in seconds (seven days).
pub const MAX_EXPIRES_S: i64 = 604_800;

/// What every scope ends in.
pub(crate) const TERMINATOR: &str = "aws4_request";
