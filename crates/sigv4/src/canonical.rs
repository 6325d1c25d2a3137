//! The canonical request: one spelling for all spellings of a request that mean the same.
//!
//! IAM User Guide, "Create a signed AWS API request", step 1.

use alloc::{string::String, vec::Vec};

use sha2::{Digest, Sha256};

use crate::{HttpRequest, Refusal, escape, query::Query};

/// The digest of the canonical request over the headers named, in the order named.
pub(crate) fn digest(
    request: &HttpRequest<'_>,
    query: &Query,
    signed_headers: &str,
) -> Result<[u8; 32], Refusal> {
    let mut hash = Sha256::new();
    hash.update(request.method);
    hash.update("\n");
    hash.update(path(request.path)?);
    hash.update("\n");
    hash.update(query.canonical());
    hash.update("\n");
    for name in signed_headers.split(';') {
        if let Some(value) = header(request, name) {
            hash.update(name);
            hash.update(":");
            hash.update(value);
            hash.update("\n");
        }
    }
    hash.update("\n");
    hash.update(signed_headers);
    hash.update("\n");
    hash.update(escape::hex(&request.body_sha256));
    Ok(hash.finalize().into())
}

/// A path without empty and dot segments, percent-encoded over whatever encoding it came with.
///
/// AWS encodes paths twice everywhere but in S3; the first time was the client's, on the wire.
pub(crate) fn path(raw: &str) -> Result<String, Refusal> {
    let relative = !raw.is_empty() && !raw.starts_with('/');
    if relative || !escape::is_well_formed(raw) {
        return Err(Refusal::bad_path());
    }
    let mut segments = Vec::new();
    for segment in raw.split('/') {
        match segment {
            "" | "." => {}
            ".." => segments.pop().map(drop).ok_or_else(Refusal::bad_path)?,
            name => segments.push(name),
        }
    }
    let mut out = String::with_capacity(raw.len() + 8);
    for segment in &segments {
        out.push('/');
        segment.bytes().for_each(|byte| escape::push(&mut out, byte));
    }
    if raw.ends_with('/') || segments.is_empty() {
        out.push('/');
    }
    Ok(out)
}

/// All values of a header trimmed, inner white space folded, joined by commas; none if absent.
///
/// An absent header leaves no line at all, so that it differs from one that is empty.
fn header(request: &HttpRequest<'_>, name: &str) -> Option<Vec<u8>> {
    let mut out: Option<Vec<u8>> = None;
    for value in request.values(name) {
        match &mut out {
            Some(values) => values.push(b','),
            None => out = Some(Vec::with_capacity(value.len())),
        }
        let words = value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let line = out.as_mut().expect("made above");
        for (index, word) in words.enumerate() {
            if index > 0 {
                line.push(b' ');
            }
            line.extend_from_slice(word);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_normalised_and_encoded_over() {
        for (raw, canonical) in [
            ("", "/"),
            ("/", "/"),
            ("//", "/"),
            ("/foo/..", "/"),
            ("/./foo//bar/../", "/foo/"),
            ("/a%20b", "/a%2520b"),
            ("/bailiwick.iam.v1.Iam/CreateUser", "/bailiwick.iam.v1.Iam/CreateUser"),
            ("/a:b", "/a%3Ab"),
        ] {
            assert_eq!(path(raw).expect(raw), canonical);
        }
    }

    #[test]
    fn paths_that_are_none_get_a_bare_400() {
        for raw in ["foo", "/..", "/a/../..", "/%", "/%4", "/%gg"] {
            let refusal = path(raw).expect_err(raw);
            assert_eq!((refusal.status, refusal.is_bare()), (400, true), "{raw}");
        }
    }

    #[test]
    fn header_values_are_folded_and_joined() {
        let headers: &[(&str, &[u8])] =
            &[("X-A", b"  one \t two  "), ("x-a", b""), ("x-A", b"3"), ("x-b", b"")];
        let request =
            HttpRequest { method: "GET", path: "/", query: "", headers, body_sha256: [0; 32] };
        assert_eq!(header(&request, "x-a").as_deref(), Some(&b"one two,,3"[..]));
        assert_eq!(header(&request, "x-b").as_deref(), Some(&b""[..]));
        assert_eq!(header(&request, "x-c"), None);
    }
}
