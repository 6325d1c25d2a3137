//! The way to the leader, for what only it can answer: over a voter, or over a replica that passes questions on.

mod forward;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cluster::ask::{self, Refused, Unanswered, Wanted};
use cluster::network::{Network, Peer};
use cluster::{Committed, Level, Member, NodeId, Report, Standings, Unavailable};
use schema::model::v1::Entry;
use tokio::time::{Instant, sleep};

/// How long to wait before another node is asked.
const PAUSE: Duration = Duration::from_millis(25);

/// How long one node is waited for to prove that it leads.
const PROOF_PATIENCE: Duration = Duration::from_secs(1);

/// Asks whoever is believed to lead, or to know the way, and when it does not, whoever it names or simply the next.
pub(crate) struct Leader {
    nodes: Vec<(NodeId, Arc<dyn Peer>)>,
    believed: Mutex<Belief>,
}

#[derive(Default)]
struct Belief {
    /// Index of the node to ask.
    at: usize,
    /// Who leads, as somebody said and nobody denied.
    leader: Option<NodeId>,
}

impl Leader {
    pub(crate) fn new(network: &dyn Network, nodes: &[Member]) -> Self {
        let nodes = nodes.iter().map(|node| (node.id, network.peer(node))).collect();
        Leader { nodes, believed: Mutex::default() }
    }

    /// Who is believed to lead.
    pub(crate) fn id(&self) -> Option<NodeId> {
        self.believed().leader
    }

    /// Somebody says who leads.
    pub(crate) fn heard_of(&self, id: Option<NodeId>) {
        if id.is_none() {
            return;
        }
        let mut believed = self.believed();
        believed.leader = id;
        if let Some(at) = self.nodes.iter().position(|(node, _)| Some(*node) == id) {
            believed.at = at;
        }
    }

    /// `asked` neither leads nor knows the way; it may have named another.
    fn disbelieve(&self, asked: usize, named: Option<NodeId>) {
        {
            let mut believed = self.believed();
            if believed.at == asked {
                *believed = Belief { at: (asked + 1) % self.nodes.len(), leader: None };
            }
        }
        self.heard_of(named.filter(|id| self.nodes[asked].0 != *id));
    }

    /// Proposes an entry; again elsewhere only if it is known to be in no log.
    pub(crate) async fn propose(
        &self,
        entry: Entry,
        deadline: Instant,
    ) -> Result<Committed, Unavailable> {
        loop {
            let (asked, peer) = self.peer()?;
            let named = match ask::propose(&*peer, entry.clone(), deadline).await {
                Ok(committed) => return Ok(committed),
                Err(Refused::NotLeader(named)) => named,
                Err(Refused::Busy) => {
                    return Err(Unavailable::nothing_done("too many proposals wait"));
                }
                Err(Refused::FateUnknown(why)) => {
                    self.disbelieve(asked, None);
                    return Err(Unavailable::fate_unknown(why));
                }
            };
            self.disbelieve(asked, named);
            pause(deadline, || "no leader took the proposal in time".to_owned()).await?;
        }
    }

    /// The revision that a reader must have, to see every write acknowledged before this call.
    /// The leader takes down who asks.
    pub(crate) async fn read_index(
        &self,
        deadline: Instant,
        wanted: Wanted,
        who: &Report,
    ) -> Result<u64, Unavailable> {
        self.ask_until_answered(deadline, |peer, deadline| {
            let (patience, who) = (proof_patience(deadline), who.clone());
            async move { ask::read_index(&*peer, patience, wanted, who).await }
        })
        .await
    }

    /// Whether a committed revision became visible at a level in time.
    pub(crate) async fn propagated(
        &self,
        revision: u64,
        level: &Level,
        deadline: Instant,
    ) -> Result<bool, Unavailable> {
        self.ask_until_answered(deadline, |peer, deadline| async move {
            ask::propagated(&*peer, revision, level, deadline).await
        })
        .await
    }

    /// How far all nodes are.
    pub(crate) async fn standings(&self, deadline: Instant) -> Result<Standings, Unavailable> {
        self.ask_until_answered(deadline, |peer, deadline| async move {
            ask::standings(&*peer, proof_patience(deadline)).await
        })
        .await
    }

    /// Asks what changes nothing, of one node after the other.
    async fn ask_until_answered<T, F>(
        &self,
        deadline: Instant,
        ask: impl Fn(Arc<dyn Peer>, Instant) -> F,
    ) -> Result<T, Unavailable>
    where
        F: Future<Output = Result<T, Unanswered>>,
    {
        loop {
            let (asked, peer) = self.peer()?;
            match ask(peer, deadline).await {
                Ok(answer) => return Ok(answer),
                Err(unanswered) => {
                    self.disbelieve(asked, unanswered.leader);
                    pause(deadline, || unanswered.reason).await?;
                }
            }
        }
    }

    fn peer(&self) -> Result<(usize, Arc<dyn Peer>), Unavailable> {
        let at = self.believed().at;
        let peer = self.nodes.get(at).map(|(_, peer)| (at, Arc::clone(peer)));
        peer.ok_or_else(|| Unavailable::nothing_done("no node is known"))
    }

    fn believed(&self) -> MutexGuard<'_, Belief> {
        self.believed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn proof_patience(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now()).min(PROOF_PATIENCE)
}

async fn pause(deadline: Instant, why: impl FnOnce() -> String) -> Result<(), Unavailable> {
    if Instant::now() + PAUSE >= deadline {
        return Err(Unavailable::nothing_done(why()));
    }
    sleep(PAUSE).await;
    Ok(())
}
