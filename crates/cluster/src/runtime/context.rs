//! What every task of one node shares: its dice, and the list by which all of them can be stopped
//! at once.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;
use tokio::task::{AbortHandle, JoinHandle};

use crate::dice::Dice;

tokio::task_local! {
    static CURRENT: Arc<Context>;
}

/// A node, as its tasks see it. Tasks spawned by a task of the node belong to the node.
#[derive(Debug)]
pub(crate) struct Context {
    dice: Arc<Dice>,
    tasks: Mutex<Tasks>,
}

#[derive(Debug, Default)]
struct Tasks {
    handles: Vec<AbortHandle>,
    /// Finished tasks are dropped from the list when it has grown to this.
    sweep_at: usize,
    closed: bool,
}

impl Context {
    pub(crate) fn new(dice: Arc<Dice>) -> Arc<Self> {
        Arc::new(Context { dice, tasks: Mutex::default() })
    }

    /// Runs a future as part of the node.
    pub(crate) fn scope<F: Future>(
        self: &Arc<Self>,
        future: F,
    ) -> impl Future<Output = F::Output> + use<F> {
        CURRENT.scope(Arc::clone(self), future)
    }

    /// Runs a closure as part of the node: what it spawns belongs to the node.
    pub(crate) fn enter<T>(self: &Arc<Self>, run: impl FnOnce() -> T) -> T {
        CURRENT.sync_scope(Arc::clone(self), run)
    }

    /// Spawns a task of the node.
    pub(crate) fn spawn<F>(self: &Arc<Self>, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        let handle = tokio::spawn(self.scope(future));
        self.keep(handle.abort_handle());
        handle
    }

    /// Stops every task of the node where it stands, as a power cut would.
    pub(crate) fn abort_all(&self) {
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        tasks.closed = true;
        for handle in tasks.handles.drain(..) {
            handle.abort();
        }
    }

    /// Spawns a task of the node whose task is running, or a free one outside of any.
    pub(crate) fn spawn_current<F>(future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        match CURRENT.try_with(Arc::clone) {
            Ok(context) => context.spawn(future),
            Err(_) => tokio::spawn(future),
        }
    }

    /// A generator drawn from the node's dice, or from the operating system outside of any node.
    pub(super) fn current_rng() -> ChaCha8Rng {
        CURRENT
            .try_with(|context| ChaCha8Rng::seed_from_u64(context.dice.throw()))
            .unwrap_or_else(|_| rand::make_rng())
    }

    fn keep(&self, handle: AbortHandle) {
        const SWEEP_MIN: usize = 64;
        let mut tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        if tasks.closed {
            handle.abort();
            return;
        }
        if tasks.handles.len() >= tasks.sweep_at {
            tasks.handles.retain(|handle| !handle.is_finished());
            tasks.sweep_at = (tasks.handles.len() * 2).max(SWEEP_MIN);
        }
        tasks.handles.push(handle);
    }
}
