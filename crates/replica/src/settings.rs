//! How a replica behaves, and the parts it is made of.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use cluster::network::Network;
use cluster::{Clock, Dice, HistoryLimits, Member, NodeId, RecentLimits};
use lag::Plan;

/// Numbers and names. The defaults suit voters on one network.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Which node this is. Replicas and voters share one range of numbers.
    pub id: NodeId,
    /// What answers call it.
    pub name: Arc<str>,
    /// Where it stands, in the operator's words; may be empty.
    pub zone: String,
    /// Answers from a view that is too old to decide by, and says so, instead of refusing.
    pub serves_stale: bool,
    /// How often it tells the leader how far it is, and so goes on to be allowed to decide.
    pub report_every: Duration,
    /// The nodes it may follow and ask, voters or other replicas. Any of them will do: it follows one, and another when
    /// that one fails.
    pub follow: Vec<Member>,
    /// By how much visibility is delayed.
    pub plan: Plan,
    /// Revisions that may wait to become visible; about so many, since they come in batches.
    pub waiting_max: usize,
    /// What of it is kept, once visible, to be read exactly as it was.
    pub history: HistoryLimits,
    /// A node that has vouched for nothing newer than this, and sends nothing, is left for another.
    pub stale_after: Duration,
    /// Pauses between attempts to follow: each is drawn from zero up to a limit that starts at the first of these and
    /// doubles up to the second.
    pub backoff: Range<Duration>,
    /// What is kept for replicas that follow this one and come back.
    pub recent: RecentLimits,
    /// How often replicas that follow this one hear from it.
    pub feed_heartbeat: Duration,
}

impl Settings {
    /// Defaults for a replica that follows these nodes.
    pub fn new(id: NodeId, follow: Vec<Member>) -> Self {
        Settings {
            id,
            name: format!("replica-{id}").into(),
            zone: String::new(),
            serves_stale: false,
            report_every: Duration::from_millis(250),
            follow,
            plan: Plan::default(),
            waiting_max: lag::WAITING_MAX,
            history: HistoryLimits::default(),
            stale_after: Duration::from_secs(3),
            backoff: Duration::from_millis(50)..Duration::from_secs(2),
            recent: RecentLimits::default(),
            feed_heartbeat: Duration::from_millis(150),
        }
    }
}

/// What a replica is made of. Another set of parts makes the same replica run in a simulation.
pub struct Parts {
    /// Reaches the nodes it follows.
    pub network: Arc<dyn Network>,
    /// Tells the time; ages are measured by its monotonic side.
    pub clock: Arc<dyn Clock>,
    /// Throws.
    pub dice: Arc<Dice>,
}
