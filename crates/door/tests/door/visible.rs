//! Writes that wait to be visible, and views that are too old to decide by.

use std::sync::Arc;
use std::time::Duration;

use cluster::{Lease, Level, Unavailable};
use door::testing::{Cell, ManualClock, Served};
use door::{Ack, Options};

use crate::http::{Ask, IAM, Reply, call};

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
    let (cell, served) = {
        let cell = Cell::new(Arc::new(ManualClock::at(crate::NOW_MS)));
        let ack = Ack::Visible(Level::All);
        let served = cell.serve(Options { ack, ..Options::default() }).await;
        (cell, served)
    };
    let reply = create(&cell, &served, "ann", None).await;
    assert_eq!(propagation(&reply), Some("reached"));
    let reply = create(&cell, &served, "bob", Some("committed")).await;
    assert_eq!(propagation(&reply), None);
    served.close().await;
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
