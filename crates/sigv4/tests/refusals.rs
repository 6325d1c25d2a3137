//! Every refusal with its status, code and text, and the order in which they are given.
#![allow(clippy::unwrap_used, reason = "tests")]

use sigv4::{HttpRequest, Limits, Refusal, Settings, present, sha256};

const NOW: i64 = 1_440_938_160;
const SCOPE: &str = "AKIDEXAMPLE/20150830/us-east-1/sts/aws4_request";

#[derive(Clone)]
struct Call {
    path: String,
    query: String,
    headers: Vec<(String, String)>,
}

impl Call {
    fn new() -> Self {
        Call { path: "/".into(), query: String::new(), headers: Vec::new() }.with("host", "a:1")
    }

    /// A header signature complete in all parts.
    fn signed() -> Self {
        Self::new().with("x-amz-date", "20150830T123600Z").with("authorization", &authorization())
    }

    /// A query signature complete in all parts.
    fn presigned() -> Self {
        let credential = SCOPE.replace('/', "%2F");
        let query = format!(
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={credential}\
             &X-Amz-Date=20150830T123600Z&X-Amz-SignedHeaders=host&X-Amz-Expires=60\
             &X-Amz-Signature=0"
        );
        Call { query, ..Self::new() }
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(other, _)| other != name);
        self.headers.push((name.into(), value.into()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(other, _)| other != name);
        self
    }

    fn authorized(self, from: &str, to: &str) -> Self {
        let text = authorization();
        assert!(text.contains(from));
        self.with("authorization", &text.replace(from, to))
    }

    fn queried(mut self, from: &str, to: &str) -> Self {
        assert!(self.query.contains(from));
        self.query = self.query.replace(from, to);
        self
    }

    fn refusal_at(&self, now: i64, settings: &Settings<'_>) -> Refusal {
        let headers: Vec<_> =
            self.headers.iter().map(|(n, v)| (n.as_str(), v.as_bytes())).collect();
        let request = HttpRequest {
            method: "POST",
            path: &self.path,
            query: &self.query,
            headers: &headers,
            body_sha256: sha256(b""),
        };
        match present(&request, now, settings) {
            Err(refusal) => refusal,
            Ok(presented) => presented.verify(b"secret").unwrap_err(),
        }
    }

    #[track_caller]
    fn refused(&self, status: u16, code: &str, message: &str) {
        let refusal = self.refusal_at(NOW, &Settings::new(&["sts"]));
        let found = (refusal.status, refusal.code, refusal.message.as_str());
        assert_eq!(found, (status, code, message));
    }
}

fn authorization() -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={SCOPE}, SignedHeaders=host;x-amz-date, Signature=0123abcd"
    )
}

const WRONG: &str = "The request signature we calculated does not match the signature you \
    provided. Check your AWS Secret Access Key and signing method. Consult the service \
    documentation for details.";

#[test]
fn step_1_path_and_query() {
    Call { path: "/%4".into(), ..Call::signed() }.refused(400, "", "");
    Call { path: "/../x".into(), ..Call::signed() }.refused(400, "", "");
    let query = |text: &str| Call { query: text.into(), ..Call::signed() };
    let malformed = "MalformedQueryString";
    query("a=%2").refused(400, malformed, "Incomplete trailing escape % sequence");
    query("a=%2x").refused(400, malformed, "Illegal hex character in escape % pattern: %2x");
}

#[test]
fn step_3_none_or_two_signatures() {
    let missing = "Request is missing Authentication Token";
    Call::new().refused(403, "MissingAuthenticationToken", missing);
    Call::presigned().queried("Algorithm=AWS4-HMAC", "Algorithm=AWS9-HMAC").refused(
        403,
        "MissingAuthenticationToken",
        missing,
    );
    let both = Call::presigned().with("authorization", &authorization());
    both.refused(403, "SignatureDoesNotMatch", "");
}

#[test]
fn step_4_header_parts_missing() {
    let incomplete = "IncompleteSignature";
    let tail = "Authorization=AWS4-HMAC-SHA256";
    let need = |name: &str| format!("Authorization header requires '{name}' parameter.");
    Call::signed().with("authorization", "Bearer abc").refused(
        400,
        incomplete,
        "Unsupported AWS 'algorithm': 'Bearer'.",
    );
    Call::signed().with("authorization", "AWS4-HMAC-SHA256 Credential=a, junk").refused(
        400,
        incomplete,
        "'junk' not a valid key=value pair (missing equal-sign) in Authorization header: \
         'AWS4-HMAC-SHA256 Credential=a, junk'.",
    );
    for (from, name) in [
        ("Credential=", "Credential"),
        ("Signature=", "Signature"),
        ("SignedHeaders=", "SignedHeaders"),
    ] {
        let call = Call::signed().authorized(from, "Other=");
        call.refused(400, incomplete, &format!("{} {tail}", need(name)));
    }
    let date =
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.";
    Call::signed().without("x-amz-date").refused(400, incomplete, &format!("{date} {tail}"));
    let all =
        [&need("Credential"), &need("Signature"), &need("SignedHeaders"), date, tail].join(" ");
    let nothing = Call::new().with("authorization", "AWS4-HMAC-SHA256");
    nothing.refused(400, incomplete, &all);
}

#[test]
fn step_4_query_parts_missing() {
    for name in ["X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date"] {
        Call::presigned().queried(&format!("{name}="), "other=").refused(
            400,
            "IncompleteSignature",
            &format!(
                "AWS query-string parameters must include '{name}'. \
                 Re-examine the query-string parameters."
            ),
        );
    }
}

#[test]
fn step_5_host_must_be_signed() {
    let text = "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.";
    let code = "SignatureDoesNotMatch";
    Call::signed().authorized("host;", "").refused(403, code, text);
    Call::presigned().queried("SignedHeaders=host", "SignedHeaders=x").refused(403, code, text);
}

#[test]
fn step_6_date_must_be_basic() {
    let text = |date: &str| {
        format!(
            "Date must be in ISO-8601 'basic format'. Got '{date}'. \
             See http://en.wikipedia.org/wiki/ISO_8601"
        )
    };
    let date = "2015-08-30T12:36:00Z";
    let call = Call::signed().with("x-amz-date", date);
    call.refused(400, "IncompleteSignature", &text(date));
    let call = Call::presigned().queried("Date=20150830T123600Z", "Date=today");
    call.refused(400, "IncompleteSignature", &text("today"));
}

#[test]
fn step_7_window() {
    let settings = Settings::new(&["sts"]);
    for (call, early, late) in
        [(Call::signed(), NOW - 901, NOW + 901), (Call::presigned(), NOW - 901, NOW + 61)]
    {
        let refusal = call.refusal_at(late, &settings);
        assert_eq!((refusal.status, refusal.code), (403, "SignatureDoesNotMatch"));
        assert!(refusal.message.starts_with("Signature expired: 20150830T123600Z is now earlier"));
        let refusal = call.refusal_at(early, &settings);
        assert_eq!((refusal.status, refusal.code), (403, "SignatureDoesNotMatch"));
        assert!(refusal.message.starts_with("Signature not yet current: 20150830T123600Z is stil"));
    }
}

#[test]
fn step_8_credential_has_five_elements() {
    for credential in ["", "a/b/c/d", "a/b/c/d/e/f"] {
        Call::signed().authorized(SCOPE, credential).refused(
            400,
            "IncompleteSignature",
            &format!(
                "Credential must have exactly 5 slash-delimited elements, \
                 e.g. keyid/date/region/service/term, got '{credential}'"
            ),
        );
    }
}

#[test]
fn step_9_scope() {
    let code = "SignatureDoesNotMatch";
    let region = "Credential should be scoped to a valid region. ";
    let service = "Credential should be scoped to correct service: 'sts'. ";
    let terminator =
        "Credential should be scoped with a valid terminator: 'aws4_request', not 'x'. ";
    let date = "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date \
        from HTTP: '20150829' != '20150830', from '20150830T123600Z'. ";
    let scoped = |scope: &str| Call::signed().authorized(SCOPE, scope);
    scoped("A/20150830/us-east-1/iam/aws4_request").refused(403, code, service);
    scoped("A/20150830//sts/aws4_request").refused(403, code, region);
    scoped("A/20150830/us-east-1/sts/x").refused(403, code, terminator);
    scoped("A/20150829/us-east-1/sts/aws4_request").refused(403, code, date);
    let all = [region, service, terminator, date].concat();
    scoped("A/20150829/ /s/x").refused(403, code, &all);
    let settings = Settings { regions: &["eu-west-1"], ..Settings::new(&["sts"]) };
    assert_eq!(Call::signed().refusal_at(NOW, &settings).message, region);
}

#[test]
fn step_10_names_no_key_or_token_can_have() {
    let code = "InvalidClientTokenId";
    let full = "The security token included in the request is invalid.";
    let bare = "The security token included in the request is invalid";
    Call::signed().authorized("AKIDEXAMPLE/", "/").refused(403, code, full);
    Call::signed().authorized("AKIDEXAMPLE/", "AK ID/").refused(403, code, full);
    let token = |token: &str| Call::signed().with("x-amz-security-token", token);
    token(&"a".repeat(16 * 1024 + 1)).refused(403, code, bare);
    token("a b").refused(403, code, bare);
    let expired = Refusal::expired_token();
    assert_eq!((expired.status, expired.code), (403, "ExpiredToken"));
}

#[test]
fn step_12_signature() {
    Call::signed().refused(403, "SignatureDoesNotMatch", WRONG);
    Call::presigned().refused(403, "SignatureDoesNotMatch", WRONG);
}

/// One request with everything wrong, put right from the first refusal to the last.
#[test]
fn order_of_refusals() {
    let mut call = Call { path: "/%".into(), query: "%".into(), ..Call::new() };
    let mut codes = Vec::new();
    let mut note = |call: &Call| {
        let refusal = call.refusal_at(NOW, &Settings::new(&["sts"]));
        codes.push(format!("{}{}", refusal.code, refusal.message.get(..12).unwrap_or_default()));
    };
    note(&call);
    call.path = "/".into();
    note(&call);
    call.query = String::new();
    note(&call);
    for authorization in [
        "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=x-amz-date",
        "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=x-amz-date, Signature=0",
        "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0",
    ] {
        call = call.with("x-amz-date", "2015").with("authorization", authorization);
        note(&call);
    }
    call = call.with("x-amz-date", "20140830T123600Z").with("x-amz-security-token", " ");
    note(&call);
    call = call.with("x-amz-date", "20150830T123600Z");
    note(&call);
    for credential in ["/1/2/3/4", "/20150830/r/sts/aws4_request", SCOPE] {
        let text = authorization().replace(SCOPE, credential);
        call = call.with("authorization", &text);
        note(&call);
    }
    call = call.without("x-amz-security-token");
    note(&call);
    assert_eq!(
        codes,
        [
            "",
            "MalformedQueryStringIncomplete t",
            "MissingAuthenticationTokenRequest is m",
            "IncompleteSignatureAuthorizatio",
            "SignatureDoesNotMatch'Host' or ':",
            "IncompleteSignatureDate must be",
            "SignatureDoesNotMatchSignature ex",
            "IncompleteSignatureCredential m",
            "SignatureDoesNotMatchCredential s",
            "InvalidClientTokenIdThe security",
            "InvalidClientTokenIdThe security",
            "SignatureDoesNotMatchThe request ",
        ]
    );
}

/// In the `Authorization` header the last of a repeated part counts, elsewhere the first.
#[test]
fn repeated_parts() {
    let text = authorization() + ", Credential=x";
    let call = Call::signed().with("authorization", &text);
    call.refused(
        400,
        "IncompleteSignature",
        "Credential must have exactly 5 slash-delimited elements, \
         e.g. keyid/date/region/service/term, got 'x'",
    );
    let mut call = Call::presigned();
    call.query += "&X-Amz-Credential=x";
    call.refused(403, "SignatureDoesNotMatch", WRONG);
    let mut call = Call::signed();
    call.headers.push(("X-Amz-Date".into(), "nonsense".into()));
    call.refused(403, "SignatureDoesNotMatch", WRONG);
}

#[test]
fn limits() {
    let mut call = Call::signed();
    call.headers.extend((0..200).map(|n| (format!("x-{n}"), String::new())));
    let too_large = "RequestHeaderSectionTooLarge";
    let text = "Your request header section exceeds the maximum allowed size";
    call.refused(400, too_large, text);
    Call::signed().with("x-big", &"a".repeat(70_000)).refused(400, too_large, text);
    Call { query: "a".repeat(70_000), ..Call::signed() }.refused(
        400,
        "MalformedQueryString",
        "The query string is too long",
    );
    let long = format!("{}/20150830/us-east-1/sts/aws4_request", "A".repeat(600));
    Call::signed().authorized(SCOPE, &long).refused(
        400,
        "IncompleteSignature",
        "Credential must not exceed 512 bytes.",
    );
    let tight =
        Settings { limits: Limits { headers: 1, ..Limits::default() }, ..Settings::new(&["sts"]) };
    assert_eq!(Call::signed().refusal_at(NOW, &tight).code, too_large);
}
