//! Sessions and watches, against doors before nodes in memory of which one is behind.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;
use std::time::Duration;

use client::{Client, Credentials, Error};
use cluster::{Consistency, SystemClock};
use door::Options;
use door::testing::{Cell, MemoryNode, Served};
use schema::iam::v1::{CreateUserRequest, CreateUserResponse, GetUserRequest, GetUserResponse};

const CREATE: &str = "/bailiwick.iam.v1.Iam/CreateUser";
const GET: &str = "/bailiwick.iam.v1.Iam/GetUser";

/// A node and one that follows it by hand.
struct Pair {
    ahead: Cell,
    behind: Cell,
    at: [Served; 2],
}

impl Pair {
    async fn new() -> Pair {
        let ahead = Cell::new(Arc::new(SystemClock::new()));
        let node = MemoryNode::new(Arc::new(SystemClock::new()), Consistency::Eventual);
        let behind = Cell::new(Arc::new(SystemClock::new()));
        let behind = Cell { node: Arc::new(node), root: ahead.root.clone(), ..behind };
        behind.node.take(ahead.node.state());
        let options = || Options { drain: Duration::from_millis(200), ..Options::default() };
        let at = [ahead.serve(options()).await, behind.serve(options()).await];
        Pair { ahead, behind, at }
    }

    fn client(&self, nodes: &[usize]) -> Client {
        let urls: Vec<_> =
            nodes.iter().map(|at| format!("http://{}", self.at[*at].address)).collect();
        let root = &self.ahead.root;
        let client = Client::new(&urls, Some(Credentials::new(&root.id, &root.secret))).unwrap();
        client.with_deadline(Duration::from_secs(2))
    }

    async fn close(self) {
        for served in self.at {
            served.close().await;
        }
    }
}

fn create(name: &str) -> CreateUserRequest {
    CreateUserRequest { user_name: name.to_owned(), ..Default::default() }
}

fn get(name: &str) -> GetUserRequest {
    GetUserRequest { user_name: Some(name.to_owned()) }
}

#[tokio::test]
async fn a_session_reads_its_own_writes_wherever_it_reads() {
    let pair = Pair::new().await;
    let writer = pair.client(&[0]).session();
    assert_eq!(writer.token(), None);
    writer.send::<_, CreateUserResponse>(CREATE, &create("alice"), false).await.unwrap();
    let token = writer.token().unwrap();

    // Without a session the node that is behind says what it knows.
    let behind = pair.client(&[1]);
    let found = behind.send::<_, GetUserResponse>(GET, &get("alice"), true).await;
    assert!(matches!(found, Err(Error::Fault { code, .. }) if code == "NoSuchEntity"));

    // Another process goes on from the token: that node is not asked to say what is long over.
    let reader = behind.with_deadline(Duration::from_millis(300)).session_from(&token).unwrap();
    let found = reader.send::<_, GetUserResponse>(GET, &get("alice"), true).await;
    assert!(matches!(found, Err(Error::Unavailable { .. })), "{found:?}");

    // With another node at hand that one answers.
    let reader = pair.client(&[1, 0]).session_from(&token).unwrap();
    let found = reader.send::<_, GetUserResponse>(GET, &get("alice"), true).await.unwrap();
    assert_eq!(found.revision, pair.ahead.node.state().revision());

    pair.behind.node.take(pair.ahead.node.state());
    let reader = pair.client(&[1]).session_from(&token).unwrap();
    reader.send::<_, GetUserResponse>(GET, &get("alice"), true).await.unwrap();
    pair.close().await;
}

#[tokio::test]
async fn what_a_session_has_read_it_never_unreads() {
    let pair = Pair::new().await;
    let client = pair.client(&[0]);
    client.send::<_, CreateUserResponse>(CREATE, &create("alice"), false).await.unwrap();

    // A refusal shows a revision, too.
    let session = client.session();
    let missing = session.send::<_, GetUserResponse>(GET, &get("nobody"), true).await;
    assert!(matches!(missing, Err(Error::Fault { .. })));
    let revision = pair.ahead.node.state().revision();
    assert_eq!(session.token(), Some(revision.to_string()));

    let moved = pair.client(&[1]).with_deadline(Duration::from_millis(300));
    let moved = moved.with_consistency("eventual").session_from(&session.token().unwrap()).unwrap();
    let found = moved.clone().send::<_, GetUserResponse>(GET, &get("alice"), true).await;
    assert!(matches!(found, Err(Error::Unavailable { .. })), "{found:?}");
    assert!(matches!(client.session_from("no token"), Err(Error::Usage(_))));
    pair.close().await;
}

#[tokio::test]
async fn a_write_says_whether_it_became_visible_in_time() {
    let pair = Pair::new().await;
    let client = pair.client(&[0]);
    let made = client.send::<_, CreateUserResponse>(CREATE, &create("a"), false).await.unwrap();
    assert_eq!(made.propagation, "");
    let client = client.with_consistency("strong").with_ack("committed").with_ack("all");
    let made = client.send::<_, CreateUserResponse>(CREATE, &create("b"), false).await.unwrap();
    assert_eq!((made.propagation.as_str(), made.is_stale), ("reached", false));
    pair.ahead.node.hold();
    let made = client.send::<_, CreateUserResponse>(CREATE, &create("c"), false).await.unwrap();
    assert_eq!(made.propagation, "pending");
    pair.close().await;
}

#[tokio::test]
async fn a_watch_tells_of_what_becomes_visible_and_goes_on_at_another_node() {
    let mut pair = Pair::new().await;
    let client = pair.client(&[0, 1]);
    let mut watch = client.watch(None);
    let now = watch.next().await.unwrap();
    assert_eq!(now.revision, pair.ahead.node.state().revision());
    let made = client.send::<_, CreateUserResponse>(CREATE, &create("a"), false).await.unwrap();
    let next = loop {
        let next = watch.next().await.unwrap();
        if next.revision > now.revision {
            break next;
        }
    };
    assert_eq!((next.revision, &next.token), (made.revision, &made.token));

    // The other node is behind: nothing is said twice, and nothing that is over.
    let spare = pair.behind.serve(Options::default()).await;
    std::mem::replace(&mut pair.at[0], spare).close().await;
    let made = {
        let behind = pair.client(&[1]);
        pair.behind.node.take(pair.ahead.node.state());
        behind.send::<_, CreateUserResponse>(CREATE, &create("b"), false).await.unwrap()
    };
    let next = loop {
        let told = watch.next().await.unwrap();
        assert!(told.revision >= next.revision);
        if told.revision > next.revision {
            break told;
        }
    };
    assert_eq!(next.revision, made.revision);
    pair.close().await;
}
