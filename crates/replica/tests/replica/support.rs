//! Three voters and some replicas in memory, and a world simple enough to see through.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cluster::network::memory::MemoryNetwork;
use cluster::network::{Network, Peer};
use cluster::{
    Backend, Dice, Level, Member, Node, NodeId, Parts, Proposal, RecentLimits, Role, Settings,
    Threading, TimerClock,
};
use model::State;
use ops::Applied;
use replica::Replica;
use schema::Fault;
use schema::model::v1::{
    Caller, Change, Entity, Entry, OperatorKey, RequestContext, change, entity,
};
use store::{LogOptions, MemoryDisk, MemoryState};
use tokio::time::{Instant, sleep};

pub const VOTERS: [NodeId; 3] = [1, 2, 3];
pub const REPLICA: NodeId = 9;

/// A world of named notes: the request is `name=value`, anything else is refused.
pub fn notes(state: State, entry: &Entry, revision: u64) -> Applied {
    let time_ms = entry.stamp.as_ref().map_or(0, |stamp| stamp.time_ms);
    let text = String::from_utf8_lossy(&entry.request).into_owned();
    let Some((name, value)) = text.split_once('=') else {
        let state = state.advanced(revision, time_ms);
        let outcome = Err(Fault::new("Refused", text));
        return Applied { state, outcome, changes: Vec::new(), ack: None };
    };
    let note = OperatorKey {
        access_key_id: name.into(),
        description: value.into(),
        ..OperatorKey::default()
    };
    let put = change::Kind::Put(Entity { kind: Some(entity::Kind::OperatorKey(note)) });
    let changes = vec![Change { kind: Some(put) }];
    let state = state.changed(revision, time_ms, &changes).unwrap();
    Applied { state, outcome: Ok(Bytes::from(format!("{name} is {value}"))), changes, ack: None }
}

/// The value of a note.
pub fn note(state: &State, name: &str) -> Option<String> {
    state.operator_keys().get(name).map(|note| note.description.clone())
}

pub fn proposal(text: &str) -> Proposal {
    Proposal {
        operation: 1,
        request: Bytes::copy_from_slice(text.as_bytes()),
        request_id: text.to_owned(),
        caller: Caller::default(),
        context: RequestContext::default(),
        sealed: None,
        awaited: false,
    }
}

pub fn member(id: NodeId) -> Member {
    Member { id, peer_address: format!("node-{id}:1"), endpoint: format!("http://node-{id}") }
}

pub fn soon() -> Instant {
    Instant::now() + Duration::from_secs(5)
}

pub fn millis(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// Waits for a condition, for as long as a slow machine needs.
pub async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        sleep(millis(5)).await;
    }
}

pub struct Cell {
    pub network: MemoryNetwork,
    pub nodes: BTreeMap<NodeId, Node>,
    peers: BTreeMap<NodeId, Arc<dyn Peer>>,
    recent: RecentLimits,
}

impl Cell {
    /// Three voters with a leader. Followers of the feed find `recent` revisions kept for them.
    pub async fn start(recent: usize) -> Self {
        let recent = RecentLimits { revisions: recent, changes: 1_000, ..RecentLimits::default() };
        let network = MemoryNetwork::default();
        let mut cell = Cell { network, nodes: BTreeMap::new(), peers: BTreeMap::new(), recent };
        for id in VOTERS {
            cell.boot(id).await;
        }
        cell.nodes[&1].init(&VOTERS.map(member)).await.unwrap();
        cell.leader().await;
        cell
    }

    async fn boot(&mut self, id: NodeId) {
        let parts = Parts {
            disk: MemoryDisk::default(),
            checkpoints: Some(Box::new(MemoryState::default())),
            network: self.network.seen_from(id),
            clock: Arc::new(TimerClock::new(1_700_000_000_000)),
            dice: Arc::new(Dice::seeded(id)),
            apply: notes,
            seeds: Vec::new(),
        };
        let mut settings = Settings::new(id);
        settings.threading = Threading::Inline;
        settings.recent = self.recent;
        settings.log = LogOptions { segment_bytes: 1 << 20, cache_bytes: 1 << 20 };
        let node = Node::start(settings, parts).await.unwrap();
        let peer: Arc<dyn Peer> = Arc::new(node.clone());
        self.network.attach(id, &peer);
        self.peers.insert(id, peer);
        self.nodes.insert(id, node);
    }

    /// Cuts a voter's power for good.
    pub fn crash(&mut self, id: NodeId) {
        self.network.detach(id);
        self.peers.remove(&id);
        self.nodes.remove(&id).unwrap().crash();
    }

    /// The leader that a majority agrees on.
    pub async fn leader(&self) -> NodeId {
        let mut agreed = None;
        until("a leader", || {
            let statuses: Vec<_> = self.nodes.values().map(Backend::status).collect();
            agreed = statuses.iter().find(|s| s.role == Role::Leader).map(|s| s.id);
            agreed.is_some() && statuses.iter().filter(|s| s.leader == agreed).count() > 1
        })
        .await;
        agreed.unwrap()
    }

    /// Writes a note at the leader; gives the revision.
    pub async fn write(&self, text: &str) -> u64 {
        let leader = self.leader().await;
        self.nodes[&leader].propose(proposal(text), soon()).await.unwrap().revision
    }

    pub fn replica(&self, tune: impl FnOnce(&mut replica::Settings)) -> Replica {
        self.replica_through(self.network.seen_from(REPLICA), tune)
    }

    pub fn replica_through(
        &self,
        network: Arc<dyn Network>,
        tune: impl FnOnce(&mut replica::Settings),
    ) -> Replica {
        start_replica(REPLICA, &VOTERS, network, tune)
    }

    /// A replica that follows these nodes and may be followed itself.
    pub fn parent(
        &self,
        id: NodeId,
        follow: &[NodeId],
        tune: impl FnOnce(&mut replica::Settings),
    ) -> Parent {
        let replica = start_replica(id, follow, self.network.seen_from(id), tune);
        let peer: Arc<dyn Peer> = Arc::new(replica.clone());
        self.network.attach(id, &peer);
        Parent { replica, peer, network: self.network.clone(), id }
    }
}

fn start_replica(
    id: NodeId,
    follow: &[NodeId],
    network: Arc<dyn Network>,
    tune: impl FnOnce(&mut replica::Settings),
) -> Replica {
    let follow = follow.iter().copied().map(member).collect();
    let mut settings = replica::Settings::new(id, follow);
    tune(&mut settings);
    let clock = Arc::new(TimerClock::new(1_800_000_000_000));
    let dice = Arc::new(Dice::seeded(id));
    Replica::start(settings, replica::Parts { network, clock, dice })
}

/// A replica that others reach, as long as this is held.
pub struct Parent {
    replica: Replica,
    pub peer: Arc<dyn Peer>,
    network: MemoryNetwork,
    id: NodeId,
}

impl Parent {
    /// Ends its process.
    pub fn kill(self) {
        self.network.detach(self.id);
        self.replica.stop();
    }
}

impl Deref for Parent {
    type Target = Replica;

    fn deref(&self) -> &Replica {
        &self.replica
    }
}

/// Writes for which somebody waits are reported by a replica as soon as it shows them, one of so many.
pub async fn awaited_writes_are_shown_at_once(leader: &Node, replica: &Replica, replicas: u32) {
    for n in 0..3 {
        let mut awaited = proposal(&format!("a={n}"));
        awaited.awaited = true;
        let revision = leader.propose(awaited, soon()).await.unwrap().revision;
        let began = Instant::now();
        assert!(leader.propagated(revision, &Level::All, soon()).await);
        assert!(replica.seen().revision >= revision);
        assert!(began.elapsed() < millis(100), "{:?}", began.elapsed());
        assert!(replica.propagated(revision, &Level::Replicas(replicas), soon()).await);
    }
}
