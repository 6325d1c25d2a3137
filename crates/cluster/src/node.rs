//! A voter: everything put together.

mod backend;
mod checkpoints;
mod membership;
mod peer;
mod rebuild;
mod source;
mod start;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{BoxFuture, Shared};
use openraft::async_runtime::watch::WatchReceiver;

use crate::clock::Clock;
use crate::feed::Feed;
use crate::freshness::Freshness;
use crate::log_store::SharedMarks;
use crate::machine::Machine;
use crate::propagation::Propagation;
use crate::proposer::Proposer;
use crate::raft::Raft;
use crate::raft_network::Asked;
use crate::read_index::Rounds;
use crate::route::Router;
use crate::runtime::Context;
use crate::status::NodeId;

pub use membership::ChangeError;

/// How soon it is noticed that consensus has stopped.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// A running node; clones are handles on the same one.
#[derive(Clone)]
pub struct Node {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    id: NodeId,
    name: Arc<str>,
    raft: Raft,
    pub(crate) machine: Arc<Machine>,
    pub(crate) router: Arc<Router>,
    proposer: Proposer,
    rounds: Rounds,
    asked: Arc<Asked>,
    freshness: Arc<Freshness>,
    propagation: Arc<Propagation>,
    clock: Arc<dyn Clock>,
    serves_stale: bool,
    feed: Arc<Feed>,
    context: Arc<Context>,
    log: SharedMarks,
    log_released: Shared<BoxFuture<'static, ()>>,
}

/// A node that cannot start.
#[derive(Debug)]
pub enum StartError {
    /// Its log cannot be read: it is damaged, or the disk fails.
    Log(std::io::Error),
    /// Its checkpoint cannot be read: the disk fails. (A damaged one is set aside.)
    Checkpoint(store::CheckpointError),
    /// Its state is lost and no seed gave it one.
    State(String),
    /// Settings contradict each other.
    Settings(String),
    /// The consensus library refused what it was given.
    Consensus(String),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StartError::Log(error) => write!(f, "the log cannot be opened: {error}"),
            StartError::Checkpoint(error) => write!(f, "the state cannot be loaded: {error}"),
            StartError::State(why) => write!(f, "the state is lost: {why}"),
            StartError::Settings(why) => write!(f, "the settings do not fit: {why}"),
            StartError::Consensus(why) => write!(f, "consensus cannot start: {why}"),
        }
    }
}

impl std::error::Error for StartError {}

impl Node {
    /// Which node this is.
    pub fn id(&self) -> NodeId {
        self.inner.id
    }

    /// Resolves with the reason when the node has stopped, most of all by itself: after a failure
    /// of its disk, or a broken invariant. Its process should end then, and be started again.
    pub async fn stopped(&self) -> String {
        let mut metrics = self.inner.raft.metrics();
        loop {
            if let Err(fatal) = &metrics.borrow_watched().running_state {
                return fatal.to_string();
            }
            if metrics.changed().await.is_err() {
                return "consensus has ended".to_owned();
            }
            // They change with every entry, and this task is not worth waking so often.
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Stops in order: what was accepted is on disk, and all files are free when this returns.
    pub async fn shutdown(&self) {
        if let Err(error) = self.inner.raft.shutdown().await {
            tracing::warn!(%error, "consensus did not stop in order");
        }
        self.inner.context.abort_all();
        self.inner.machine.keeper.close().await;
        self.inner.log_released.clone().await;
    }

    /// Stops where it stands, as a power cut would: for simulations.
    pub fn crash(&self) {
        self.inner.context.abort_all();
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("id", &self.inner.id).finish_non_exhaustive()
    }
}
