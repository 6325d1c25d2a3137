//! The cell under test: hardware that survives, nodes that come and go.

mod clock;
mod disk;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cluster::network::memory::MemoryNetwork;
use cluster::network::{Network, Peer};
use cluster::{
    Backend, CheckpointSettings, Clock, Dice, HistoryLimits, Member, Node, NodeId, Parts,
    RecentLimits, StartError, Threading, TimerClock,
};
use futures::FutureExt;
use futures::future::Shared;
use replica::Replica;
use store::{LogOptions, MemoryDisk, MemoryState};
use tokio::sync::oneshot;

use crate::bug::Bug;
use crate::chance::Chance;
use crate::history::Life;
use crate::settings::{Drawn, Layer, Settings};
use crate::tape;
use crate::weather::Sky;
use crate::wires::Wires;
use clock::DriftingClock;
use disk::SimDisk;

pub(crate) const VOTERS: [NodeId; 3] = [1, 2, 3];
pub(crate) const REPLICA: NodeId = 4;
/// A replica that follows the replica, and nobody else.
pub(crate) const GRANDCHILD: NodeId = 5;
/// Both, in the order in which they start.
pub(crate) const REPLICAS: [NodeId; 2] = [REPLICA, GRANDCHILD];

/// Wall time at which every run begins, milliseconds.
const START_MS: u64 = 1_767_323_045_000;

/// A node as clients reach it.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) life: Life,
    pub(crate) backend: Arc<dyn Backend>,
    /// Resolves when the node is gone, and with it everything that it was asked.
    pub(crate) gone: Shared<oneshot::Receiver<()>>,
}

struct Running {
    door: Door,
    machine: Machine,
    /// The network reaches the node as long as this is held.
    _peer: Arc<dyn Peer>,
    /// Dropped with the node, which makes `gone` resolve.
    _life: oneshot::Sender<()>,
}

/// What runs, as its operator has it.
enum Machine {
    Voter(Node),
    Replica(Replica),
}

struct Hardware {
    disk: SimDisk,
    checkpoints: MemoryState,
}

pub(crate) struct Cell {
    /// Weather and cuts, and in one layer the connections too.
    pub(crate) network: MemoryNetwork,
    wires: Option<Wires>,
    pub(crate) sky: Arc<Sky>,
    drawn: Drawn,
    bug: Option<Bug>,
    chance: Chance,
    hardware: BTreeMap<NodeId, Hardware>,
    running: Mutex<BTreeMap<NodeId, Running>>,
    lives: Mutex<BTreeMap<NodeId, u64>>,
}

pub(crate) fn member(id: NodeId) -> Member {
    Member { id, peer_address: format!("node-{id}:1"), endpoint: format!("http://node-{id}") }
}

impl Cell {
    pub(crate) fn new(settings: &Settings, drawn: &Drawn, chance: Chance, sky: Sky) -> Self {
        let sky = Arc::new(sky);
        let lies = settings.bug == Some(Bug::SkipFsync);
        let hardware = VOTERS.map(|id| {
            let disk = SimDisk::new(MemoryDisk::default(), lies);
            (id, Hardware { disk, checkpoints: MemoryState::default() })
        });
        let network = MemoryNetwork::with_weather(sky.clone());
        Cell {
            wires: (settings.layer == Layer::Wires).then(|| Wires::under(&network)),
            network,
            sky,
            drawn: drawn.clone(),
            bug: settings.bug,
            chance,
            hardware: hardware.into(),
            running: Mutex::default(),
            lives: Mutex::default(),
        }
    }

    pub(crate) fn drawn(&self) -> &Drawn {
        &self.drawn
    }

    /// Starts a node, unless it runs. A voter that cannot start on its own disk is a violation.
    pub(crate) async fn boot(&self, id: NodeId) {
        if self.running().contains_key(&id) {
            return;
        }
        let life = self.begin(id);
        tape::event(format_args!("boot {life:?}"));
        let started = match id {
            REPLICA | GRANDCHILD => Ok(self.boot_replica(id)),
            _ => self.boot_voter(id).await,
        };
        match started {
            Ok((backend, peer, machine)) => {
                let (backend, peer) = match self.bug {
                    None => (backend, peer),
                    Some(bug) => {
                        let peer = bug.before_peers(Arc::clone(&backend), peer);
                        (bug.before_clients(backend), peer)
                    }
                };
                self.attach(id, &peer);
                let (end, gone) = oneshot::channel();
                let door = Door { life, backend, gone: gone.shared() };
                self.running().insert(id, Running { door, machine, _peer: peer, _life: end });
            }
            // Its checkpoint is lost, and for now nobody whom it reaches can help: it may try again.
            Err(StartError::State(why)) => {
                tape::count("no seed helped");
                tape::event(format_args!("node {id} waits: {why}"));
            }
            Err(why) => tape::violation(format!("node {id} cannot start: {why}")),
        }
    }

    fn begin(&self, node: NodeId) -> Life {
        let mut lives = self.lives.lock().unwrap_or_else(PoisonError::into_inner);
        let nth = lives.entry(node).or_default();
        *nth += 1;
        Life { node, nth: *nth }
    }

    async fn boot_voter(&self, id: NodeId) -> Result<Started, StartError> {
        let hardware = &self.hardware[&id];
        let skew_ms = self.chance.below(2 * self.drawn.skew_ms + 1);
        let parts = Parts {
            disk: hardware.disk.clone(),
            checkpoints: Some(Box::new(hardware.checkpoints.clone())),
            network: self.seen_from(id),
            clock: self.clock(START_MS + skew_ms),
            dice: Arc::new(Dice::seeded(self.chance.throw())),
            apply: tape::apply,
            seeds: VOTERS.map(member).into(),
        };
        let node = Node::start(node_settings(id), parts).await?;
        Ok((Arc::new(node.clone()), Arc::new(node.clone()), Machine::Voter(node)))
    }

    /// The others as a node reaches them.
    fn seen_from(&self, id: NodeId) -> Arc<dyn Network> {
        let network = match &self.wires {
            None => self.network.seen_from(id),
            Some(wires) => wires.seen_from(id),
        };
        match self.bug {
            None => network,
            Some(bug) => bug.around(network),
        }
    }

    fn attach(&self, id: NodeId, peer: &Arc<dyn Peer>) {
        match &self.wires {
            None => self.network.attach(id, peer),
            Some(wires) => wires.attach(id, peer),
        }
    }

    fn detach(&self, id: NodeId) {
        match &self.wires {
            None => self.network.detach(id),
            Some(wires) => wires.detach(id),
        }
    }

    /// A clock that runs off as far as the run allows, one way or the other.
    fn clock(&self, wall_start_ms: u64) -> Arc<dyn Clock> {
        let (off, most) = (self.chance.below(2 * self.drawn.drift_ppm + 1), self.drawn.drift_ppm);
        let rate_ppm = 1_000_000 + off - most;
        Arc::new(DriftingClock { clock: TimerClock::new(wall_start_ms), rate_ppm })
    }

    fn boot_replica(&self, id: NodeId) -> Started {
        let follow = if id == REPLICA { VOTERS.to_vec() } else { vec![REPLICA] };
        let follow = follow.into_iter().map(member).collect();
        let mut settings = replica::Settings::new(id, follow);
        settings.recent = RECENT;
        settings.history = HISTORY;
        if id == REPLICA && self.bug != Some(Bug::LagNotEnforced) {
            settings.plan = self.drawn.lag.clone();
        }
        let parts = replica::Parts {
            network: self.seen_from(id),
            clock: self.clock(START_MS),
            dice: Arc::new(Dice::seeded(self.chance.throw())),
        };
        let replica = Replica::start(settings, parts);
        (Arc::new(replica.clone()), Arc::new(replica.clone()), Machine::Replica(replica))
    }

    /// Cuts a node's power: what it had not synced is lost, torn or kept by chance.
    pub(crate) fn crash(&self, id: NodeId) {
        let Some(running) = self.running().remove(&id) else { return };
        tape::event(format_args!("crash {:?}", running.door.life));
        self.detach(id);
        match &running.machine {
            Machine::Voter(node) => {
                node.crash();
                tape::count("voter crashed");
                self.hardware[&id].disk.crash(self.chance.throw());
            }
            Machine::Replica(replica) => replica.stop(),
        }
    }

    /// Loses a voter's checkpoint, though not its log.
    pub(crate) fn lose_checkpoint(&self, id: NodeId) {
        self.hardware[&id].checkpoints.damage("it is lost");
    }

    /// The disk of a voter.
    pub(crate) fn disk(&self, id: NodeId) -> &SimDisk {
        &self.hardware[&id].disk
    }

    /// A node that runs, as clients reach it.
    pub(crate) fn door(&self, id: NodeId) -> Option<Door> {
        self.running().get(&id).map(|running| running.door.clone())
    }

    pub(crate) fn doors(&self) -> Vec<Door> {
        self.running().values().map(|running| running.door.clone()).collect()
    }

    /// A voter that runs, as its operator reaches it.
    pub(crate) fn node(&self, id: NodeId) -> Option<Node> {
        match &self.running().get(&id)?.machine {
            Machine::Voter(node) => Some(node.clone()),
            Machine::Replica(_) => None,
        }
    }

    /// A replica that runs, as its operator reaches it.
    pub(crate) fn replica(&self, id: NodeId) -> Option<Replica> {
        match &self.running().get(&id)?.machine {
            Machine::Replica(replica) => Some(replica.clone()),
            Machine::Voter(_) => None,
        }
    }

    /// The leader, as the running voter of the highest term knows it.
    pub(crate) fn leader(&self) -> Option<NodeId> {
        let doors = self.doors();
        let voters = doors.iter().filter(|door| VOTERS.contains(&door.life.node));
        let newest = voters.map(|door| door.backend.status()).max_by_key(|status| status.term);
        newest.and_then(|status| status.leader)
    }

    fn running(&self) -> MutexGuard<'_, BTreeMap<NodeId, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

type Started = (Arc<dyn Backend>, Arc<dyn Peer>, Machine);

/// Little, so that snapshots happen.
const RECENT: RecentLimits = RecentLimits { revisions: 60, changes: 400, bytes: 1 << 20 };

/// Little, so that revisions are often not retained any more.
const HISTORY: HistoryLimits = HistoryLimits { revisions: 60, bytes: 32 << 10 };

/// As in production, but with small limits, so that what is rare there happens here.
fn node_settings(id: NodeId) -> cluster::Settings {
    let mut settings = cluster::Settings::new(id);
    settings.threading = Threading::Inline;
    settings.log = LogOptions { segment_bytes: 32 << 10, cache_bytes: 16 << 10 };
    settings.recent = RECENT;
    settings.history = HISTORY;
    // A message that is lost breaks its stream, and only patience tells: there is no keepalive here.
    settings.install_patience = Duration::from_secs(4);
    settings.checkpoint =
        CheckpointSettings { revisions: 50, period: Duration::from_secs(2), log_tail: 30 };
    settings
}
