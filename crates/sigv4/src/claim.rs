//! What a request says about its own signature, in the header form and in the query form.

use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use crate::{ALGORITHM, Form, HttpRequest, Limits, Refusal, query, query::Query, time};

/// The parts of a signature as they were presented, none of them believed yet.
pub(crate) struct Claim {
    pub(crate) form: Form,
    pub(crate) credential: String,
    pub(crate) signed_headers: String,
    pub(crate) signature: String,
    pub(crate) date: String,
    pub(crate) expires: Option<String>,
    pub(crate) token: Option<String>,
}

impl Claim {
    /// Reads whichever form the request has; both at once are neither.
    pub(crate) fn read(
        request: &HttpRequest<'_>,
        query: &Query,
        limits: &Limits,
    ) -> Result<Self, Refusal> {
        let header = request.header("authorization");
        let claim = match (header, query.first("X-Amz-Algorithm")) {
            (Some(header), None) => Self::from_header(request, text(header).trim())?,
            (None, Some(algorithm)) => Self::from_query(query, &algorithm)?,
            (Some(_), Some(_)) => return Err(Refusal::does_not_match("")),
            (None, None) => return Err(Refusal::missing_authentication_token()),
        };
        if claim.credential.len() > limits.credential_bytes {
            let most = limits.credential_bytes;
            return Err(Refusal::incomplete(format!("Credential must not exceed {most} bytes.")));
        }
        let mut signed = claim.signed_headers.split(';');
        if !signed.any(|name| name == "host" || name == ":authority") {
            return Err(Refusal::does_not_match(
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
            ));
        }
        Ok(claim)
    }

    fn from_header(request: &HttpRequest<'_>, header: &str) -> Result<Self, Refusal> {
        let (algorithm, rest) = header.split_once(' ').unwrap_or((header, ""));
        if algorithm != ALGORITHM {
            return Err(Refusal::unsupported_algorithm(algorithm));
        }
        let mut parameters = Vec::new();
        for piece in rest.split(',').map(str::trim).filter(|piece| !piece.is_empty()) {
            parameters.push(piece.split_once('=').ok_or_else(|| {
                Refusal::incomplete(format!(
                    "'{piece}' not a valid key=value pair (missing equal-sign) \
                     in Authorization header: '{header}'."
                ))
            })?);
        }
        let mut missing = Missing::default();
        let mut part = |name: &str| {
            let last = parameters.iter().rev().find(|(other, _)| *other == name);
            let why = || format!("Authorization header requires '{name}' parameter.");
            missing.or_empty(last.map(|(_, value)| value.to_string()), why)
        };
        let credential = part("Credential");
        let signature = part("Signature");
        let signed_headers = part("SignedHeaders");
        let date = request.header("x-amz-date").or_else(|| request.header("date")).map(text);
        let date = missing.or_empty(date, || {
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
                .to_string()
        });
        missing.none_or("Authorization=AWS4-HMAC-SHA256")?;
        let token = request.header("x-amz-security-token").map(text);
        let form = Form::Header;
        Ok(Claim { form, credential, signed_headers, signature, date, expires: None, token })
    }

    fn from_query(query: &Query, algorithm: &str) -> Result<Self, Refusal> {
        if algorithm != ALGORITHM {
            return Err(Refusal::missing_authentication_token());
        }
        let mut missing = Missing::default();
        let mut part = |name: &str| {
            let why = || format!("AWS query-string parameters must include '{name}'.");
            missing.or_empty(query.first(name), why)
        };
        let credential = part("X-Amz-Credential");
        let signature = part(query::SIGNATURE);
        let signed_headers = part("X-Amz-SignedHeaders");
        let date = part("X-Amz-Date");
        missing.none_or("Re-examine the query-string parameters.")?;
        let (expires, token) = (query.first("X-Amz-Expires"), query.first("X-Amz-Security-Token"));
        let form = Form::Query;
        Ok(Claim { form, credential, signed_headers, signature, date, expires, token })
    }

    /// When the request says it was signed, in Unix seconds.
    pub(crate) fn time(&self) -> Result<i64, Refusal> {
        let date = self.date.trim();
        let http = || if self.form == Form::Header { time::parse_http(date) } else { None };
        time::parse_basic(date).or_else(http).ok_or_else(|| {
            Refusal::incomplete(format!(
                "Date must be in ISO-8601 'basic format'. Got '{date}'. \
                 See http://en.wikipedia.org/wiki/ISO_8601"
            ))
        })
    }
}

/// Collects the texts of all absent parts, since AWS names them together.
#[derive(Default)]
struct Missing(Vec<String>);

impl Missing {
    fn or_empty(&mut self, part: Option<String>, why: impl FnOnce() -> String) -> String {
        part.unwrap_or_else(|| {
            self.0.push(why());
            String::new()
        })
    }

    fn none_or(mut self, closing: &str) -> Result<(), Refusal> {
        if self.0.is_empty() {
            return Ok(());
        }
        self.0.push(closing.to_string());
        Err(Refusal::incomplete(self.0.join(" ")))
    }
}

/// Header bytes as text; bytes beyond ASCII become the Latin-1 characters they are in HTTP/1.1.
fn text(bytes: &[u8]) -> String {
    bytes.iter().copied().map(char::from).collect()
}
