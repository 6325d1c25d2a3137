//! The AWS Query protocol when all is well.

use crate::cell;
use crate::http::{Ask, IAM, STS, call, encode, raw};
use door::testing::KeyPair;

#[tokio::test]
async fn a_user_is_made_and_found() {
    let (cell, served) = cell().await;
    let members = [("UserName", "alice"), ("Path", "/team a/"), ("Tags.member.1.Key", "k")];
    let made = call(&cell, served.address, &cell.root, "CreateUser", &members[..1]).await;
    assert_eq!(made.status, 200, "{made:?}");
    assert_eq!(made.headers["content-type"], "text/xml");
    assert_eq!(made.headers["x-amzn-requestid"], made.element("RequestId"));
    assert_eq!(made.element("Arn"), "arn:aws:iam::123456789012:user/alice");
    let revision: u64 = made.headers["x-bailiwick-revision"].parse().expect("a number");
    assert_eq!(cell.node.state().revision(), revision);

    let found = call(&cell, served.address, &cell.root, "GetUser", &members[..1]).await;
    assert_eq!(found.element("UserId"), made.element("UserId"));
    assert_eq!(found.headers["x-bailiwick-revision"], revision.to_string());
    assert_eq!(found.headers["x-bailiwick-age-ms"], "0");
    assert_eq!(found.headers["x-bailiwick-served-by"], "memory");
    assert!(!found.headers.contains_key("x-bailiwick-token"), "a read has no token");

    let token = format!("at-least={}", made.headers["x-bailiwick-token"]);
    let later = Ask::form("GetUser", IAM, &members[..1]).header("x-bailiwick-consistency", &token);
    assert_eq!(later.send(&cell, served.address, &cell.root).await.status, 200);
    served.close().await;
}

#[tokio::test]
async fn a_new_key_signs_at_once() {
    let (cell, served) = cell().await;
    call(&cell, served.address, &cell.root, "CreateUser", &[("UserName", "bob")]).await;
    let made =
        call(&cell, served.address, &cell.root, "CreateAccessKey", &[("UserName", "bob")]).await;
    let key = KeyPair {
        id: made.element("AccessKeyId").to_owned(),
        secret: made.element("SecretAccessKey").to_owned(),
        token: None,
    };
    assert_eq!(key.secret.len(), 40);
    let who = call(&cell, served.address, &key, "GetCallerIdentity", &[]).await;
    assert_eq!(who.element("Arn"), "arn:aws:iam::123456789012:user/bob");

    let members = [("UserName", "bob"), ("AccessKeyId", key.id.as_str()), ("Status", "Inactive")];
    call(&cell, served.address, &cell.root, "UpdateAccessKey", &members).await;
    let refused = call(&cell, served.address, &key, "GetCallerIdentity", &[]).await;
    refused.is_fault(403, "InvalidClientTokenId", "The security token included");
    served.close().await;
}

#[tokio::test]
async fn a_presigned_get_is_answered() {
    let (cell, served) = cell().await;
    let mut ask = Ask {
        method: "GET",
        query: format!("Action=GetCallerIdentity&Version={STS}"),
        service: "sts",
        ..Ask::default()
    };
    let bytes = ask.presigned(&cell, &cell.root, 60);
    let who = raw(served.address, &bytes).await;
    assert_eq!(who.element("Arn"), "arn:aws:iam::123456789012:root");
    served.close().await;
}

#[tokio::test]
async fn a_path_asks_for_a_consistency() {
    let (cell, served) = cell().await;
    cell.node.hold();
    call(&cell, served.address, &cell.root, "CreateUser", &[("UserName", "carol")]).await;
    let get =
        |path: &'static str| Ask { path, ..Ask::form("GetUser", IAM, &[("UserName", "carol")]) };
    let strong = get("/consistency/strong/").send(&cell, served.address, &cell.root).await;
    assert_eq!(strong.status, 200, "{strong:?}");
    let eventual = get("/consistency/eventual/").send(&cell, served.address, &cell.root).await;
    eventual.is_fault(404, "NoSuchEntity", "carol");
    assert!(eventual.headers.contains_key("x-bailiwick-revision"), "faults say what they saw");
    let over = get("/consistency/eventual/").header("x-bailiwick-consistency", "strong");
    assert_eq!(
        over.send(&cell, served.address, &cell.root).await.status,
        200,
        "a header counts more"
    );
    served.close().await;
}

#[tokio::test]
async fn policies_come_percent_encoded_and_lists_empty() {
    let (cell, served) = cell().await;
    let document = r#"{"Version":"2012-10-17","Statement":[]}"#;
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
        "Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}"#;
    let members = [("RoleName", "r"), ("AssumeRolePolicyDocument", trust)];
    let made = call(&cell, served.address, &cell.root, "CreateRole", &members).await;
    assert_eq!(made.element("AssumeRolePolicyDocument"), encode(trust));
    let groups = call(&cell, served.address, &cell.root, "ListGroups", &[]).await;
    assert!(groups.body.contains("<Groups/>") || groups.body.contains("<Groups></Groups>"));
    assert_eq!(groups.element("IsTruncated"), "false");
    let members = [("RoleName", "r"), ("PolicyName", "p"), ("PolicyDocument", document)];
    let put = call(&cell, served.address, &cell.root, "PutRolePolicy", &members).await;
    assert!(put.status == 200 || put.status == 400, "{put:?}");
    served.close().await;
}

#[tokio::test]
async fn what_is_planned_says_so() {
    let (cell, served) = cell().await;
    let planned = call(&cell, served.address, &cell.root, "GenerateCredentialReport", &[]).await;
    planned.is_fault(501, "NotImplemented", "GenerateCredentialReport is not implemented");
    served.close().await;
}

#[tokio::test]
async fn probes_and_figures() {
    let (cell, served) = cell().await;
    call(&cell, served.address, &cell.root, "GetUser", &[]).await;
    let get = |path| Ask { method: "GET", path, ..Ask::default() };
    for path in ["/livez", "/readyz"] {
        let reply = raw(served.address, &get(path).bytes(&cell, None)).await;
        assert_eq!((reply.status, reply.body.as_str()), (200, "ok\n"));
    }
    let page = raw(served.address, &get("/metrics").bytes(&cell, None)).await;
    let line = r#"bailiwick_requests_total{protocol="query",operation="GetUser",code="OK"} 1"#;
    assert!(page.body.contains(line), "{}", page.body);
    assert!(page.body.contains("bailiwick_calls_in_flight 0"), "{}", page.body);
    served.close().await;
}

#[tokio::test]
async fn uses_are_written_down() {
    let (cell, served) = cell().await;
    call(&cell, served.address, &cell.root, "GetUser", &[]).await;
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(5);
    assert_eq!(served.door.flush_uses(deadline).await, Ok(1));
    assert_eq!(served.door.flush_uses(deadline).await, Ok(0));
    let state = cell.node.state();
    let (_, key) = state.access_key(&cell.root.id).expect("the key");
    let used = key.last_used.as_ref().expect("it was used");
    assert_eq!((used.service.as_str(), used.region.as_str()), ("iam", "us-east-1"));
    served.close().await;
}
