//! How a node behaves: numbers with defaults, and the parts it is made of.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use lag::HistoryLimits;
use store::{LogOptions, StateStore};

use crate::clock::Clock;
use crate::dice::Dice;
use crate::log_store::Threading;
use crate::machine::Apply;
use crate::network::Network;
use crate::recent::RecentLimits;
use crate::status::{Member, NodeId};

/// The feature level that this version writes into stamps.
pub const FEATURE_LEVEL: u32 = 1;

/// Numbers. The defaults suit voters on one network with an fsync of a few milliseconds, on two
/// cores each or shared.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which node this is.
    pub id: NodeId,
    /// What answers call it.
    pub name: Arc<str>,
    /// Where it stands, in the operator's words; may be empty.
    pub zone: String,
    /// Answers from a view that is too old to decide by, and says so, instead of refusing.
    pub serves_stale: bool,
    /// How often the leader gives a sign of life.
    pub heartbeat: Duration,
    /// Silence after which a follower wants an election, drawn from this range every time.
    pub election: Range<Duration>,
    /// How long a peer is waited for whose answer needs a disk.
    pub peer_patience: Duration,
    /// How long a follower may take to receive and write down a whole state.
    pub install_patience: Duration,
    /// Proposals that may wait for their stamp; more are refused.
    pub proposals_max: usize,
    /// How often a node confirms, through the leader, how new its view is.
    pub confirm_every: Duration,
    /// How often followers of the feed hear from this node.
    pub feed_heartbeat: Duration,
    /// What is kept for followers of the feed that come back.
    pub recent: RecentLimits,
    /// What is kept to be read exactly as it was.
    pub history: HistoryLimits,
    /// When checkpoints are made.
    pub checkpoint: CheckpointSettings,
    /// Sizes of the log.
    pub log: LogOptions,
    /// Where blocking work is done.
    pub threading: Threading,
    /// The feature level written into stamps.
    pub feature_level: u32,
}

/// When checkpoints are made, and how much of the log stays behind them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CheckpointSettings {
    /// Revisions since the last one that call for the next.
    pub revisions: u64,
    /// Time since the last one that calls for the next, if anything was applied.
    pub period: Duration,
    /// Entries that stay in the log behind the checkpoint, for followers that were away.
    pub log_tail: u64,
}

impl Default for CheckpointSettings {
    fn default() -> Self {
        CheckpointSettings { revisions: 50_000, period: Duration::from_secs(60), log_tail: 10_000 }
    }
}

impl Settings {
    /// Defaults for a node.
    pub fn new(id: NodeId) -> Self {
        Settings {
            id,
            name: format!("voter-{id}").into(),
            zone: String::new(),
            serves_stale: false,
            heartbeat: Duration::from_millis(100),
            election: Duration::from_millis(400)..Duration::from_millis(800),
            peer_patience: Duration::from_secs(2),
            install_patience: Duration::from_secs(60),
            proposals_max: 8_192,
            confirm_every: Duration::from_millis(100),
            feed_heartbeat: Duration::from_millis(150),
            recent: RecentLimits::default(),
            history: HistoryLimits::default(),
            checkpoint: CheckpointSettings::default(),
            log: LogOptions::default(),
            threading: Threading::Threads,
            feature_level: FEATURE_LEVEL,
        }
    }
}

/// What a node is made of. Another set of parts makes the same node run in a simulation.
pub struct Parts<D> {
    /// Holds the log.
    pub disk: D,
    /// Holds checkpoints; without it, the log is the only copy and never cut.
    pub checkpoints: Option<Box<dyn StateStore>>,
    /// Reaches the other nodes.
    pub network: Arc<dyn Network>,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Throws.
    pub dice: Arc<Dice>,
    /// What entries do: [`ops::apply`], except in tests.
    pub apply: Apply,
    /// Other voters to ask for the state when this node's own checkpoint is lost.
    pub seeds: Vec<Member>,
}
