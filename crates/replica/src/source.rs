//! The feed that a replica serves: what it has received. Its own lag plan is for its own readers, so lags do not add up
//! along a tree.

use std::sync::Arc;

use async_trait::async_trait;
use cluster::feed::Source;
use cluster::{Confirmed, NodeId, Recent};
use model::State;
use schema::peer::v1::SnapshotMark;

use crate::leader::Leader;
use crate::views::Views;

pub(crate) struct Received {
    pub(crate) views: Arc<Views>,
    pub(crate) leader: Arc<Leader>,
}

#[async_trait]
impl Source for Received {
    fn revision(&self) -> u64 {
        self.views.kept.received()
    }

    async fn later_than(&self, revision: u64) {
        self.views.kept.later_than(revision).await;
    }

    fn state(&self) -> (Arc<State>, Option<SnapshotMark>) {
        (Arc::new(self.views.newest().unwrap_or_default()), None)
    }

    fn recent(&self) -> &Recent {
        self.views.kept.recent()
    }

    fn confirmed(&self) -> Option<Confirmed> {
        self.views.kept.freshest()
    }

    fn leader(&self) -> Option<NodeId> {
        self.leader.id()
    }
}
