//! Strong reads: rounds in which the leader proves that it leads, each shared by all who wait for
//! it.

use std::sync::Arc;
use std::time::Duration;

use openraft::ReadPolicy;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::time::{Instant, timeout, timeout_at};

use crate::answer;
use crate::ask::{self, Wanted};
use crate::clock::Clock;
use crate::propagation::Propagation;
use crate::raft::Raft;
use crate::route::{Route, Router};
use crate::runtime::Context;

/// What a round proved: every write acknowledged before it began has a revision up to `index`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Confirmed {
    /// The revision.
    pub index: u64,
    /// When it began, by this node's monotonic clock; no earlier than this, where only that is known.
    pub began: Duration,
}

/// Somebody who wants a round, and how much.
struct Waiter {
    wanted: Wanted,
    result: oneshot::Sender<Result<Confirmed, String>>,
}

/// Rounds under way at once. Those who come during one need not wait for its end; more would only be smaller.
const ROUNDS_MAX: usize = 2;

/// A handle; clones share the rounds.
#[derive(Clone)]
pub(crate) struct Rounds {
    line: mpsc::UnboundedSender<Waiter>,
}

impl Rounds {
    pub(crate) fn start(
        raft: Raft,
        router: Arc<Router>,
        clock: Arc<dyn Clock>,
        patience: Duration,
        propagation: Arc<Propagation>,
        context: &Arc<Context>,
    ) -> Self {
        let (line, waiting) = mpsc::unbounded_channel();
        let conductor = Arc::new(Conductor { raft, router, clock, patience, propagation });
        drop(context.spawn(conductor.run(waiting, Arc::clone(context))));
        Rounds { line }
    }

    /// Takes part in the next round that begins. A failed round proves nothing and may be tried
    /// again.
    pub(crate) async fn confirm(
        &self,
        deadline: Instant,
        wanted: Wanted,
    ) -> Result<Confirmed, String> {
        let (result, confirmed) = oneshot::channel();
        self.line.send(Waiter { wanted, result }).map_err(|_| stopped())?;
        match timeout_at(deadline, confirmed).await {
            Ok(result) => result.unwrap_or_else(|_| Err(stopped())),
            Err(_) => Err("no quorum answered in time".into()),
        }
    }
}

fn stopped() -> String {
    "this node has stopped".into()
}

struct Conductor {
    raft: Raft,
    router: Arc<Router>,
    clock: Arc<dyn Clock>,
    patience: Duration,
    propagation: Arc<Propagation>,
}

impl Conductor {
    /// INVARIANT: whoever shares a round had arrived before it began: the line is emptied first,
    /// then the time is taken, then the round begins. Later arrivals wait for the next.
    async fn run(
        self: Arc<Self>,
        mut line: mpsc::UnboundedReceiver<Waiter>,
        context: Arc<Context>,
    ) {
        let room = Arc::new(Semaphore::new(ROUNDS_MAX));
        while let Some(first) = line.recv().await {
            // INVARIANT: the semaphore is never closed.
            let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
            let mut waiters = vec![first];
            while let Ok(waiter) = line.try_recv() {
                waiters.push(waiter);
            }
            waiters.retain(|waiter| !waiter.result.is_closed());
            let Some(wanted) = waiters.iter().map(|waiter| waiter.wanted).max() else { continue };
            let began = self.clock.monotonic();
            let conductor = Arc::clone(&self);
            drop(context.spawn(async move {
                let result = conductor.confirmed(began, wanted).await;
                drop(place);
                answer::in_portions(waiters, |waiter| drop(waiter.result.send(result.clone())))
                    .await;
            }));
        }
    }

    async fn confirmed(&self, began: Duration, wanted: Wanted) -> Result<Confirmed, String> {
        let round = timeout(self.patience, self.round(wanted)).await;
        let index = round.unwrap_or_else(|_| Err("no quorum answered in time".into()))?;
        Ok(Confirmed { index, began })
    }

    async fn round(&self, wanted: Wanted) -> Result<u64, String> {
        match self.router.to_leader() {
            Route::Here => {
                let proof = self.raft.get_read_linearizer(ReadPolicy::ReadIndex).await;
                proof.map(|proof| proof.read_log_id().index()).map_err(|e| e.to_string())
            }
            Route::There(leader) => {
                let who = self.propagation.report();
                let answer = ask::read_index(&*leader, self.patience, wanted, who).await;
                answer.map_err(|error| error.reason)
            }
            Route::Nowhere => Err("no leader is known".into()),
        }
    }
}
