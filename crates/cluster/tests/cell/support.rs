//! A cell in memory, and a world simple enough to see through.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cluster::network::Peer;
use cluster::network::memory::MemoryNetwork;
use cluster::{
    Backend, Committed, Dice, Member, Node, NodeId, Parts, Proposal, Role, Settings, Threading,
    TimerClock, Unavailable,
};
use model::State;
use ops::Applied;
use schema::Fault;
use schema::model::v1::{
    Caller, Change, Entity, Entry, OperatorKey, RequestContext, change, entity,
};
use store::{LogOptions, MemoryDisk, MemoryState};
use tokio::time::{Instant, sleep};

/// Wall time at which every test begins, milliseconds.
pub const START_MS: u64 = 1_700_000_000_000;

/// A world of named notes: the request is `name=value`; `refuse` is refused.
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
        created_ms: time_ms,
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

/// Waits for a condition, for as long as a slow machine needs.
pub async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        sleep(Duration::from_millis(10)).await;
    }
}

/// What of a node survives it.
#[derive(Clone)]
pub struct Hardware {
    pub disk: MemoryDisk,
    pub checkpoints: MemoryState,
}

/// A cell whose nodes can be stopped and started again.
pub struct Cell {
    pub network: MemoryNetwork,
    pub hardware: BTreeMap<NodeId, Hardware>,
    pub nodes: BTreeMap<NodeId, Node>,
    peers: BTreeMap<NodeId, Arc<dyn Peer>>,
    tune: fn(&mut Settings),
    seed: u64,
}

impl Cell {
    /// Voters 1 to `size`, initialized, with a leader.
    pub async fn start(size: u64) -> Self {
        Self::start_tuned(size, |_| {}).await
    }

    pub async fn start_tuned(size: u64, tune: fn(&mut Settings)) -> Self {
        Self::assemble(MemoryNetwork::default(), 7, size, tune).await
    }

    pub async fn start_on(network: MemoryNetwork, seed: u64, size: u64) -> Self {
        Self::assemble(network, seed, size, |_| {}).await
    }

    async fn assemble(
        network: MemoryNetwork,
        seed: u64,
        size: u64,
        tune: fn(&mut Settings),
    ) -> Self {
        let mut cell = Cell {
            network,
            hardware: BTreeMap::new(),
            nodes: BTreeMap::new(),
            peers: BTreeMap::new(),
            tune,
            seed,
        };
        for id in 1..=size {
            cell.boot(id).await;
        }
        let members: Vec<Member> = (1..=size).map(member).collect();
        cell.nodes[&1].init(&members).await.unwrap();
        cell.leader().await;
        cell
    }

    /// Starts a node on what its hardware holds.
    pub async fn boot(&mut self, id: NodeId) -> Node {
        let hardware = self.hardware.entry(id).or_insert_with(|| Hardware {
            disk: MemoryDisk::default(),
            checkpoints: MemoryState::default(),
        });
        self.seed += 1;
        let parts = Parts {
            disk: hardware.disk.clone(),
            checkpoints: Some(Box::new(hardware.checkpoints.clone())),
            network: self.network.seen_from(id),
            clock: Arc::new(TimerClock::new(START_MS)),
            dice: Arc::new(Dice::seeded(self.seed * 1_000 + id)),
            apply: notes,
            seeds: (1..=3).map(member).collect(),
        };
        let mut settings = Settings::new(id);
        settings.threading = Threading::Inline;
        settings.log = LogOptions { segment_bytes: 1 << 20, cache_bytes: 1 << 20 };
        (self.tune)(&mut settings);
        let node = Node::start(settings, parts).await.unwrap();
        let peer: Arc<dyn Peer> = Arc::new(node.clone());
        self.network.attach(id, &peer);
        self.peers.insert(id, peer);
        self.nodes.insert(id, node.clone());
        node
    }

    /// Cuts a node's power; what it had not synced is lost or not, by a seed.
    pub fn crash(&mut self, id: NodeId) {
        self.network.detach(id);
        self.nodes.remove(&id).unwrap().crash();
        self.peers.remove(&id);
        self.seed += 1;
        self.hardware[&id].disk.crash(self.seed);
    }

    /// The one leader that a majority agrees on.
    pub async fn leader(&self) -> NodeId {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let statuses: Vec<_> = self.nodes.values().map(Backend::status).collect();
            let leaders = statuses.iter().filter(|s| s.role == Role::Leader);
            if let Some(leader) = leaders.max_by_key(|s| s.term) {
                let agree = statuses.iter().filter(|s| s.leader == Some(leader.id)).count();
                if agree * 2 > leader.members.iter().filter(|m| m.voter).count() {
                    return leader.id;
                }
            }
            assert!(Instant::now() < deadline, "no leader: {statuses:?}");
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Some node that does not lead.
    pub async fn follower(&self) -> NodeId {
        let leader = self.leader().await;
        *self.nodes.keys().find(|id| **id != leader).unwrap()
    }

    pub async fn write(&self, at: NodeId, text: &str) -> Result<Committed, Unavailable> {
        self.nodes[&at].propose(proposal(text), soon()).await
    }

    /// Waits until every node has applied the same, and compares their states.
    pub async fn settle(&self) -> u64 {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let statuses: Vec<_> = self.nodes.values().map(Backend::status).collect();
            let newest = statuses.iter().map(|s| s.commit_revision).max().unwrap();
            if statuses.iter().all(|s| s.applied_revision == newest) {
                assert!(statuses.iter().all(|s| s.digest == statuses[0].digest), "{statuses:?}");
                return newest;
            }
            assert!(Instant::now() < deadline, "nodes did not settle: {statuses:?}");
            sleep(Duration::from_millis(10)).await;
        }
    }
}
