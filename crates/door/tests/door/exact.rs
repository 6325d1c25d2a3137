//! Reads of a revision exactly: what was, told only to who may be told now.

use bytes::Bytes;
use cluster::{Lease, Unavailable};
use door::testing::{Cell, KeyPair, Served};
use prost::Message;
use schema::authz::v1::{DecideRequest, Principal, Question, principal};
use schema::iam::v1::{GetUserRequest, GetUserResponse};

use crate::http::{Ask, IAM, Reply, STS, call};
use crate::people::user;
use crate::rpc;

async fn at(
    cell: &Cell,
    served: &Served,
    key: &KeyPair,
    revision: impl std::fmt::Display,
) -> Reply {
    let ask = Ask::form("GetUser", IAM, &[("UserName", "alice")]);
    let ask = ask.header("x-bailiwick-consistency", &format!("at={revision}"));
    ask.send(cell, served.address, key).await
}

async fn write(cell: &Cell, served: &Served, action: &str, members: &[(&str, &str)]) -> Reply {
    let reply = call(cell, served.address, &cell.root, action, members).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    reply
}

fn revision(reply: &Reply) -> u64 {
    reply.headers["x-bailiwick-revision"].parse().expect("a number")
}

/// A reader, alice made and unmade; gives the reader and the two revisions.
async fn story(cell: &Cell, served: &Served) -> (KeyPair, u64, u64) {
    let erin = user(cell, served.address, "erin").await;
    let policy = ("PolicyArn", "arn:aws:iam::aws:policy/IAMReadOnlyAccess");
    write(cell, served, "AttachUserPolicy", &[("UserName", "erin"), policy]).await;
    let made = write(cell, served, "CreateUser", &[("UserName", "alice")]).await;
    let gone = write(cell, served, "DeleteUser", &[("UserName", "alice")]).await;
    (erin, revision(&made), revision(&gone))
}

#[tokio::test]
async fn a_revision_is_read_as_it_was_by_header_path_and_metadata() {
    let (cell, served) = crate::cell().await;
    write(&cell, &served, "CreateUser", &[("UserName", "bob")]).await;
    let made = write(&cell, &served, "CreateUser", &[("UserName", "alice")]).await;
    let (then, token) = (revision(&made), made.headers["x-bailiwick-token"].clone());
    write(&cell, &served, "DeleteUser", &[("UserName", "alice")]).await;
    at(&cell, &served, &cell.root, then - 1).await.is_fault(404, "NoSuchEntity", "alice");
    at(&cell, &served, &cell.root, then + 1).await.is_fault(404, "NoSuchEntity", "alice");
    for text in [then.to_string(), token] {
        let reply = at(&cell, &served, &cell.root, &text).await;
        assert_eq!(reply.status, 200, "{text}: {reply:?}");
        assert_eq!(revision(&reply), then);
    }
    let mut ask = Ask::form("GetUser", IAM, &[("UserName", "alice")]);
    let path = format!("/consistency/at%3D{then}/");
    ask.path = &path;
    let reply = ask.send(&cell, served.address, &cell.root).await;
    assert_eq!((reply.status, revision(&reply)), (200, then), "{reply:?}");
    let message = GetUserRequest { user_name: Some("alice".to_owned()) }.encode_to_vec();
    let (message, wish) = (Bytes::from(message), format!("at={then}"));
    let headers = [("x-bailiwick-consistency", wish.as_str())];
    let path = "/bailiwick.iam.v1.Iam/GetUser";
    let answer = rpc::bytes(&cell, served.address, &cell.root, path, message, &headers).await;
    let answer = answer.expect("she was there");
    let said = answer.metadata().get("x-bailiwick-revision").expect("every answer says it");
    assert_eq!(said, then.to_string().as_str());
    let told = GetUserResponse::decode(answer.into_inner()).expect("a user");
    assert_eq!(told.user.expect("a user").user_name, "alice");
    served.close().await;
}

#[tokio::test]
async fn what_is_not_retained_or_not_there_yet_is_refused_by_name() {
    let (cell, served) = crate::cell().await;
    let (erin, then, gone) = story(&cell, &served).await;
    assert_eq!(at(&cell, &served, &erin, then).await.status, 200);
    cell.node.forget_before(gone);
    let reply = at(&cell, &served, &erin, then).await;
    reply.is_fault(400, "ValidationError", &format!("the oldest revision that is: {gone}"));
    let reply = at(&cell, &served, &erin, gone + 100).await;
    reply.is_fault(503, "ServiceUnavailable", "is not visible here yet");
    served.close().await;
}

#[tokio::test]
async fn who_is_locked_out_now_is_not_told_what_was() {
    let (cell, served) = crate::cell().await;
    let (erin, then, gone) = story(&cell, &served).await;
    assert_eq!(at(&cell, &served, &erin, then).await.status, 200);
    let policy = ("PolicyArn", "arn:aws:iam::aws:policy/IAMReadOnlyAccess");
    write(&cell, &served, "DetachUserPolicy", &[("UserName", "erin"), policy]).await;
    let reply = at(&cell, &served, &erin, then).await;
    reply.is_fault(403, "AccessDenied", "iam:GetUser");
    assert!(revision(&reply) > gone, "judged by what is visible now");
    write(&cell, &served, "AttachUserPolicy", &[("UserName", "erin"), policy]).await;
    assert_eq!(at(&cell, &served, &erin, then).await.status, 200);
    let off = [("UserName", "erin"), ("AccessKeyId", &*erin.id), ("Status", "Inactive")];
    write(&cell, &served, "UpdateAccessKey", &off).await;
    let reply = at(&cell, &served, &erin, then).await;
    reply.is_fault(403, "InvalidClientTokenId", "is invalid.");
    served.close().await;
}

#[tokio::test]
async fn who_was_not_there_then_or_not_allowed_is_refused_too() {
    let (cell, served) = crate::cell().await;
    let erin = user(&cell, served.address, "erin").await;
    let then = revision(&write(&cell, &served, "CreateUser", &[("UserName", "alice")]).await);
    let policy = ("PolicyArn", "arn:aws:iam::aws:policy/IAMReadOnlyAccess");
    write(&cell, &served, "AttachUserPolicy", &[("UserName", "erin"), policy]).await;
    let reply = at(&cell, &served, &erin, then).await;
    reply.is_fault(403, "AccessDenied", "iam:GetUser");
    assert_eq!(revision(&reply), then);
    let fred = user(&cell, served.address, "fred").await;
    write(&cell, &served, "AttachUserPolicy", &[("UserName", "fred"), policy]).await;
    let reply = at(&cell, &served, &fred, then).await;
    reply.is_fault(403, "AccessDenied", &format!("could not call at revision {then}"));
    served.close().await;
}

#[tokio::test]
async fn a_node_without_a_lease_asks_before_it_tells_what_was() {
    let (cell, served) = crate::cell().await;
    let (erin, then, _) = story(&cell, &served).await;
    cell.node.hold();
    let policy = ("PolicyArn", "arn:aws:iam::aws:policy/IAMReadOnlyAccess");
    write(&cell, &served, "DetachUserPolicy", &[("UserName", "erin"), policy]).await;
    assert_eq!(at(&cell, &served, &erin, then).await.status, 200, "within its lease");
    cell.node.lease(Lease::Flagged);
    let reply = at(&cell, &served, &erin, then).await;
    assert_eq!(reply.headers["x-bailiwick-stale"], "true");
    cell.node.lease(Lease::Expired);
    let reply = at(&cell, &served, &erin, then).await;
    reply.is_fault(403, "AccessDenied", "iam:GetUser");
    cell.node.fail(Unavailable::nothing_done("no quorum"));
    let reply = at(&cell, &served, &erin, then).await;
    reply.is_fault(503, "ServiceUnavailable", "");
    served.close().await;
}

#[tokio::test]
async fn nothing_is_decided_and_nobody_named_by_what_was() {
    let (cell, served) = crate::cell().await;
    let (erin, then, _) = story(&cell, &served).await;
    let wish = format!("at={then}");
    for action in ["GetCallerIdentity", "GetSessionToken"] {
        let ask = Ask::form(action, STS, &[]).header("x-bailiwick-consistency", &wish);
        let reply = ask.send(&cell, served.address, &erin).await;
        reply.is_fault(400, "ValidationError", "those of now");
    }
    let arn = "arn:aws:iam::123456789012:user/erin".to_owned();
    let question = Question {
        principal: Some(Principal { who: Some(principal::Who::Arn(arn)) }),
        action: "iam:GetUser".to_owned(),
        resource: "arn:aws:iam::123456789012:user/alice".to_owned(),
        ..Default::default()
    };
    let message = Bytes::from(DecideRequest { question: Some(question) }.encode_to_vec());
    let headers = [("x-bailiwick-consistency", wish.as_str())];
    for method in ["Decide", "Explain"] {
        let path = format!("/bailiwick.authz.v1.Authorization/{method}");
        let message = message.clone();
        let answer = rpc::bytes(&cell, served.address, &cell.root, &path, message, &headers).await;
        let status = answer.expect_err(method);
        assert_eq!(rpc::error_info(&status).0, "ValidationError");
    }
    // A write is decided at its own place, whatever is asked of reads.
    let ask = Ask::form("CreateUser", IAM, &[("UserName", "gus")]);
    let ask = ask.header("x-bailiwick-consistency", &wish);
    assert_eq!(ask.send(&cell, served.address, &cell.root).await.status, 200);
    served.close().await;
}
