//! Writes that wait to be visible, and views that are too old to decide by.

use std::sync::Arc;
use std::time::Duration;

use cluster::{Lease, Level, Unavailable};
use door::testing::{Cell, ManualClock, Served};
use door::{Ack, Options};
use schema::admin::v1::{UpdateAccountRequest, UpdateAccountResponse};

use crate::http::{Ask, IAM, Reply, call};
use crate::rpc;

async fn create(cell: &Cell, served: &Served, name: &str, ack: Option<&str>) -> Reply {
    let mut ask = Ask::form("CreateUser", IAM, &[("UserName", name)]);
    if let Some(ack) = ack {
        ask = ask.header("x-bailiwick-ack", ack);
    }
    ask.send(cell, served.address, &cell.root).await
}

fn propagation(reply: &Reply) -> Option<&str> {
    reply.headers.get("x-bailiwick-propagation").map(String::as_str)
}

#[tokio::test]
async fn a_write_that_waits_says_whether_it_is_visible() {
    let cell = Cell::new(Arc::new(ManualClock::at(crate::NOW_MS)));
    let deadline = Duration::from_secs(2);
    let served = cell.serve(Options { deadline, ..Options::default() }).await;
    let reply = create(&cell, &served, "ann", None).await;
    assert_eq!((reply.status, propagation(&reply)), (200, None), "asked for nothing");
    for ack in ["all", "replicas=1", "zone=a"] {
        let reply = create(&cell, &served, &format!("bob-{}", ack.len()), Some(ack)).await;
        assert_eq!((reply.status, propagation(&reply)), (200, Some("reached")), "{ack}");
    }
    cell.node.hold();
    let reply = create(&cell, &served, "cid", Some("all")).await;
    assert_eq!((reply.status, propagation(&reply)), (200, Some("pending")));
    assert!(reply.headers.contains_key("x-bailiwick-token"), "committed, and says as what");
    let reply = create(&cell, &served, "cid", Some("all")).await;
    reply.is_fault(409, "EntityAlreadyExists", "cid");
    assert_eq!(propagation(&reply), None, "a refusal changed nothing to be seen");
    served.close().await;
}

#[tokio::test]
async fn a_listener_may_let_every_write_wait() {
    let (cell, served) = waiting().await;
    let reply = create(&cell, &served, "ann", None).await;
    assert_eq!(propagation(&reply), Some("reached"));
    let reply = create(&cell, &served, "bob", Some("committed")).await;
    assert_eq!(propagation(&reply), None);
    served.close().await;
}

/// Says for the account what its writes wait for, as the operator.
async fn set_account(cell: &Cell, served: &Served, ack: &str) {
    let request =
        UpdateAccountRequest { account_id: cell.account_id.clone(), ack: Some(ack.to_owned()) };
    let path = "/bailiwick.admin.v1.Admin/UpdateAccount";
    let answer = rpc::send(cell, served.address, &cell.operator, path, &request).await;
    let answer: tonic::Response<UpdateAccountResponse> = answer.expect("the operator may");
    let account = answer.into_inner().account.expect("the account as it is now");
    assert_eq!(account.ack.unwrap_or_default(), ack);
}

#[tokio::test]
async fn an_account_says_what_its_writes_wait_for_wherever_they_are_made() {
    let (cell, served) = crate::cell().await;
    // This door does not get to see what is said of the account: what counts is the write's place in the log.
    cell.node.hold();
    set_account(&cell, &served, "all").await;
    let reply = create(&cell, &served, "ann", None).await;
    assert_eq!((reply.status, propagation(&reply)), (200, Some("pending")));
    cell.node.release();
    let reply = create(&cell, &served, "bob", None).await;
    assert_eq!(propagation(&reply), Some("reached"));
    let other = cell.account("222222222222", "b@example.com");
    let reply = call(&cell, served.address, &other, "CreateUser", &[("UserName", "eve")]).await;
    assert_eq!((reply.status, propagation(&reply)), (200, None), "nothing was said of this one");
    set_account(&cell, &served, "").await;
    let reply = create(&cell, &served, "cid", None).await;
    assert_eq!(propagation(&reply), None, "it is taken back");
    served.close().await;
}

#[tokio::test]
async fn the_call_goes_before_the_path_before_the_account_before_the_listener() {
    let (cell, served) = waiting().await;
    let make = async |name: &str, path: &str, ack: Option<&str>| {
        let mut ask = Ask::form("CreateUser", IAM, &[("UserName", name)]);
        ask.path = path;
        if let Some(ack) = ack {
            ask = ask.header("x-bailiwick-ack", ack);
        }
        let reply = ask.send(&cell, served.address, &cell.root).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        propagation(&reply).is_some()
    };
    assert!(make("listener", "/", None).await);
    set_account(&cell, &served, "committed").await;
    assert!(!make("account", "/", None).await);
    assert!(make("path", "/ack/all/", None).await);
    assert!(!make("header", "/ack/all/", Some("committed")).await);
    served.close().await;
}

/// A cell, and a door that lets every write wait.
async fn waiting() -> (Cell, Served) {
    let cell = Cell::new(Arc::new(ManualClock::at(crate::NOW_MS)));
    let ack = Ack::Visible(Level::All);
    let served = cell.serve(Options { ack, ..Options::default() }).await;
    (cell, served)
}

#[tokio::test]
async fn nobody_decides_by_a_view_that_is_too_old() {
    let (cell, served) = crate::cell().await;
    create(&cell, &served, "ann", None).await;
    cell.node.hold();
    let revoked = call(&cell, served.address, &cell.root, "DeleteUser", &[("UserName", "ann")]);
    assert_eq!(revoked.await.status, 200);
    let get = async || {
        let ask = Ask::form("GetUser", IAM, &[("UserName", "ann")]);
        let ask = ask.header("x-bailiwick-consistency", "eventual");
        ask.send(&cell, served.address, &cell.root).await
    };
    let reply = get().await;
    assert_eq!(reply.status, 200, "within its lease it may");
    assert!(!reply.headers.contains_key("x-bailiwick-stale"));
    cell.node.lease(Lease::Flagged);
    let reply = get().await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.headers["x-bailiwick-stale"], "true");
    cell.node.lease(Lease::Expired);
    get().await.is_fault(404, "NoSuchEntity", "ann");
    let reason = "no leader".to_owned();
    cell.node.fail(Unavailable { reason, maybe_applied: false });
    let reply = get().await;
    reply.is_fault(503, "ServiceUnavailable", "too old to decide by");
    assert_eq!(reply.headers["retry-after"], "1");
    served.close().await;
}
