//! A node that tells its clients something else than it knows.

use std::sync::Arc;

use async_trait::async_trait;
use cluster::{
    Backend, Committed, Consistency, Lease, Level, NodeStatus, NotRetained, Proposal, Role, Seen,
    Standings, Unavailable,
};
use tokio::time::Instant;

use super::Bug;
use crate::settings::MAX_STALENESS_MS;

pub(super) struct Faulty {
    pub(super) node: Arc<dyn Backend>,
    pub(super) bug: Bug,
}

impl Faulty {
    fn told(&self, seen: Seen) -> Seen {
        match self.bug {
            Bug::AgeHalved if seen.age_ms < u64::MAX => Seen { age_ms: seen.age_ms / 2, ..seen },
            Bug::LeaseTooLong if seen.age_ms < 2 * MAX_STALENESS_MS => {
                Seen { lease: Lease::Held, ..seen }
            }
            _ => seen,
        }
    }
}

#[async_trait]
impl Backend for Faulty {
    fn seen(&self) -> Seen {
        self.told(self.node.seen())
    }

    async fn strong(&self, deadline: Instant) -> Result<Seen, Unavailable> {
        let unchecked = self.bug == Bug::ReadIndexWithoutTermCheck;
        if unchecked && self.node.status().role == Role::Leader {
            return Ok(self.node.seen());
        }
        self.node.strong(deadline).await.map(|seen| self.told(seen))
    }

    async fn at_least(&self, revision: u64, deadline: Instant) -> Result<Seen, Unavailable> {
        if self.bug == Bug::TokenIgnored {
            return Ok(self.node.seen());
        }
        self.node.at_least(revision, deadline).await.map(|seen| self.told(seen))
    }

    fn exact(&self, revision: u64) -> Result<Seen, NotRetained> {
        if self.bug == Bug::ExactFromNow {
            return Ok(Seen { revision, age_ms: u64::MAX, ..self.node.seen() });
        }
        self.node.exact(revision)
    }

    async fn propose(
        &self,
        proposal: Proposal,
        deadline: Instant,
    ) -> Result<Committed, Unavailable> {
        let done = self.node.propose(proposal, deadline).await;
        match done {
            Err(unavailable) if unavailable.maybe_applied && self.bug == Bug::AckUnknown => {
                let revision = self.node.seen().revision + 1;
                Ok(Committed { revision, outcome: Ok(bytes::Bytes::new()), ack: None })
            }
            done => done,
        }
    }

    async fn propagated(&self, revision: u64, level: &Level, deadline: Instant) -> bool {
        self.node.propagated(revision, level, deadline).await
    }

    async fn standings(&self, deadline: Instant) -> Result<Standings, Unavailable> {
        self.node.standings(deadline).await
    }

    fn default_consistency(&self) -> Consistency {
        self.node.default_consistency()
    }

    fn status(&self) -> NodeStatus {
        self.node.status()
    }
}
