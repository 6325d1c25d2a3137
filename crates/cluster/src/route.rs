//! Who leads, and the way there.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use openraft::async_runtime::watch::WatchReceiver;
use openraft::metrics::RaftServerMetrics;
use tokio::time::{Instant, timeout_at};

use crate::network::{Network, Peer};
use crate::raft::{Raft, TypeConfig};
use crate::runtime::watch;
use crate::status::{Member, NodeId};

/// Where a question to the leader goes.
pub(crate) enum Route {
    /// This node leads, as far as it knows.
    Here,
    /// Another one does.
    There(Arc<dyn Peer>),
    /// There is none, or it is not known yet.
    Nowhere,
}

/// A peer and the membership's word on it when it was connected.
type Known = (Member, Arc<dyn Peer>);

/// Finds the leader.
pub(crate) struct Router {
    id: NodeId,
    network: Arc<dyn Network>,
    metrics: watch::Receiver<RaftServerMetrics<TypeConfig>>,
    peers: Mutex<BTreeMap<NodeId, Known>>,
}

impl Router {
    pub(crate) fn new(id: NodeId, network: Arc<dyn Network>, raft: &Raft) -> Self {
        Router { id, network, metrics: raft.server_metrics(), peers: Mutex::default() }
    }

    /// The leader this node knows.
    pub(crate) fn leader(&self) -> Option<NodeId> {
        self.metrics.borrow_watched().current_leader
    }

    /// Does this node lead, as far as it knows?
    pub(crate) fn leads(&self) -> bool {
        self.leader() == Some(self.id)
    }

    /// The term in which this node leads, as far as it knows.
    pub(crate) fn term_led(&self) -> Option<u64> {
        let metrics = self.metrics.borrow_watched();
        (metrics.current_leader == Some(self.id)).then_some(metrics.vote.leader_id.term)
    }

    pub(crate) fn to_leader(&self) -> Route {
        match self.leader() {
            None => Route::Nowhere,
            Some(id) if id == self.id => Route::Here,
            Some(id) => self.peer(id).map_or(Route::Nowhere, Route::There),
        }
    }

    /// Waits until another leader is known or `pause` has passed, but not beyond the deadline.
    pub(crate) async fn wait_for_change(&self, pause: Duration, deadline: Instant) {
        let mut metrics = self.metrics.clone();
        let before = self.leader();
        let changed = async {
            while metrics.changed().await.is_ok() {
                if metrics.borrow_watched().current_leader != before {
                    return;
                }
            }
            // The node has stopped; the pause ends the wait.
            std::future::pending::<()>().await;
        };
        let until = deadline.min(Instant::now() + pause);
        let _ = timeout_at(until, changed).await;
    }

    /// The peer at the address that the membership names for it now.
    fn peer(&self, id: NodeId) -> Option<Arc<dyn Peer>> {
        let member = {
            let metrics = self.metrics.borrow_watched();
            let place = metrics.membership_config.membership().get_node(&id)?;
            let (peer_address, endpoint) = (place.peer_address.clone(), place.endpoint.clone());
            Member { id, peer_address, endpoint }
        };
        let mut peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        match peers.get(&id) {
            Some((known, peer)) if *known == member => Some(Arc::clone(peer)),
            _ => {
                let peer = self.network.peer(&member);
                peers.insert(id, (member, Arc::clone(&peer)));
                Some(peer)
            }
        }
    }
}
