//! Three voters over real sockets on loopback, with logs and checkpoints on a real disk.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use cluster::feed::{Event, Subscription};
use cluster::network::grpc::{GrpcNetwork, PeerToken, serve};
use cluster::network::{Network, Peer};
use cluster::{Backend, Dice, Member, Node, NodeId, Parts, Role, Settings, SystemClock};
use futures::future::join_all;
use schema::peer::v1::{FollowStart, VoteRequest};
use store::{Checkpoint, RealDisk};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::support::{note, notes, proposal, soon, until};

struct Served {
    node: Node,
    stop: oneshot::Sender<()>,
    server: JoinHandle<()>,
}

struct Cell {
    directory: TempDir,
    addresses: BTreeMap<NodeId, SocketAddr>,
    served: BTreeMap<NodeId, Served>,
    tune: fn(&mut Settings),
}

fn token() -> PeerToken {
    PeerToken::derive(b"the cell's secret")
}

impl Cell {
    async fn start(tune: fn(&mut Settings)) -> Self {
        let mut cell = Cell {
            directory: TempDir::new().unwrap(),
            addresses: BTreeMap::new(),
            served: BTreeMap::new(),
            tune,
        };
        for id in 1..=3 {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            cell.addresses.insert(id, listener.local_addr().unwrap());
            cell.boot(id, listener).await;
        }
        let members: Vec<Member> = (1..=3).map(|id| cell.member(id)).collect();
        cell.node(1).init(&members).await.unwrap();
        cell
    }

    fn member(&self, id: NodeId) -> Member {
        let peer_address = self.addresses[&id].to_string();
        Member { id, peer_address, endpoint: String::new() }
    }

    fn node(&self, id: NodeId) -> &Node {
        &self.served[&id].node
    }

    async fn boot(&mut self, id: NodeId, listener: TcpListener) {
        let home = |what: &str| self.directory.path().join(format!("{id}-{what}"));
        let node = start_node(id, &home("log"), &home("state"), self.tune).await;
        let (stop, stopped) = oneshot::channel();
        let peer: Arc<dyn Peer> = Arc::new(node.clone());
        let server = tokio::spawn(async move {
            let stopped = async { drop(stopped.await) };
            serve(listener, peer, token(), stopped).await.unwrap();
        });
        self.served.insert(id, Served { node, stop, server });
    }

    async fn reboot(&mut self, id: NodeId) {
        let listener = TcpListener::bind(self.addresses[&id]).await.unwrap();
        self.boot(id, listener).await;
    }

    /// Stops a node and its server; its connections break.
    async fn stop(&mut self, id: NodeId) {
        let served = self.served.remove(&id).unwrap();
        served.server.abort();
        drop(served.stop);
        let _ = served.server.await;
        served.node.shutdown().await;
    }

    async fn leader(&self) -> NodeId {
        let mut leader = None;
        until("a leader", || {
            let leads = |served: &&Served| served.node.status().role == Role::Leader;
            leader = self.served.values().find(leads).map(|served| served.node.id());
            let knows = |served: &Served| served.node.status().leader == leader;
            leader.is_some() && self.served.values().all(knows)
        })
        .await;
        leader.unwrap()
    }

    async fn settle(&self) {
        until("all nodes are equal", || {
            let mut statuses = self.served.values().map(|served| served.node.status());
            let first = statuses.next().unwrap();
            statuses
                .all(|s| (s.applied_revision, &s.digest) == (first.applied_revision, &first.digest))
        })
        .await;
    }
}

async fn start_node(id: NodeId, log: &Path, state: &Path, tune: fn(&mut Settings)) -> Node {
    std::fs::create_dir_all(log).unwrap();
    let mut settings = Settings::new(id);
    settings.log.segment_bytes = 1 << 20;
    tune(&mut settings);
    let parts = Parts {
        disk: RealDisk::new(log).unwrap(),
        checkpoints: Some(Box::new(Checkpoint::open(state).unwrap())),
        network: Arc::new(GrpcNetwork::new(token())),
        clock: Arc::new(SystemClock::new()),
        dice: Arc::new(Dice::from_entropy()),
        apply: notes,
        seeds: Vec::new(),
    };
    Node::start(settings, parts).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_voters_write_read_fail_over_and_come_back() {
    let mut cell = Cell::start(|_| {}).await;
    let first = cell.leader().await;
    let writes = (0..300).map(|n| {
        let node = cell.node(n % 3 + 1).clone();
        async move { node.propose(proposal(&format!("n{n}={n}")), soon()).await }
    });
    let mut revisions = Vec::new();
    for committed in join_all(writes.collect::<Vec<_>>()).await {
        let committed = committed.unwrap();
        committed.outcome.unwrap();
        revisions.push(committed.revision);
    }
    revisions.sort_unstable();
    revisions.dedup();
    assert_eq!(revisions.len(), 300);
    for id in [1, 2, 3] {
        let seen = cell.node(id).strong(soon()).await.unwrap();
        assert_eq!(seen.state.operator_keys().len(), 300);
    }
    cell.stop(first).await;
    let second = cell.leader().await;
    assert_ne!(second, first);
    cell.node(second).propose(proposal("after=1"), soon()).await.unwrap();
    cell.reboot(first).await;
    cell.settle().await;
    let seen = cell.node(first).strong(soon()).await.unwrap();
    assert_eq!(note(&seen.state, "after").as_deref(), Some("1"));
    assert_eq!(note(&seen.state, "n299").as_deref(), Some("299"));
}

fn eager_checkpoints(settings: &mut Settings) {
    settings.checkpoint.revisions = 50;
    settings.checkpoint.log_tail = 10;
    settings.recent.revisions = 20;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn snapshots_of_several_messages_reach_followers_and_replicas() {
    let mut cell = Cell::start(eager_checkpoints).await;
    let leader = cell.leader().await;
    let away = leader % 3 + 1;
    cell.stop(away).await;
    let node = cell.node(leader).clone();
    for n in 0..120 {
        let big = format!("n{n}={}", "x".repeat(30_000));
        node.propose(proposal(&big), soon()).await.unwrap().outcome.unwrap();
    }
    until("the log is cut", || node.status().log_start_revision > 60).await;
    cell.reboot(away).await;
    cell.settle().await;
    assert!(cell.node(away).status().checkpoint_revision > 60);

    let voter = GrpcNetwork::new(token()).peer(&cell.member(away));
    let clock = Arc::new(SystemClock::new());
    let mut feed = Subscription::open(&*voter, clock, FollowStart::default()).await.unwrap();
    let Event::Replaced(state) = feed.next().await.unwrap() else { panic!("a snapshot") };
    assert_eq!(state.operator_keys().len(), 120);
    node.propose(proposal("news=1"), soon()).await.unwrap();
    let mut news = false;
    let mut vouched = false;
    while !(news && vouched) {
        match tokio::time::timeout(Duration::from_secs(5), feed.next()).await.unwrap().unwrap() {
            Event::Changed(revisions) => news |= revisions.iter().any(|r| !r.changes.is_empty()),
            Event::Vouched(word) => vouched |= word.commit_revision > state.revision(),
            Event::Alive => {}
            Event::Replaced(_) => panic!("one snapshot is enough"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_lacks_the_token_is_no_peer() {
    let cell = Cell::start(|_| {}).await;
    cell.leader().await;
    let stranger = GrpcNetwork::new(PeerToken::derive(b"another cell's secret"));
    let peer = stranger.peer(&cell.member(1));
    let patience = Duration::from_secs(5);
    let refused = peer.vote(VoteRequest::default(), patience).await.unwrap_err();
    assert!(refused.to_string().contains("not a node of the cell"), "{refused}");
    let clock = Arc::new(SystemClock::new());
    assert!(Subscription::open(&*peer, clock, FollowStart::default()).await.is_err());
    // A garbled request of a true peer is refused too, and changes nothing.
    let peer = GrpcNetwork::new(token()).peer(&cell.member(1));
    assert!(peer.vote(VoteRequest::default(), patience).await.is_err());
    cell.node(1).propose(proposal("a=1"), soon()).await.unwrap();
    // Nobody listens there: nothing was sent, and that is known.
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().to_string();
    let member = Member { id: 9, peer_address: nobody, endpoint: String::new() };
    let peer = GrpcNetwork::new(token()).peer(&member);
    let error = peer.ask(Default::default(), patience).await.unwrap_err();
    assert!(!error.maybe_arrived(), "{error}");
}
