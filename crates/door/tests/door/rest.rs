//! The REST-JSON protocol: ValidatePolicy as AWS SDKs call it.

use door::testing::{Cell, KeyPair};

use crate::cell;
use crate::http::{Ask, IAM, Reply, call, raw};

const BODY: &str =
    r#"{"policyDocument":"{\"Version\":\"2012-10-17\"}","policyType":"IDENTITY_POLICY"}"#;

fn ask<'a>(path: &'a str, query: &str, body: &str) -> Ask<'a> {
    Ask {
        path,
        query: query.to_owned(),
        headers: vec![("content-type", "application/json".to_owned())],
        body: body.as_bytes().to_vec(),
        service: "access-analyzer",
        ..Ask::default()
    }
}

#[track_caller]
fn assert_refused(reply: &Reply, status: u16, error_type: &str, words: &str) {
    assert_eq!(reply.status, status, "{reply:?}");
    assert_eq!(reply.headers["x-amzn-errortype"], error_type, "{reply:?}");
    assert_eq!(reply.headers["content-type"], "application/json");
    assert!(reply.headers.contains_key("x-amzn-requestid"));
    assert!(reply.body.contains(words), "`{words}` is not in {}", reply.body);
}

#[tokio::test]
async fn a_policy_is_validated() {
    let (cell, served) = cell().await;
    for path in ["/policy/validation", "/consistency/eventual/policy/validation"] {
        let reply = ask(path, "", BODY).send(&cell, served.address, &cell.root).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(reply.headers["content-type"], "application/json");
        assert!(
            reply.body.starts_with(
                r#"{"findings":[{"findingType":"ERROR","issueCode":"MISSING_STATEMENT""#
            )
        );
        assert_eq!(reply.headers["x-bailiwick-revision"], cell.node.state().revision().to_string());
        assert_eq!(reply.headers["x-bailiwick-age-ms"], "0");
        assert_eq!(reply.headers["x-bailiwick-served-by"], "memory");
        assert_eq!(reply.headers["x-amzn-requestid"].len(), 36);
    }
    served.close().await;
}

#[tokio::test]
async fn the_signature_is_asked_for() {
    let (cell, served) = cell().await;
    let unsigned = ask("/policy/validation", "", BODY).bytes(&cell, None);
    let reply = raw(served.address, &unsigned).await;
    assert_refused(
        &reply,
        403,
        "MissingAuthenticationTokenException",
        "missing Authentication Token",
    );
    let wrong = KeyPair { secret: "x".repeat(40), ..cell.root.clone() };
    let reply = ask("/policy/validation", "", BODY).send(&cell, served.address, &wrong).await;
    assert_refused(&reply, 403, "InvalidSignatureException", "signature");
    let nobody = KeyPair { id: "AKIAIOSFODNN7EXAMPLE".to_owned(), ..cell.root.clone() };
    let reply = ask("/policy/validation", "", BODY).send(&cell, served.address, &nobody).await;
    assert_refused(&reply, 403, "UnrecognizedClientException", "security token");
    let of_iam = Ask { service: "iam", ..ask("/policy/validation", "", BODY) };
    let reply = of_iam.send(&cell, served.address, &cell.root).await;
    assert_refused(&reply, 403, "InvalidSignatureException", "access-analyzer");
    served.close().await;
}

async fn user(cell: &Cell, address: std::net::SocketAddr) -> KeyPair {
    call(cell, address, &cell.root, "CreateUser", &[("UserName", "alice")]).await;
    let made = call(cell, address, &cell.root, "CreateAccessKey", &[("UserName", "alice")]).await;
    let (id, secret) = (made.element("AccessKeyId"), made.element("SecretAccessKey"));
    KeyPair { id: id.to_owned(), secret: secret.to_owned(), token: None }
}

#[tokio::test]
async fn it_must_be_allowed() {
    let (cell, served) = cell().await;
    let alice = user(&cell, served.address).await;
    let reply = ask("/policy/validation", "", BODY).send(&cell, served.address, &alice).await;
    let words = "is not authorized to perform: access-analyzer:ValidatePolicy on resource: *";
    assert_refused(&reply, 403, "AccessDeniedException", words);
    assert!(reply.headers.contains_key("x-bailiwick-revision"), "faults say what they saw");
    served.close().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_told() {
    let (cell, served) = cell().await;
    for (query, body, words) in [
        ("", "{", r#""reason":"cannotParse""#),
        ("", "", "Value null at 'policyDocument'"),
        ("maxResults=0", BODY, "greater than or equal to 1"),
        ("nextToken=x", BODY, "The nextToken is none"),
        ("", r#"{"policyDocument":"{}","policyType":"X"}"#, "Member must satisfy enum value set"),
    ] {
        let reply =
            ask("/policy/validation", query, body).send(&cell, served.address, &cell.root).await;
        assert_refused(&reply, 400, "ValidationException", words);
    }
    served.close().await;
}

#[tokio::test]
async fn other_paths_and_methods_are_no_operations() {
    let (cell, served) = cell().await;
    let other = ask("/policy", "", BODY).send(&cell, served.address, &cell.root).await;
    other.is_bare(404);
    let get = Ask { method: "GET", body: Vec::new(), ..ask("/policy/validation", "", "") };
    get.send(&cell, served.address, &cell.root).await.is_bare(404);
    let form = Ask { path: "/x", ..Ask::form("GetUser", IAM, &[]) };
    form.send(&cell, served.address, &cell.root).await.is_bare(404);
    served.close().await;
}
