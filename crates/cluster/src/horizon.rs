//! How far this node has applied, and whoever waits for it to get further.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

/// A revision that only grows. Waiters are woken once, in the order of what they wait for.
#[derive(Debug, Default)]
pub struct Horizon {
    reached: AtomicU64,
    waiting: Mutex<BTreeMap<u64, Vec<oneshot::Sender<()>>>>,
}

impl Horizon {
    /// A horizon that has got this far.
    pub fn new(reached: u64) -> Self {
        Horizon { reached: AtomicU64::new(reached), waiting: Mutex::default() }
    }

    /// How far it has got.
    pub fn reached(&self) -> u64 {
        self.reached.load(Ordering::Acquire)
    }

    /// Everything up to `revision` can be seen from now on.
    pub fn reach(&self, revision: u64) {
        let ready = {
            let mut waiting = self.waiting();
            self.reached.fetch_max(revision, Ordering::AcqRel);
            let later = waiting.split_off(&revision.saturating_add(1));
            std::mem::replace(&mut *waiting, later)
        };
        for waiter in ready.into_values().flatten() {
            // Whoever gave up waiting has dropped the other end.
            let _ = waiter.send(());
        }
    }

    /// Waits until `revision` is reached; false when the deadline passes first.
    pub async fn wait(&self, revision: u64, deadline: Instant) -> bool {
        match self.line_up(revision) {
            None => true,
            Some(turn) => timeout_at(deadline, turn).await.is_ok_and(|woken| woken.is_ok()),
        }
    }

    fn line_up(&self, revision: u64) -> Option<oneshot::Receiver<()>> {
        if self.reached() >= revision {
            return None;
        }
        let mut waiting = self.waiting();
        // Checked again under the lock: `reach` may have passed by in between.
        if self.reached() >= revision {
            return None;
        }
        let (sender, receiver) = oneshot::channel();
        let line = waiting.entry(revision).or_default();
        line.retain(|waiter| !waiter.is_closed());
        line.push(sender);
        Some(receiver)
    }

    fn waiting(&self) -> MutexGuard<'_, BTreeMap<u64, Vec<oneshot::Sender<()>>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn waiters_wake_when_their_revision_is_reached_and_not_before() {
        let horizon = Arc::new(Horizon::new(5));
        let soon = || Instant::now() + Duration::from_secs(1);
        assert!(horizon.wait(5, soon()).await);
        assert!(!horizon.wait(6, soon()).await);
        let waiter = Arc::clone(&horizon);
        let seven = tokio::spawn(async move { waiter.wait(7, soon()).await });
        tokio::task::yield_now().await;
        horizon.reach(6);
        assert!(!seven.is_finished());
        horizon.reach(8);
        assert!(seven.await.unwrap());
        horizon.reach(3);
        assert_eq!(horizon.reached(), 8);
    }
}
