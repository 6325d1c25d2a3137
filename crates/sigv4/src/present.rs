//! The keyless half of verification: what is presented, and all that is refused without a key.

use core::fmt;

use alloc::{format, string::String};

use crate::{
    ALGORITHM, HttpRequest, Refusal, Settings, SigningKey, canonical, claim::Claim, escape,
    query::Query, scope::Credential, time, window,
};

/// Where a signature stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In the `Authorization` header.
    Header,
    /// In the query: a presigned request.
    Query,
}

/// A request's claim to have been signed by a key, complete and in time but not verified.
pub struct Presented {
    /// The key said to have signed.
    pub access_key_id: String,
    /// The session token that came with it.
    pub session_token: Option<String>,
    /// Day of the scope, `YYYYMMDD`.
    pub date: String,
    /// Region of the scope.
    pub region: String,
    /// Service of the scope: one of [`Settings::services`].
    pub service: String,
    /// When it was signed, in Unix seconds.
    pub signed_at: i64,
    /// Where the signature stands.
    pub form: Form,
    signed_headers: String,
    string_to_sign: String,
    signature: String,
}

/// Reads the signature of a request and refuses what needs no key to be refused, in AWS's order.
///
/// `now` is the server's time in Unix seconds.
///
/// # Errors
/// The [`Refusal`] AWS gives: bad path, bad query, no signature, two signatures, parts missing,
/// host not signed, bad date, outside the window, bad credential, wrong scope, broken token.
pub fn present(
    request: &HttpRequest<'_>,
    now: i64,
    settings: &Settings<'_>,
) -> Result<Presented, Refusal> {
    settings.limits.check(request)?;
    canonical::path(request.path)?;
    let query = Query::parse(request.query, &settings.limits)?;
    let claim = Claim::read(request, &query, &settings.limits)?;
    let signed_at = claim.time()?;
    let life_s = claim.expires.as_deref().map(window::expires_s).transpose()?;
    window::check(signed_at, life_s.unwrap_or(settings.window_s), settings.window_s, now)?;
    let credential = Credential::parse(&claim.credential)?;
    credential.check(signed_at, settings)?;
    check_names(credential.key_id, claim.token.as_deref(), settings.limits.token_bytes)?;
    let digest = canonical::digest(request, &query, &claim.signed_headers)?;
    Ok(Presented {
        access_key_id: credential.key_id.into(),
        date: credential.date.into(),
        region: credential.region.into(),
        service: credential.service.into(),
        signed_at,
        form: claim.form,
        string_to_sign: string_to_sign(signed_at, &credential.scope(), &digest),
        session_token: claim.token,
        signed_headers: claim.signed_headers,
        signature: claim.signature,
    })
}

impl Presented {
    /// Derives the key for this request's scope.
    ///
    /// The same for all requests of one key id, [`date`](Self::date), [`region`](Self::region) and
    /// [`service`](Self::service); a caller may keep it by these.
    pub fn signing_key(&self, secret: &[u8]) -> SigningKey {
        SigningKey::derive(secret, &self.date, &self.region, &self.service)
    }

    /// Compares the signature with the one this secret gives, in constant time.
    ///
    /// # Errors
    /// [`Refusal::wrong_signature`].
    pub fn verify(&self, secret: &[u8]) -> Result<(), Refusal> {
        self.verify_with(&self.signing_key(secret))
    }

    /// As [`verify`](Self::verify), with a key derived before.
    ///
    /// # Errors
    /// [`Refusal::wrong_signature`].
    pub fn verify_with(&self, key: &SigningKey) -> Result<(), Refusal> {
        if key.verifies(&self.string_to_sign, &self.signature) {
            Ok(())
        } else {
            Err(Refusal::wrong_signature())
        }
    }

    /// Whether the signature covers a header (lower case). A header it does not cover may have
    /// been changed on the way.
    pub fn covers(&self, header: &str) -> bool {
        self.signed_headers.split(';').any(|name| name == header)
    }
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presented")
            .field("access_key_id", &self.access_key_id)
            .field("session_token", &self.session_token.as_ref().map(|_| "***"))
            .field("date", &self.date)
            .field("region", &self.region)
            .field("service", &self.service)
            .field("signed_at", &self.signed_at)
            .field("form", &self.form)
            .field("signed_headers", &self.signed_headers)
            .finish_non_exhaustive()
    }
}

/// What the key signs (IAM User Guide, "Create a signed AWS API request", step 3).
pub(crate) fn string_to_sign(signed_at: i64, scope: &str, digest: &[u8; 32]) -> String {
    format!("{ALGORITHM}\n{}\n{scope}\n{}", time::format_basic(signed_at), escape::hex(digest))
}

/// Refuses key ids and tokens that no key and no session can have, before any is looked up.
fn check_names(key_id: &str, token: Option<&str>, token_bytes: usize) -> Result<(), Refusal> {
    let is_key_id = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if !(1..=128).contains(&key_id.len()) || !key_id.bytes().all(is_key_id) {
        return Err(Refusal::invalid_client_token_id());
    }
    let is_token = |token: &str| {
        token.len() <= token_bytes && token.bytes().all(|byte| byte.is_ascii_graphic())
    };
    if token.is_none_or(is_token) { Ok(()) } else { Err(Refusal::invalid_token()) }
}
