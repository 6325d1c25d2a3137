//! What a connection is doing: calls under way and the moment it last had one.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};
use tokio::time::Instant;
use tonic::Status;

/// The activity of one connection.
#[derive(Clone)]
pub(super) struct Activity(Arc<State>);

struct State {
    calls: AtomicUsize,
    begun: AtomicUsize,
    since: Mutex<Instant>,
}

/// A call under way, until it is dropped: which its answer's body does at its end.
pub(super) struct Underway(Activity);

impl Activity {
    /// Of a connection that has had no call yet.
    pub(super) fn new() -> Self {
        Activity(Arc::new(State {
            calls: AtomicUsize::new(0),
            begun: AtomicUsize::new(0),
            since: Mutex::new(Instant::now()),
        }))
    }

    /// A call begins.
    pub(super) fn begin(&self) -> Underway {
        self.0.calls.fetch_add(1, Ordering::Relaxed);
        self.0.begun.fetch_add(1, Ordering::Relaxed);
        Underway(self.clone())
    }

    /// When nothing is under way: whether there has ever been a call, and for how long there has
    /// been none.
    pub(super) fn idle(&self) -> Option<(bool, Duration)> {
        if self.0.calls.load(Ordering::Relaxed) > 0 {
            return None;
        }
        let since = *self.0.since.lock().unwrap_or_else(PoisonError::into_inner);
        Some((self.0.begun.load(Ordering::Relaxed) > 0, since.elapsed()))
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        let state = &self.0.0;
        *state.since.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        state.calls.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The body of an answer whose call is under way until the body is.
pub(super) struct Tracked {
    pub(super) body: tonic::body::Body,
    pub(super) _underway: Underway,
}

impl Body for Tracked {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn idle_begins_when_the_last_call_ends() {
        let activity = Activity::new();
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(activity.idle(), Some((false, Duration::from_secs(3))));
        let (first, second) = (activity.begin(), activity.begin());
        drop(first);
        assert_eq!(activity.idle(), None);
        drop(second);
        tokio::time::advance(Duration::from_secs(5)).await;
        assert_eq!(activity.idle(), Some((true, Duration::from_secs(5))));
    }
}
