//! The client's side: signing a request in its headers, or in its query to hand it on.

use core::fmt;

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use crate::{
    ALGORITHM, HttpRequest, Limits, Refusal, SigningKey, TERMINATOR, canonical, escape, present,
    query::Query, time,
};

/// A key and, for a session, its token.
#[derive(Clone, Copy)]
pub struct Credentials<'a> {
    /// The public name of the key.
    pub access_key_id: &'a str,
    /// The secret.
    pub secret_access_key: &'a str,
    /// The token of a session; none for a long-term key.
    pub session_token: Option<&'a str>,
}

impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// What a signature is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scope<'a> {
    /// Region, `us-east-1` for IAM.
    pub region: &'a str,
    /// Signing name of the service: `iam`, `sts`, `bailiwick`.
    pub service: &'a str,
}

/// Signs a request and gives the headers to add: `x-amz-date`, for a session
/// `x-amz-security-token`, and `authorization`.
///
/// Covers every header given except those that proxies change, `host` (or `:authority`, signed as
/// `host`) among them. Headers of the names above are taken to be replaced by the new ones.
///
/// # Errors
/// What a server would answer to a path or query that can not be read.
pub fn sign(
    request: &HttpRequest<'_>,
    credentials: &Credentials<'_>,
    scope: Scope<'_>,
    now: i64,
) -> Result<Vec<(&'static str, String)>, Refusal> {
    let mut added = Vec::from([("x-amz-date", time::format_basic(now))]);
    if let Some(token) = credentials.session_token {
        added.push(("x-amz-security-token", token.to_string()));
    }
    let mut headers: Vec<_> = request.headers.iter().copied().filter(|h| is_kept(h.0)).collect();
    headers.extend(added.iter().map(|(name, value)| (*name, value.as_bytes())));
    let request = HttpRequest { headers: &headers, ..*request };
    let query = Query::parse(request.query, &unlimited())?;
    let signer = Signer { request: &request, credentials, scope, now };
    let signature = signer.signature(&query)?;
    let (credential, signed) = (signer.credential(), signer.signed_headers());
    let value = format!(
        "{ALGORITHM} Credential={credential}, SignedHeaders={signed}, Signature={signature}"
    );
    added.push(("authorization", value));
    Ok(added)
}

/// Signs a request in its query and gives the whole new query, good for `expires_s` seconds.
///
/// The headers given are covered and must be sent; `host` alone is the usual choice.
///
/// # Errors
/// What a server would answer to a path or query that can not be read.
pub fn presign(
    request: &HttpRequest<'_>,
    credentials: &Credentials<'_>,
    scope: Scope<'_>,
    now: i64,
    expires_s: u32,
) -> Result<String, Refusal> {
    let headers: Vec<_> = request.headers.iter().copied().filter(|h| is_kept(h.0)).collect();
    let request = HttpRequest { headers: &headers, ..*request };
    let signer = Signer { request: &request, credentials, scope, now };
    let mut query = request.query.to_string();
    let mut add = |name: &str, value: &str| {
        if !query.is_empty() {
            query.push('&');
        }
        query += name;
        query.push('=');
        query += &escape::encode(value.as_bytes());
    };
    add("X-Amz-Algorithm", ALGORITHM);
    add("X-Amz-Credential", &signer.credential());
    add("X-Amz-Date", &time::format_basic(now));
    add("X-Amz-Expires", &expires_s.to_string());
    add("X-Amz-SignedHeaders", &signer.signed_headers());
    if let Some(token) = credentials.session_token {
        add("X-Amz-Security-Token", token);
    }
    let signature = signer.signature(&Query::parse(&query, &unlimited())?)?;
    Ok(format!("{query}&X-Amz-Signature={signature}"))
}

/// One signature in the making.
struct Signer<'a> {
    request: &'a HttpRequest<'a>,
    credentials: &'a Credentials<'a>,
    scope: Scope<'a>,
    now: i64,
}

impl Signer<'_> {
    fn date(&self) -> String {
        time::format_basic(self.now).chars().take_while(|sign| *sign != 'T').collect()
    }

    fn scope(&self) -> String {
        [&self.date(), self.scope.region, self.scope.service, TERMINATOR].join("/")
    }

    fn credential(&self) -> String {
        format!("{}/{}", self.credentials.access_key_id, self.scope())
    }

    fn signed_headers(&self) -> String {
        let name = |(name, _): &(&str, &[u8])| match name.to_ascii_lowercase() {
            name if name == ":authority" => "host".to_string(),
            name => name,
        };
        let mut names: Vec<String> = self.request.headers.iter().map(name).collect();
        names.sort();
        names.dedup();
        names.join(";")
    }

    fn signature(&self, query: &Query) -> Result<String, Refusal> {
        let Scope { region, service } = self.scope;
        let digest = canonical::digest(self.request, query, &self.signed_headers())?;
        let text = present::string_to_sign(self.now, &self.scope(), &digest);
        let secret = self.credentials.secret_access_key.as_bytes();
        Ok(SigningKey::derive(secret, &self.date(), region, service).sign(&text))
    }
}

/// Whether a header is covered: not what this signature replaces, not what proxies rewrite.
fn is_kept(name: &str) -> bool {
    const LEFT_OUT: [&str; 19] = [
        "authorization",
        "baggage",
        "connection",
        "content-length",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "traceparent",
        "tracestate",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "x-amz-date",
        "x-amz-security-token",
        "x-amzn-trace-id",
        "x-forwarded-for",
    ];
    !LEFT_OUT.iter().any(|other| other.eq_ignore_ascii_case(name))
}

/// A signer's own query is signed however long it is.
fn unlimited() -> Limits {
    Limits { query_parameters: usize::MAX, ..Limits::default() }
}
