//! What is signed verifies, and nothing but what was signed does.
#![allow(clippy::unwrap_used, reason = "tests")]

use proptest::{collection::vec, prelude::*, sample::Index};
use sigv4::{Credentials, HttpRequest, Presented, Refusal, Scope, Settings};
use sigv4::{present, presign, sha256, sign};

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const CREDENTIALS: Credentials<'_> = Credentials {
    access_key_id: "AKIDEXAMPLE",
    secret_access_key: SECRET,
    session_token: Some("token+/="),
};
const NONE: [u8; 32] = [0; 32];
const SCOPE: Scope<'_> = Scope { region: "eu-central-1", service: "iam" };

#[derive(Clone, Debug)]
struct Owned {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Owned {
    fn with<T>(&self, visit: impl FnOnce(&HttpRequest<'_>) -> T) -> T {
        let headers: Vec<_> =
            self.headers.iter().map(|(n, v)| (n.as_str(), v.as_slice())).collect();
        visit(&HttpRequest {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &headers,
            body_sha256: sha256(&self.body),
        })
    }

    fn present(&self, now: i64) -> Result<Presented, Refusal> {
        self.with(|request| present(request, now, &Settings::new(&["iam"])))
    }

    fn signed(mut self, now: i64, in_query: bool) -> Self {
        if in_query {
            self.query =
                self.with(|request| presign(request, &CREDENTIALS, SCOPE, now, 60)).unwrap();
        } else {
            let added = self.with(|request| sign(request, &CREDENTIALS, SCOPE, now)).unwrap();
            let added = added.into_iter().map(|(n, v)| (n.to_string(), v.into_bytes()));
            self.headers.extend(added);
        }
        self
    }

    /// Whether the request passes as signed by the key that did sign it.
    fn passes(&self, now: i64) -> bool {
        self.present(now).is_ok_and(|presented| {
            presented.access_key_id == CREDENTIALS.access_key_id
                && presented.session_token.as_deref() == CREDENTIALS.session_token
                && presented.verify(SECRET.as_bytes()).is_ok()
        })
    }
}

fn requests() -> impl Strategy<Value = Owned> {
    let query = "([A-Za-z]{1,8}=(%[0-9A-F]{2}|[a-z0-9.~_]){0,8}(&[A-Za-z]{1,3}=[a-z]{0,3}){0,4})?";
    let headers = vec(("x-[a-w]{1,8}", vec(0x21_u8..0x7f, 0..12)), 0..5);
    let bodies = vec(any::<u8>(), 0..64);
    let path = "(/[a-zA-Z0-9._~:@-]{1,9}){0,4}/?";
    (prop_oneof!["GET", "POST"], path, query, headers, bodies)
        .prop_filter("a path stays below its root", |(_, path, ..)| !path.contains(".."))
        .prop_map(|(method, path, query, mut headers, body)| {
            headers.push(("host".into(), b"localhost:8443".to_vec()));
            Owned { method, path, query, headers, body }
        })
}

/// Changes one byte somewhere to another that means something else.
fn mutate(request: &mut Owned, place: Index, replacement: u8) -> bool {
    let mut places: Vec<(&mut Vec<u8>, usize)> = Vec::new();
    let mut strings = Vec::from([
        std::mem::take(&mut request.method).into_bytes(),
        std::mem::take(&mut request.path).into_bytes(),
        std::mem::take(&mut request.query).into_bytes(),
    ]);
    for bytes in &mut strings {
        let length = bytes.len();
        places.push((bytes, length));
    }
    for (_, value) in &mut request.headers {
        let length = value.len();
        places.push((value, length));
    }
    let length = request.body.len();
    places.push((&mut request.body, length));
    let total: usize = places.iter().map(|(_, length)| length).sum();
    let mut at = place.index(total.max(1));
    let mut changed = false;
    for (bytes, length) in places {
        if at < length {
            changed = bytes[at] != replacement;
            bytes[at] = replacement;
            break;
        }
        at -= length;
    }
    let mut texts = strings.into_iter().map(|bytes| String::from_utf8(bytes).unwrap());
    request.method = texts.next().unwrap();
    request.path = texts.next().unwrap();
    request.query = texts.next().unwrap();
    changed
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn signed_requests_verify(
        request in requests(),
        now in 0_i64..250_000_000_000,
        drift in -60_i64..=60,
        in_query: bool,
    ) {
        let late = if in_query { drift.min(60) } else { drift };
        prop_assert!(request.signed(now, in_query).passes(now + late));
    }

    #[test]
    fn mutated_requests_do_not(
        request in requests(),
        in_query: bool,
        place: Index,
        replacement in 0x21_u8..0x7f,
    ) {
        let now = 1_440_938_160;
        let signed = request.signed(now, in_query);
        let mut mutated = signed.clone();
        prop_assume!(mutate(&mut mutated, place, replacement));
        // Spellings that mean the same to a signature are no mutation.
        prop_assume!(meaning(&mutated) != meaning(&signed));
        prop_assert!(!mutated.passes(now), "{mutated:?}");
    }

    #[test]
    fn anything_is_read_without_panic(
        path in "\\PC{0,20}",
        query in "\\PC{0,60}",
        authorization in vec(any::<u8>(), 0..80),
        date in "\\PC{0,17}",
        now: i64,
    ) {
        let headers: &[(&str, &[u8])] = &[
            ("host", b"a"),
            ("x-amz-date", date.as_bytes()),
            ("authorization", &authorization),
        ];
        let request =
            HttpRequest { method: "GET", path: &path, query: &query, headers, body_sha256: NONE };
        let _ = present(&request, now, &Settings::new(&["iam"]));
    }

    #[test]
    fn broken_parts_are_read_without_panic(
        credential in "[a-zA-Z0-9/%é]{0,40}",
        expires in "[0-9]{0,25}",
        date in "[0-9]{8}T[0-9]{6}Z",
        now: i64,
    ) {
        let query = format!(
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={credential}&X-Amz-Date={date}\
             &X-Amz-Expires={expires}&X-Amz-SignedHeaders=host&X-Amz-Signature=0"
        );
        let request = HttpRequest {
            method: "GET",
            path: "/",
            query: &query,
            headers: &[("host", b"a")],
            body_sha256: [0; 32],
        };
        let _ = present(&request, now, &Settings::new(&["iam"]));
    }
}

/// A request with the freedoms of its spelling taken out: empty and dot segments of the path, the
/// escapes and order of the query.
fn meaning(request: &Owned) -> impl PartialEq {
    let segments: Vec<_> = request
        .path
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .map(str::to_string)
        .collect();
    let closed = request.path.ends_with('/') || segments.is_empty();
    let decode = |text: &str| {
        let mut out = Vec::new();
        let mut rest = text.bytes();
        while let Some(byte) = rest.next() {
            let escape =
                (byte == b'%').then(|| [rest.next().unwrap_or(0), rest.next().unwrap_or(0)]);
            let number = escape
                .and_then(|pair| u8::from_str_radix(std::str::from_utf8(&pair).unwrap(), 16).ok());
            out.push(number.unwrap_or(if byte == b'+' { b' ' } else { byte }));
        }
        out
    };
    let mut pairs: Vec<_> = request
        .query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect();
    pairs.sort();
    (
        request.method.clone(),
        (segments, closed),
        pairs,
        request.headers.clone(),
        request.body.clone(),
    )
}
