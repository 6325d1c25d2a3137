//! Known signatures: AWS's published example, and values computed with botocore 1.44.5.
#![allow(clippy::unwrap_used, reason = "tests")]

use sigv4::{Credentials, HttpRequest, Scope, Settings, present, presign, sha256, sign};

const NOW: i64 = 1_440_938_160;
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "FwoGZXIvYXdzEBYaDKs+/token==%25";
const FORM: (&str, &[u8]) = ("Content-Type", b"application/x-www-form-urlencoded; charset=utf-8");
const LIST_USERS: &str = "Action=ListUsers&Version=2010-05-08";

struct Vector<'a> {
    method: &'a str,
    path: &'a str,
    query: &'a str,
    headers: &'a [(&'a str, &'a [u8])],
    body: &'a [u8],
    region: &'a str,
    service: &'a str,
    token: Option<&'a str>,
    signed: &'a str,
    signature: &'a str,
}

const BASE: Vector<'_> = Vector {
    method: "GET",
    path: "/",
    query: "",
    headers: &[],
    body: b"",
    region: "us-east-1",
    service: "iam",
    token: None,
    signed: "content-type;host;x-amz-date",
    signature: "",
};

impl Vector<'_> {
    fn request(&self) -> HttpRequest<'_> {
        let Vector { method, path, query, headers, body, .. } = *self;
        HttpRequest { method, path, query, headers, body_sha256: sha256(body) }
    }

    fn credentials(&self) -> Credentials<'_> {
        Credentials {
            access_key_id: "AKIDEXAMPLE",
            secret_access_key: SECRET,
            session_token: self.token,
        }
    }

    /// Signs as expected, and what was signed verifies.
    fn check(&self) {
        let Vector { region, service, .. } = *self;
        let added =
            sign(&self.request(), &self.credentials(), Scope { region, service }, NOW).unwrap();
        let (_, authorization) = added.last().unwrap();
        assert_eq!(
            *authorization,
            format!(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/{region}/{service}/aws4_request, \
                 SignedHeaders={}, Signature={}",
                self.signed, self.signature
            )
        );
        let mut headers = self.headers.to_vec();
        headers.extend(added.iter().map(|(name, value)| (*name, value.as_bytes())));
        let request = HttpRequest { headers: &headers, ..self.request() };
        let presented = present(&request, NOW, &Settings::new(&[service])).unwrap();
        assert_eq!(presented.session_token.as_deref(), self.token);
        assert_eq!(presented.region, region);
        assert_eq!(presented.verify(SECRET.as_bytes()), Ok(()));
        assert!(presented.verify(b"another").is_err());
    }
}

/// IAM User Guide, "Create a signed AWS API request": the ListUsers example.
#[test]
fn published_example() {
    Vector {
        query: LIST_USERS,
        headers: &[FORM, ("Host", b"iam.amazonaws.com")],
        signature: "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
        ..BASE
    }
    .check();
}

#[test]
fn form_in_the_body() {
    Vector {
        method: "POST",
        headers: &[FORM, ("Host", b"iam.amazonaws.com")],
        body: b"Action=CreateUser&Version=2010-05-08&UserName=alice",
        signature: "a63c7402d9748eb7602a51cd74561f5102d08266f87b5d122775b053e318d000",
        ..BASE
    }
    .check();
}

#[test]
fn host_with_port_and_path() {
    Vector {
        method: "POST",
        path: "/consistency/strong/",
        headers: &[FORM, ("Host", b"127.0.0.1:8443")],
        body: b"Action=GetUser&Version=2010-05-08",
        signature: "7e94b582ea25a383e9f606a75c4e1eeb43499a40d39b6ccda07ee3b112f07402",
        ..BASE
    }
    .check();
}

#[test]
fn host_as_ipv6_address() {
    Vector {
        method: "POST",
        headers: &[FORM, ("Host", b"[::1]:8443")],
        body: b"Action=GetUser&Version=2010-05-08",
        signature: "b8f8b77c08f4c50ca6f8e366e5220c96e770a3f005620bc3099d8dacdecb5aa6",
        ..BASE
    }
    .check();
}

#[test]
fn session_in_another_region() {
    Vector {
        method: "POST",
        headers: &[FORM, ("Host", b"sts.eu-central-1.amazonaws.com")],
        body: b"Action=GetCallerIdentity&Version=2011-06-15",
        region: "eu-central-1",
        service: "sts",
        token: Some(TOKEN),
        signed: "content-type;host;x-amz-date;x-amz-security-token",
        signature: "e5dbb8efd143566bb5b541ca9ec0c3ef68b3c101153c080a30118b8c7b48f880",
        ..BASE
    }
    .check();
}

#[test]
fn folded_headers_and_a_path_to_normalise() {
    Vector {
        path: "/a%20b/../c//d:e/",
        query: "b=2&a=%2F&a=&Z=%20~",
        headers: &[
            ("Host", b"example.com"),
            ("X-Fold", b"  a \t b   c "),
            ("X-Empty", b""),
            ("x-k8s-aws-id", b"prod"),
        ],
        signed: "host;x-amz-date;x-empty;x-fold;x-k8s-aws-id",
        signature: "558bd1b6a1199c7287bd4f2517a1734b672a4dc1f4ed9dfae9920bdec7c05f78",
        ..BASE
    }
    .check();
}

/// A gRPC call over HTTP/2: the authority stands for the host.
#[test]
fn grpc_call() {
    let hash = b"48441a212769a2c31c87da5e7649295237d8ca4f7b5c8bd7d436e448c23df3d6";
    Vector {
        method: "POST",
        path: "/bailiwick.iam.v1.Iam/CreateUser",
        headers: &[(":authority", b"localhost:7443"), ("x-amz-content-sha256", hash)],
        body: b"\x0a\x05alice",
        signed: "host;x-amz-content-sha256;x-amz-date",
        signature: "9d90a1456685b48e7e11596a99496076f56dfb97da0d5a1d2875ef0715b222dd",
        ..BASE
    }
    .check();
}

/// Some signers send `Date` alone, in the form HTTP gives it.
#[test]
fn http_date() {
    let authorization: &[u8] = b"AWS4-HMAC-SHA256 \
        Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request,SignedHeaders=date;host,\
        Signature=fd7dac24a6ba28094f234851313b240fcd85c272f8f3546993b346992e32b782";
    let headers: &[(&str, &[u8])] = &[
        ("host", b"iam.amazonaws.com"),
        ("date", b"Sun, 30 Aug 2015 12:36:00 -0000"),
        ("authorization", authorization),
    ];
    let vector = Vector { query: LIST_USERS, headers, ..BASE };
    let presented = present(&vector.request(), NOW, &Settings::new(&["iam"])).unwrap();
    assert_eq!(presented.verify(SECRET.as_bytes()), Ok(()));
}

fn check_presigned(vector: &Vector<'_>, expires_s: u32, expected: &str) {
    let Vector { region, service, .. } = *vector;
    let scope = Scope { region, service };
    let query = presign(&vector.request(), &vector.credentials(), scope, NOW, expires_s).unwrap();
    assert_eq!(query, expected);
    let request = HttpRequest { query: &query, ..vector.request() };
    let settings = Settings::new(&["sts"]);
    let last_second = NOW + i64::from(expires_s);
    let presented = present(&request, last_second, &settings).unwrap();
    assert_eq!(presented.session_token.as_deref(), vector.token);
    assert_eq!(presented.verify(SECRET.as_bytes()), Ok(()));
    let refusal = present(&request, last_second + 1, &settings).unwrap_err();
    assert!(refusal.message.starts_with("Signature expired: "), "{refusal}");
}

#[test]
fn presigned_with_an_extra_header() {
    let vector = Vector {
        query: "Action=GetCallerIdentity&Version=2011-06-15",
        headers: &[("Host", b"sts.amazonaws.com"), ("x-k8s-aws-id", b"prod")],
        service: "sts",
        ..BASE
    };
    check_presigned(
        &vector,
        60,
        "Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fsts%2Faws4_request\
         &X-Amz-Date=20150830T123600Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host%3Bx-k8s-aws-id\
         &X-Amz-Signature=515e64376262ccc4eac1c7d2415fbaf1764798b16510a4efc4f2a03b2d769b81",
    );
}

#[test]
fn presigned_by_a_session() {
    let vector = Vector {
        query: "Action=GetCallerIdentity&Version=2011-06-15",
        headers: &[("Host", b"sts.eu-west-1.amazonaws.com")],
        region: "eu-west-1",
        service: "sts",
        token: Some(TOKEN),
        ..BASE
    };
    check_presigned(
        &vector,
        900,
        "Action=GetCallerIdentity&Version=2011-06-15&X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Feu-west-1%2Fsts%2Faws4_request\
         &X-Amz-Date=20150830T123600Z&X-Amz-Expires=900&X-Amz-SignedHeaders=host\
         &X-Amz-Security-Token=FwoGZXIvYXdzEBYaDKs%2B%2Ftoken%3D%3D%2525\
         &X-Amz-Signature=35765c6f37767f8bc78311973b5b39430bfa8e42c709b1b0b15a34351334b1c5",
    );
}
