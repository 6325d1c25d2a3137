//! A watch channel that wakes its receivers in the order in which they began to wait.
//!
//! tokio's wakes them in an order drawn from a generator that stable Rust cannot seed, so that two
//! simulations of one seed would differ.

use std::future::poll_fn;
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::task::{Context, Poll, Waker};

use openraft::async_runtime::watch::{
    RecvError, SendError, Watch as WatchTrait, WatchReceiver, WatchSender,
};

/// The family of channels, for openraft.
#[derive(Debug)]
pub struct Watch;

/// A borrowed value; hold it briefly, senders wait for it.
pub struct Ref<'a, T>(RwLockReadGuard<'a, T>);

impl<T> Deref for Ref<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

struct Shared<T> {
    // INVARIANT: `line` is only locked alone or after `value`, and the version changes only while
    // `value` is locked for writing, so whoever reads both under `value` sees a pair that belongs
    // together.
    value: RwLock<T>,
    line: Mutex<Line>,
}

#[derive(Default)]
struct Line {
    version: u64,
    senders: usize,
    receivers: usize,
    next_id: u64,
    waiting: Vec<(u64, Waker)>,
}

impl<T> Shared<T> {
    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self) -> RwLockReadGuard<'_, T> {
        self.value.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, T> {
        self.value.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Marks the value as changed and lets it go; then wakes who waits.
    fn publish(&self, value: RwLockWriteGuard<'_, T>) {
        let waiting = {
            let mut line = self.line();
            line.version += 1;
            std::mem::take(&mut line.waiting)
        };
        drop(value);
        for (_, waker) in waiting {
            waker.wake();
        }
    }

    fn join(shared: &Arc<Self>, seen: Option<u64>) -> Receiver<T> {
        let mut line = shared.line();
        line.receivers += 1;
        line.next_id += 1;
        let (id, seen) = (line.next_id, seen.unwrap_or(line.version));
        drop(line);
        Receiver { shared: Arc::clone(shared), id, seen }
    }
}

/// The sending side.
pub struct Sender<T>(Arc<Shared<T>>);

/// The receiving side, which remembers the last value it has seen.
pub struct Receiver<T> {
    shared: Arc<Shared<T>>,
    id: u64,
    seen: u64,
}

/// A channel that holds a first value, which its receiver counts as seen.
pub fn channel<T>(value: T) -> (Sender<T>, Receiver<T>) {
    let line = Line { senders: 1, ..Line::default() };
    let shared = Arc::new(Shared { value: RwLock::new(value), line: Mutex::new(line) });
    let receiver = Shared::join(&shared, None);
    (Sender(shared), receiver)
}

impl<T> Receiver<T> {
    /// Is there nobody left who could send?
    pub(crate) fn is_closed(&self) -> bool {
        self.shared.line().senders == 0
    }

    fn poll_changed(&mut self, cx: &Context<'_>) -> Poll<Result<(), RecvError>> {
        let mut line = self.shared.line();
        if line.version != self.seen {
            self.seen = line.version;
            return Poll::Ready(Ok(()));
        }
        if line.senders == 0 {
            return Poll::Ready(Err(RecvError(())));
        }
        match line.waiting.iter_mut().find(|(id, _)| *id == self.id) {
            Some((_, waker)) => waker.clone_from(cx.waker()),
            None => line.waiting.push((self.id, cx.waker().clone())),
        }
        Poll::Pending
    }
}

impl WatchTrait for Watch {
    type Sender<T: Send + Sync> = Sender<T>;
    type Receiver<T: Send + Sync> = Receiver<T>;
    type Ref<'a, T: Send + 'a> = Ref<'a, T>;

    fn channel<T: Send + Sync>(init: T) -> (Sender<T>, Receiver<T>) {
        channel(init)
    }
}

impl<T: Send + Sync> WatchSender<Watch, T> for Sender<T> {
    fn send(&self, value: T) -> Result<(), SendError<T>> {
        if self.0.line().receivers == 0 {
            return Err(SendError(value));
        }
        let mut held = self.0.write();
        *held = value;
        self.0.publish(held);
        Ok(())
    }

    fn send_if_modified<F>(&self, modify: F) -> bool
    where
        F: FnOnce(&mut T) -> bool,
    {
        let mut held = self.0.write();
        let modified = modify(&mut held);
        if modified {
            self.0.publish(held);
        }
        modified
    }

    fn borrow_watched(&self) -> Ref<'_, T> {
        Ref(self.0.read())
    }

    fn subscribe(&self) -> Receiver<T> {
        Shared::join(&self.0, None)
    }
}

impl<T: Send + Sync> WatchReceiver<Watch, T> for Receiver<T> {
    async fn changed(&mut self) -> Result<(), RecvError> {
        poll_fn(|cx| self.poll_changed(cx)).await
    }

    fn borrow_watched(&self) -> Ref<'_, T> {
        Ref(self.shared.read())
    }

    fn borrow_and_update(&mut self) -> Ref<'_, T> {
        let value = self.shared.read();
        self.seen = self.shared.line().version;
        Ref(value)
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.0.line().senders += 1;
        Sender(Arc::clone(&self.0))
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let waiting = {
            let mut line = self.0.line();
            line.senders -= 1;
            if line.senders > 0 {
                return;
            }
            std::mem::take(&mut line.waiting)
        };
        for (_, waker) in waiting {
            waker.wake();
        }
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        Shared::join(&self.shared, Some(self.seen))
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let mut line = self.shared.line();
        line.receivers -= 1;
        line.waiting.retain(|(id, _)| *id != self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn every_receiver_sees_the_newest_value_once() {
        let (sender, mut first) = channel(0);
        let mut second = first.clone();
        assert!(sender.send(1).is_ok());
        assert!(sender.send(2).is_ok());
        assert!(first.changed().await.is_ok());
        assert!(second.changed().await.is_ok());
        assert_eq!((*first.borrow_watched(), *second.borrow_and_update()), (2, 2));
        drop(sender);
        assert!(first.changed().await.is_err());
    }

    #[tokio::test(flavor = "current_thread")]
    async fn receivers_wake_in_the_order_they_came() {
        let (sender, receiver) = channel(0);
        let order = Arc::new(Mutex::new(Vec::new()));
        let tasks: Vec<_> = (0..32)
            .map(|n| {
                let (mut receiver, order) = (receiver.clone(), Arc::clone(&order));
                tokio::spawn(async move {
                    assert!(receiver.changed().await.is_ok());
                    order.lock().unwrap().push(n);
                })
            })
            .collect();
        tokio::task::yield_now().await;
        assert!(sender.send(1).is_ok());
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), (0..32).collect::<Vec<_>>());
    }

    #[test]
    fn sending_to_nobody_gives_the_value_back() {
        let (sender, receiver) = channel(0);
        drop(receiver);
        assert_eq!(sender.send(7).unwrap_err().0, 7);
        assert_eq!(*sender.borrow_watched(), 0);
    }
}
