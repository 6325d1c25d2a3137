//! Refusals in AWS's order, code and text.

use std::time::Duration;

use crate::cell;
use crate::http::{Ask, IAM, Reply, STS, call, raw};
use door::testing::{Cell, KeyPair, Served};

const WRONG_SIGNATURE: &str = "The request signature we calculated does not match";
const INVALID: &str = "The security token included in the request is invalid.";

async fn ask(cell: &Cell, served: &Served, key: Option<&KeyPair>, ask: Ask<'_>) -> Reply {
    raw(served.address, &ask.bytes(cell, key)).await
}

fn get_user() -> Ask<'static> {
    Ask::form("GetUser", IAM, &[])
}

#[tokio::test]
async fn before_the_signature() {
    let (cell, served) = cell().await;
    let root = Some(&cell.root);
    for path in ["/%zz", "/../x"] {
        ask(&cell, &served, None, Ask { path, ..get_user() }).await.is_bare(400);
    }
    ask(&cell, &served, None, Ask { path: "/favicon.ico", ..get_user() }).await.is_bare(404);
    for method in ["PUT", "DELETE", "GET", "OPTIONS"] {
        let reply = ask(&cell, &served, root, Ask { method, body: Vec::new(), ..get_user() }).await;
        reply.is_bare(302);
        assert!(reply.headers["location"].starts_with("https://"));
    }
    for content_type in ["application/json", "text/xml", "multipart/form-data; boundary=x", ""] {
        let reply =
            ask(&cell, &served, root, get_user().header("content-type", content_type)).await;
        reply.is_fault(403, "AccessDenied", "Content-Type");
    }
    served.close().await;
}

#[tokio::test]
async fn without_a_key() {
    let (cell, served) = cell().await;
    let reply = ask(&cell, &served, None, get_user()).await;
    reply.is_fault(403, "MissingAuthenticationToken", "Request is missing Authentication Token");
    let header = |value: &str| get_user().header("authorization", value);
    let reply = ask(&cell, &served, None, header("Basic dXNlcjpwYXNz")).await;
    reply.is_fault(400, "IncompleteSignature", "Unsupported AWS 'algorithm': 'Basic'.");
    let reply = ask(&cell, &served, None, header("AWS4-HMAC-SHA256 Credential")).await;
    reply.is_fault(400, "IncompleteSignature", "missing equal-sign");
    let reply = ask(&cell, &served, None, header("AWS4-HMAC-SHA256 Credential=a")).await;
    reply.is_fault(400, "IncompleteSignature", "requires 'Signature' parameter.");
    let reply = ask(&cell, &served, Some(&cell.root), Ask { skew_s: -901, ..get_user() }).await;
    reply.is_fault(403, "SignatureDoesNotMatch", "Signature expired");
    let reply = ask(&cell, &served, Some(&cell.root), Ask { skew_s: 901, ..get_user() }).await;
    reply.is_fault(403, "SignatureDoesNotMatch", "Signature not yet current");
    let reply = ask(&cell, &served, Some(&cell.root), Ask { service: "sts", ..get_user() }).await;
    reply.is_fault(403, "SignatureDoesNotMatch", "scoped to correct service: 'iam'");
    let who = Ask { service: "iam", ..Ask::form("GetCallerIdentity", STS, &[]) };
    let reply = ask(&cell, &served, Some(&cell.root), who).await;
    reply.is_fault(403, "SignatureDoesNotMatch", "scoped to correct service: 'sts'");
    assert!(reply.body.contains("https://sts.amazonaws.com/doc/2011-06-15/"));
    served.close().await;
}

#[tokio::test]
async fn by_the_key() {
    let (cell, served) = cell().await;
    let key = |id: &str, token: Option<&str>| KeyPair {
        id: id.to_owned(),
        secret: cell.root.secret.clone(),
        token: token.map(str::to_owned),
    };
    for id in ["AKIAIOSFODNN7EXAMPLE", "nobody", "ASIAIOSFODNN7EXAMPLE", &cell.operator.id] {
        let reply = ask(&cell, &served, Some(&key(id, None)), get_user()).await;
        reply.is_fault(403, "InvalidClientTokenId", INVALID);
    }
    let broken = key("ASIAIOSFODNN7EXAMPLE", Some("bm8gdG9rZW4="));
    let reply = ask(&cell, &served, Some(&broken), get_user()).await;
    reply.is_fault(403, "InvalidClientTokenId", "included in the request is invalid");
    assert!(!reply.element("Message").ends_with('.'), "a broken token has no full stop");
    let wrong = KeyPair { secret: "wrong".to_owned(), ..cell.root.clone() };
    let reply = ask(&cell, &served, Some(&wrong), get_user()).await;
    reply.is_fault(403, "SignatureDoesNotMatch", WRONG_SIGNATURE);
    // A token on a long-term key is judged after the signature.
    let reply = ask(&cell, &served, Some(&key(&cell.root.id, Some("x"))), get_user()).await;
    reply.is_fault(403, "InvalidClientTokenId", INVALID);
    let wrong = KeyPair { token: Some("x".to_owned()), ..wrong };
    let reply = ask(&cell, &served, Some(&wrong), get_user()).await;
    reply.is_fault(403, "SignatureDoesNotMatch", WRONG_SIGNATURE);
    served.close().await;
}

#[tokio::test]
async fn a_request_changed_on_its_way() {
    let (cell, served) = cell().await;
    let good = get_user().header("x-extra", "signed").bytes(&cell, Some(&cell.root));
    assert_eq!(raw(served.address, &good).await.status, 200);
    let text = String::from_utf8(good).expect("text");
    for (from, to) in [
        ("Action=GetUser", "Action=GetUsex"),
        ("x-extra: signed", "x-extra: changed"),
        ("host: door.example", "host: evil.example"),
        ("POST / ", "POST /consistency/strong/ "),
    ] {
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text);
        let reply = raw(served.address, changed.as_bytes()).await;
        reply.is_fault(403, "SignatureDoesNotMatch", WRONG_SIGNATURE);
    }
    served.close().await;
}

#[tokio::test]
async fn a_signature_is_good_for_fifteen_minutes() {
    let cell = Cell::new(std::sync::Arc::new(door::testing::ManualClock::at(crate::NOW_MS)));
    let clock = std::sync::Arc::new(door::testing::ManualClock::at(crate::NOW_MS));
    let cell = Cell { clock: clock.clone(), ..cell };
    let served = cell.serve(door::Options::default()).await;
    let bytes = get_user().bytes(&cell, Some(&cell.root));
    assert_eq!(raw(served.address, &bytes).await.status, 200);
    clock.advance(Duration::from_secs(14 * 60));
    assert_eq!(raw(served.address, &bytes).await.status, 200);
    clock.advance(Duration::from_secs(2 * 60));
    let reply = raw(served.address, &bytes).await;
    reply.is_fault(403, "SignatureDoesNotMatch", "Signature expired");
    served.close().await;
}

#[tokio::test]
async fn after_the_signature() {
    let (cell, served) = cell().await;
    let root = Some(&cell.root);
    let unknown = Ask::form("MakeCoffee", IAM, &[]);
    ask(&cell, &served, None, Ask::form("MakeCoffee", IAM, &[])).await.is_fault(
        403,
        "MissingAuthenticationToken",
        "",
    );
    let reply = ask(&cell, &served, root, unknown).await;
    reply.is_fault(
        400,
        "InvalidAction",
        "Could not find operation MakeCoffee for version 2010-05-08",
    );
    assert!(reply.body.contains("http://webservices.amazon.com/AWSFault/2005-15-09"));
    let reply = ask(&cell, &served, root, Ask::form("GetUser", "1999-01-01", &[])).await;
    reply.is_fault(400, "InvalidAction", "for version 1999-01-01");
    let nothing = Ask { body: b"Version=2010-05-08".to_vec(), ..Ask::default() };
    ask(&cell, &served, root, nothing).await.is_fault(400, "MissingAction", "");
    let long = "x".repeat(65);
    let reply = call(&cell, served.address, &cell.root, "CreateUser", &[("UserName", &long)]).await;
    reply.is_fault(400, "ValidationError", "1 validation error detected: Value at 'userName'");
    let reply = call(&cell, served.address, &cell.root, "CreateUser", &[]).await;
    reply.is_fault(400, "ValidationError", "Member must not be null");
    let ack = get_user().header("x-bailiwick-ack", "all");
    assert_eq!(ask(&cell, &served, root, ack).await.status, 200, "a read waits for nothing");
    let create = || Ask::form("CreateUser", IAM, &[("UserName", "dave")]);
    let reply = ask(&cell, &served, root, create().header("x-bailiwick-ack", "most")).await;
    reply.is_fault(400, "ValidationError", "committed, replicas=<number>");
    let reply = ask(&cell, &served, root, create().header("x-bailiwick-consistency", "now")).await;
    reply.is_fault(400, "ValidationError", "at-least=<token or revision>");
    served.close().await;
}

#[tokio::test]
async fn a_user_without_rights() {
    let (cell, served) = cell().await;
    let mallory = crate::people::user(&cell, served.address, "mallory").await;
    let reply = call(&cell, served.address, &mallory, "GetUser", &[("UserName", "nobody")]).await;
    reply.is_fault(403, "AccessDenied", "is not authorized to perform: iam:GetUser");
    let before = cell.node.proposals();
    let reply = call(&cell, served.address, &mallory, "CreateUser", &[("UserName", "x")]).await;
    reply.is_fault(403, "AccessDenied", "is not authorized to perform: iam:CreateUser");
    assert_eq!(cell.node.proposals(), before, "a refused write spends nothing of the log");
    served.close().await;
}
