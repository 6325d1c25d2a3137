//! The node as its own front door sees it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use model::Level;
use openraft::async_runtime::watch::WatchReceiver;
use openraft::{Instant as _, ServerState};
use schema::model::v1 as stored;
use tokio::time::Instant;

use super::{Inner, Node};
use crate::ask::{self, Wanted};
use crate::backend::{
    Backend, Committed, Consistency, Lease, NotRetained, Ordering, Proposal, Seen, Unavailable,
};
use crate::freshness::millis_up;
use crate::propagation::Standings;
use crate::proposer::Refused;
use crate::route::Route;
use crate::status::{Member, MemberStatus, NodeStatus, Role};

/// How long to wait for news of a leader before asking again.
const PAUSE: Duration = Duration::from_millis(25);

#[async_trait]
impl Backend for Node {
    fn seen(&self) -> Seen {
        self.inner.seen()
    }

    async fn strong(&self, deadline: Instant) -> Result<Seen, Unavailable> {
        let inner = &self.inner;
        loop {
            let why = match inner.rounds.confirm(deadline, Wanted::Now).await {
                Ok(confirmed) => {
                    if !inner.machine.horizon.wait(confirmed.index, deadline).await {
                        return Err(inner.behind(confirmed.index));
                    }
                    if inner.freshness.note(confirmed) {
                        inner.machine.past.confirm(confirmed.index, confirmed.began);
                    }
                    return Ok(inner.seen());
                }
                Err(why) => why,
            };
            if Instant::now() + PAUSE >= deadline {
                return Err(Unavailable::nothing_done(why));
            }
            inner.router.wait_for_change(PAUSE, deadline).await;
        }
    }

    async fn at_least(&self, revision: u64, deadline: Instant) -> Result<Seen, Unavailable> {
        match self.inner.machine.horizon.wait(revision, deadline).await {
            true => Ok(self.inner.seen()),
            false => Err(self.inner.behind(revision)),
        }
    }

    fn exact(&self, revision: u64) -> Result<Seen, NotRetained> {
        let inner = &self.inner;
        inner.machine.past.at(revision, inner.seen(), &*inner.clock)
    }

    async fn propose(
        &self,
        proposal: Proposal,
        deadline: Instant,
    ) -> Result<Committed, Unavailable> {
        let committed = self.inner.propose(ask::entry(proposal), deadline).await?;
        // Committed is committed: a view that is late does not change the answer.
        self.inner.machine.horizon.wait(committed.revision, deadline).await;
        Ok(committed)
    }

    async fn propagated(&self, revision: u64, level: &Level, deadline: Instant) -> bool {
        let inner = &self.inner;
        let reached = inner.ask_leader(deadline, |route| async move {
            match route {
                Route::Here => inner.propagation.wait(revision, level, deadline).await.ok(),
                Route::There(leader) => {
                    ask::propagated(&*leader, revision, level, deadline).await.ok()
                }
                Route::Nowhere => None,
            }
        });
        reached.await.unwrap_or(false)
    }

    async fn standings(&self, deadline: Instant) -> Result<Standings, Unavailable> {
        let inner = &self.inner;
        let standings = inner.ask_leader(deadline, |route| async move {
            let patience = deadline.saturating_duration_since(Instant::now());
            match route {
                Route::Here => inner.propagation.standings().ok(),
                Route::There(leader) => ask::standings(&*leader, patience).await.ok(),
                Route::Nowhere => None,
            }
        });
        standings.await.ok_or_else(|| Unavailable::nothing_done("no leader is known"))
    }

    fn default_consistency(&self) -> Consistency {
        Consistency::Strong
    }

    fn status(&self) -> NodeStatus {
        self.inner.status()
    }
}

impl Inner {
    fn seen(&self) -> Seen {
        // The age first: the view can only be newer than what it was confirmed for.
        let newest_at = self.freshness.newest().map(|confirmed| confirmed.began);
        let now = self.clock.monotonic();
        let age_ms = newest_at.map_or(u64::MAX, |at| millis_up(now.saturating_sub(at)));
        let state = self.machine.view();
        let lease = Lease::of(&state, newest_at, now, self.serves_stale);
        let revision = state.revision();
        let (served_by, ordering) = (Arc::clone(&self.name), Ordering::Prefix);
        Seen { state, revision, age_ms, served_by, lease, ordering }
    }

    /// Asks whoever leads what changes nothing, until there is an answer or no time is left.
    async fn ask_leader<T, F>(&self, deadline: Instant, ask: impl Fn(Route) -> F) -> Option<T>
    where
        F: Future<Output = Option<T>>,
    {
        loop {
            match ask(self.router.to_leader()).await {
                Some(answer) => return Some(answer),
                None if Instant::now() + PAUSE >= deadline => return None,
                None => self.router.wait_for_change(PAUSE, deadline).await,
            }
        }
    }

    fn behind(&self, revision: u64) -> Unavailable {
        let here = self.machine.horizon.reached();
        Unavailable::nothing_done(format!("revision {revision} is wanted, {here} is here"))
    }

    /// Proposes here or to the leader, and again elsewhere only if the entry is known to be in no
    /// log.
    async fn propose(
        &self,
        entry: stored::Entry,
        deadline: Instant,
    ) -> Result<Committed, Unavailable> {
        loop {
            let refused = match self.router.to_leader() {
                Route::Here => self.proposer.propose(entry.clone(), deadline).await,
                Route::There(leader) => ask::propose(&*leader, entry.clone(), deadline).await,
                Route::Nowhere => Err(Refused::NotLeader(None)),
            };
            match refused {
                Ok(committed) => return Ok(committed),
                Err(Refused::FateUnknown(why)) => return Err(Unavailable::fate_unknown(why)),
                Err(Refused::Busy) => {
                    return Err(Unavailable::nothing_done(
                        "too many proposals wait, or this one is too large",
                    ));
                }
                Err(Refused::NotLeader(_)) => {}
            }
            if Instant::now() + PAUSE >= deadline {
                return Err(Unavailable::nothing_done("no leader took the proposal in time"));
            }
            self.router.wait_for_change(PAUSE, deadline).await;
        }
    }

    fn status(&self) -> NodeStatus {
        let watched = self.raft.metrics();
        // A core that panicked says nothing any more, and what it said last is no longer so.
        let gone = watched.is_closed();
        let metrics = watched.borrow_watched();
        let state = self.machine.view();
        let role = match (&metrics.running_state, metrics.state) {
            _ if gone => Role::Stopped,
            (Err(_), _) | (_, ServerState::Shutdown) => Role::Stopped,
            (_, ServerState::Learner) => Role::Learner,
            (_, ServerState::Follower) => Role::Follower,
            (_, ServerState::Candidate) => Role::Candidate,
            (_, ServerState::Leader) => Role::Leader,
        };
        let membership = metrics.membership_config.membership();
        let voters: Vec<u64> = membership.voter_ids().collect();
        let heard =
            |id: &u64| metrics.heartbeat.as_ref()?.get(id)?.map(|at| millis_up(at.elapsed()));
        let held = |id: &u64| metrics.replication.as_ref()?.get(id)?.map(|at| at.index);
        let members = membership.nodes().map(|(id, place)| MemberStatus {
            member: Member {
                id: *id,
                peer_address: place.peer_address.clone(),
                endpoint: place.endpoint.clone(),
            },
            voter: voters.contains(id),
            last_seen_ms: heard(id),
            held_revision: held(id),
        });
        NodeStatus {
            id: self.id,
            role,
            term: metrics.current_term,
            leader: metrics.current_leader,
            commit_revision: metrics
                .cluster_committed
                .map_or(0, |id| id.index)
                .max(state.revision()),
            applied_revision: state.revision(),
            checkpoint_revision: self.machine.keeper.saved_revision(),
            log_start_revision: self.log.first_index(),
            digest: hex(&state.digest()),
            age_ms: self.freshness.age().map(millis_up),
            members: members.collect(),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
