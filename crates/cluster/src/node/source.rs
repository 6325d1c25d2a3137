//! The feed that a voter serves: what it has applied.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use model::State;
use schema::peer::v1::SnapshotMark;
use tokio::time::Instant;

use crate::feed::Source;
use crate::freshness::Freshness;
use crate::machine::Machine;
use crate::read_index::Confirmed;
use crate::recent::Recent;
use crate::route::Router;
use crate::status::NodeId;
use crate::wire;

/// A wait that is to have no end is one of these after the other.
const LONG: Duration = Duration::from_secs(3_600);

pub(super) struct Applied {
    pub(super) machine: Arc<Machine>,
    pub(super) freshness: Arc<Freshness>,
    pub(super) router: Arc<Router>,
}

#[async_trait]
impl Source for Applied {
    fn revision(&self) -> u64 {
        self.machine.horizon.reached()
    }

    async fn later_than(&self, revision: u64) {
        while !self.machine.horizon.wait(revision + 1, Instant::now() + LONG).await {}
    }

    fn state(&self) -> (Arc<State>, Option<SnapshotMark>) {
        let (meta, state) = self.machine.marked();
        (state, Some(wire::mark(&meta)))
    }

    fn recent(&self) -> &Recent {
        &self.machine.recent
    }

    fn confirmed(&self) -> Option<Confirmed> {
        self.freshness.newest()
    }

    fn leader(&self) -> Option<NodeId> {
        self.router.leader()
    }
}
