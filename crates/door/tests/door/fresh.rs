//! What a read asks for, keys that are not here yet, and what is said when nobody can answer.

use std::sync::Arc;
use std::time::Duration;

use cluster::{Backend, Consistency, Unavailable};
use door::Options;
use door::testing::{Cell, ManualClock, Served};
use schema::model::v1::{Entity, entity};

use crate::http::{Ask, IAM, Reply, call};
use crate::people::{session, user};

async fn replica() -> (Cell, Served) {
    let clock = Arc::new(ManualClock::at(crate::NOW_MS));
    let cell = Cell::with_default(clock, Consistency::Eventual);
    let served = cell.serve(Options::default()).await;
    (cell, served)
}

fn down(maybe_applied: bool) -> Unavailable {
    Unavailable { reason: "no quorum of 10.1.2.3".to_owned(), maybe_applied }
}

async fn get(cell: &Cell, served: &Served, consistency: &str) -> Reply {
    let ask = Ask::form("GetUser", IAM, &[("UserName", "alice")]);
    let ask = ask.header("x-bailiwick-consistency", consistency);
    ask.send(cell, served.address, &cell.root).await
}

#[tokio::test]
async fn every_mode_gets_what_it_asks_for() {
    let (cell, served) = replica().await;
    cell.node.hold();
    let made =
        call(&cell, served.address, &cell.root, "CreateUser", &[("UserName", "alice")]).await;
    let revision = &made.headers["x-bailiwick-revision"];
    let here = call(&cell, served.address, &cell.root, "GetUser", &[("UserName", "alice")]).await;
    here.is_fault(404, "NoSuchEntity", "alice");
    for mode in ["eventual", "max-age=1s"] {
        get(&cell, &served, mode).await.is_fault(404, "NoSuchEntity", "alice");
    }
    for mode in ["strong", &format!("at-least={revision}")] {
        let found = get(&cell, &served, mode).await;
        assert_eq!(found.status, 200, "{mode}: {found:?}");
        assert_eq!(&found.headers["x-bailiwick-revision"], revision);
    }
    cell.node.fail(down(false));
    assert_eq!(get(&cell, &served, "eventual").await.status, 404, "needs nobody else");
    let reply = get(&cell, &served, "at-least=1000").await;
    reply.is_fault(503, "ServiceUnavailable", "Revision 1000 is not visible here yet");
    let reply = get(&cell, &served, "at-least=ZZZZZZZZ.B").await;
    reply.is_fault(400, "ValidationError", "another cell");
    served.close().await;
}

#[tokio::test]
async fn nobody_can_answer() {
    let (cell, served) = crate::cell().await;
    cell.node.fail(down(false));
    let reply = get(&cell, &served, "strong").await;
    reply.is_fault(503, "ServiceUnavailable", "nothing was done");
    assert_eq!(reply.headers["retry-after"], "1");
    assert_eq!(reply.headers["x-bailiwick-applied"], "no");
    assert!(!reply.body.contains("10.1.2.3"), "why is nobody's business");
    cell.node.fail(down(true));
    let reply = call(&cell, served.address, &cell.root, "CreateUser", &[("UserName", "a")]).await;
    reply.is_fault(503, "ServiceUnavailable", "may have been carried out");
    assert_eq!(reply.headers["x-bailiwick-applied"], "unknown");
    cell.node.recover();
    assert_eq!(get(&cell, &served, "strong").await.status, 404);
    served.close().await;
}

#[tokio::test]
async fn a_backend_that_hangs_is_not_waited_for() {
    let cell = Cell::new(Arc::new(ManualClock::at(crate::NOW_MS)));
    let deadline = Duration::from_millis(50);
    let served = cell.serve(Options { deadline, ..Options::default() }).await;
    cell.node.hang();
    get(&cell, &served, "strong").await.is_fault(503, "ServiceUnavailable", "nothing was done");
    let reply = call(&cell, served.address, &cell.root, "CreateUser", &[("UserName", "a")]).await;
    reply.is_fault(503, "ServiceUnavailable", "may have been carried out");
    served.close().await;
}

#[tokio::test]
async fn a_panic_fails_the_call_and_not_the_node() {
    let (cell, served) = crate::cell().await;
    cell.node.panic();
    get(&cell, &served, "strong").await.is_fault(500, "ServiceFailure", "internal error");
    cell.node.recover();
    assert_eq!(get(&cell, &served, "strong").await.status, 404);
    served.close().await;
}

#[tokio::test]
async fn a_key_that_is_not_here_yet_is_waited_for() {
    let (cell, served) = replica().await;
    cell.node.hold();
    let erin = user(&cell, served.address, "erin").await;
    // The key is found where it is certain; its user is not visible here yet.
    let who = Ask::form("GetCallerIdentity", crate::http::STS, &[]);
    let strong = who.header("x-bailiwick-consistency", "strong");
    assert_eq!(strong.send(&cell, served.address, &erin).await.status, 200);
    cell.node.fail(down(false));
    let reply = call(&cell, served.address, &erin, "GetCallerIdentity", &[]).await;
    reply.is_fault(503, "ServiceUnavailable", "Try again");
    // A key that was born long ago and is not here is gone for good: nobody is asked.
    let mut gone = cell.root.clone();
    gone.id = model::id::access_key_id("123456789012", 1);
    let reply = call(&cell, served.address, &gone, "GetCallerIdentity", &[]).await;
    reply.is_fault(403, "InvalidClientTokenId", "is invalid.");
    served.close().await;
}

#[tokio::test]
async fn nobody_is_answered_from_a_view_that_does_not_know_him_yet() {
    let (cell, served) = replica().await;
    cell.node.hold();
    let behind = cell.node.seen().revision;
    let erin = user(&cell, served.address, "erin").await;
    let visible = call(&cell, served.address, &cell.root, "GetCallerIdentity", &[]).await;
    assert_eq!(visible.headers["x-bailiwick-revision"], behind.to_string());
    for mode in ["eventual", "max-age=1s", &format!("at-least={behind}")] {
        let who = Ask::form("GetCallerIdentity", crate::http::STS, &[]);
        let who = who.header("x-bailiwick-consistency", mode);
        let reply = who.send(&cell, served.address, &erin).await;
        assert_eq!(reply.status, 200, "{mode}: {reply:?}");
        let revision = cell.node.state().revision().to_string();
        assert_eq!(reply.headers["x-bailiwick-revision"], revision, "{mode}");
    }
    let session = call(&cell, served.address, &erin, "GetSessionToken", &[]).await;
    assert_eq!(session.status, 200, "{session:?}");
    let session = crate::people::key(&session);
    let reply = call(&cell, served.address, &session, "GetCallerIdentity", &[]).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    served.close().await;
}

#[tokio::test]
async fn a_session_is_waited_for_as_its_key_is() {
    let (cell, served) = replica().await;
    let session = session(&cell, served.address).await;
    let older = Cell {
        node: Arc::new(door::testing::MemoryNode::new(
            Arc::clone(&cell.clock),
            Consistency::Eventual,
        )),
        ..Cell::new(Arc::clone(&cell.clock))
    };
    let behind = older.serve(Options::default()).await;
    let reply = call(&older, behind.address, &session, "GetCallerIdentity", &[]).await;
    reply.is_fault(503, "ServiceUnavailable", "Try again");
    served.close().await;
    behind.close().await;
}

#[tokio::test]
async fn a_right_granted_a_moment_ago_counts() {
    let (cell, served) = replica().await;
    let erin = user(&cell, served.address, "erin").await;
    cell.node.hold();
    let arn = "arn:aws:iam::aws:policy/IAMFullAccess";
    let members = [("UserName", "erin"), ("PolicyArn", arn)];
    call(&cell, served.address, &cell.root, "AttachUserPolicy", &members).await;
    let made = call(&cell, served.address, &erin, "CreateUser", &[("UserName", "frank")]).await;
    assert_eq!(made.status, 200, "{made:?}");
    let key = call(&cell, served.address, &erin, "CreateAccessKey", &[("UserName", "frank")]).await;
    assert_eq!(key.status, 200, "the owner is not visible here, and yet: {key:?}");
    served.close().await;
}

#[tokio::test]
async fn a_key_made_inactive_a_moment_ago_is_refused() {
    let (cell, served) = replica().await;
    let erin = user(&cell, served.address, "erin").await;
    cell.node.hold();
    let members = [("UserName", "erin"), ("AccessKeyId", &erin.id), ("Status", "Inactive")];
    call(&cell, served.address, &cell.root, "UpdateAccessKey", &members).await;
    let who = Ask::form("GetCallerIdentity", crate::http::STS, &[]);
    let strong = who.header("x-bailiwick-consistency", "strong");
    let refused = strong.send(&cell, served.address, &erin).await;
    refused.is_fault(403, "InvalidClientTokenId", "is invalid.");
    let here = call(&cell, served.address, &erin, "GetCallerIdentity", &[]).await;
    assert_eq!(here.status, 200, "a replica answers by what it shows");
    served.close().await;
}

/// A replica whose credentials are ahead of everything else: the key is here, its user is not.
#[tokio::test]
async fn classes_are_named_and_a_key_ahead_of_its_owner_is_not_here_yet() {
    let (cell, served) = replica().await;
    let reply = call(&cell, served.address, &cell.root, "ListUsers", &[]).await;
    assert!(!reply.headers.contains_key("x-bailiwick-ordering"));
    let before = cell.node.state();
    let erin = user(&cell, served.address, "erin").await;
    let after = cell.node.state();
    let (_, key) = after.access_key(&erin.id).expect("the key");
    let mut ahead = model::State::clone(&before);
    let key = entity::Kind::AccessKey(key.record().clone());
    ahead.put(Entity { kind: Some(key) }).expect("it fits");
    cell.node.show_classes(ahead, after.revision());
    let reply = call(&cell, served.address, &cell.root, "ListUsers", &[]).await;
    assert_eq!(reply.headers["x-bailiwick-ordering"], "class");
    assert_eq!(reply.headers["x-bailiwick-revision"], before.revision().to_string().as_str());
    // It is waited for where it is certain, as a key is that is not here at all.
    cell.node.fail(down(false));
    let reply = call(&cell, served.address, &erin, "GetCallerIdentity", &[]).await;
    reply.is_fault(503, "ServiceUnavailable", "Try again");
    served.close().await;
}

/// What a session was made from may be newer than the revision that is complete.
#[tokio::test]
async fn a_session_is_born_of_the_newest_that_it_may_have_seen() {
    let (cell, served) = replica().await;
    session(&cell, served.address).await;
    let state = cell.node.state();
    let reaches = state.revision() + 5;
    cell.node.show_classes(model::State::clone(&state), reaches);
    let members = [("DurationSeconds", "900")];
    let made = call(&cell, served.address, &cell.root, "GetSessionToken", &members).await;
    let session = crate::people::key(&made);
    cell.node.release();
    let reply = call(&cell, served.address, &session, "GetCallerIdentity", &[]).await;
    reply.is_fault(503, "ServiceUnavailable", "Try again");
    served.close().await;
}
