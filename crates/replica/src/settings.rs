//! How a replica behaves, and the parts it is made of.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use cluster::network::Network;
use cluster::{Clock, Dice, HistoryLimits, Member, NodeId};
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
    /// The voters it may follow and ask.
    pub voters: Vec<Member>,
    /// By how much visibility is delayed.
    pub plan: Plan,
    /// Revisions that may wait to become visible; about so many, since they come in batches.
    pub waiting_max: usize,
    /// What of it is kept, once visible, to be read exactly as it was.
    pub history: HistoryLimits,
    /// A voter that has vouched for nothing newer than this, and sends nothing, is left for another.
    pub stale_after: Duration,
    /// Pauses between attempts to follow: each is drawn from zero up to a limit that starts at the first of these and
    /// doubles up to the second.
    pub backoff: Range<Duration>,
}

impl Settings {
    /// Defaults for a replica of these voters.
    pub fn new(id: NodeId, voters: Vec<Member>) -> Self {
        Settings {
            id,
            name: format!("replica-{id}").into(),
            zone: String::new(),
            serves_stale: false,
            report_every: Duration::from_millis(250),
            voters,
            plan: Plan::default(),
            waiting_max: lag::WAITING_MAX,
            history: HistoryLimits::default(),
            stale_after: Duration::from_secs(3),
            backoff: Duration::from_millis(50)..Duration::from_secs(2),
        }
    }
}

/// What a replica is made of. Another set of parts makes the same replica run in a simulation.
pub struct Parts {
    /// Reaches the voters.
    pub network: Arc<dyn Network>,
    /// Tells the time; ages are measured by its monotonic side.
    pub clock: Arc<dyn Clock>,
    /// Throws.
    pub dice: Arc<Dice>,
}
