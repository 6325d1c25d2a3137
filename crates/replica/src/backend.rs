//! The replica as its own front door sees it.

use async_trait::async_trait;
use cluster::ask::Wanted;
use cluster::{
    Backend, Committed, Consistency, Level, NodeStatus, NotRetained, Ordering, Proposal, Role,
    Seen, Standings, Unavailable, ask,
};
use std::sync::Arc;
use tokio::time::Instant;

use crate::{Inner, Replica};

#[async_trait]
impl Backend for Replica {
    fn seen(&self) -> Seen {
        self.inner.seen()
    }

    /// Takes as long as the lag plan delays what the leader has.
    async fn strong(&self, deadline: Instant) -> Result<Seen, Unavailable> {
        let inner = &self.inner;
        let began = inner.views.clock().monotonic();
        let who = inner.reporter.report();
        let revision = inner.leader.read_index(deadline, Wanted::Now, &who).await?;
        inner.views.lease(revision, began);
        self.at_least(revision, deadline).await
    }

    async fn at_least(&self, revision: u64, deadline: Instant) -> Result<Seen, Unavailable> {
        match self.inner.views.horizon.wait(revision, deadline).await {
            true => Ok(self.inner.seen()),
            false => {
                let here = self.inner.views.horizon.reached();
                let reason = format!("revision {revision} is wanted, {here} is visible here");
                Err(Unavailable::nothing_done(reason))
            }
        }
    }

    /// Where classes have their own times, a revision is shown as history had it: it is complete.
    fn exact(&self, revision: u64) -> Result<Seen, NotRetained> {
        let views = &self.inner.views;
        views.past.at(revision, self.inner.seen(), &**views.clock())
    }

    /// Returns when the leader has answered: a read here sees the write only later.
    async fn propose(
        &self,
        proposal: Proposal,
        deadline: Instant,
    ) -> Result<Committed, Unavailable> {
        self.inner.leader.propose(ask::entry(proposal), deadline).await
    }

    async fn propagated(&self, revision: u64, level: &Level, deadline: Instant) -> bool {
        self.inner.leader.propagated(revision, level, deadline).await.unwrap_or(false)
    }

    async fn standings(&self, deadline: Instant) -> Result<Standings, Unavailable> {
        self.inner.leader.standings(deadline).await
    }

    fn default_consistency(&self) -> Consistency {
        Consistency::Eventual
    }

    fn status(&self) -> NodeStatus {
        self.inner.status()
    }
}

impl Inner {
    fn seen(&self) -> Seen {
        let view = self.views.view();
        Seen {
            revision: view.state.revision(),
            state: view.state,
            age_ms: view.age_ms,
            served_by: Arc::clone(&self.name),
            lease: view.lease,
            ordering: match view.by_class {
                Some(reaches) => Ordering::Class { reaches },
                None => Ordering::Prefix,
            },
        }
    }

    fn status(&self) -> NodeStatus {
        let seen = self.seen();
        NodeStatus {
            id: self.id,
            role: Role::Replica,
            term: 0,
            leader: self.leader.id(),
            commit_revision: self.views.received().max(seen.revision),
            applied_revision: seen.revision,
            checkpoint_revision: 0,
            log_start_revision: 0,
            digest: seen.state.digest().iter().map(|byte| format!("{byte:02x}")).collect(),
            age_ms: (seen.age_ms != u64::MAX).then_some(seen.age_ms),
            members: Vec::new(),
        }
    }
}
