//! The news of a commit travels with the next entries, when there are any soon.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::{Stream, StreamExt};
use openraft::raft::AppendEntriesRequest;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::network::Messages;
use crate::raft::TypeConfig;

/// How long the news waits for entries to travel with.
const HOLD: Duration = Duration::from_millis(1);

/// How long a question from a follower lets the news travel alone.
const ASKED: Duration = Duration::from_secs(1);

/// When a follower last asked this node to write or to confirm something. Whoever asks waits for the news: what it
/// hears of a commit, it shows only once it has applied it.
#[derive(Debug)]
pub(crate) struct Asked {
    since: Instant,
    /// Microseconds after `since`, plus one; 0 for never.
    last_us: AtomicU64,
}

impl Default for Asked {
    fn default() -> Self {
        Asked { since: Instant::now(), last_us: AtomicU64::new(0) }
    }
}

impl Asked {
    /// A follower asks now.
    pub(crate) fn note(&self) {
        self.last_us.store(self.now_us() + 1, Ordering::Relaxed);
    }

    fn is_recent(&self) -> bool {
        let last_us = self.last_us.load(Ordering::Relaxed);
        last_us > 0 && self.now_us().saturating_sub(last_us) < ASKED.as_micros() as u64
    }

    fn now_us(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// Holds back requests without entries, which say no more than what is committed, for a moment: the next request says
/// that too. A lone writer otherwise costs every follower two messages for each write instead of one, and the second
/// one gets in the way of the answer.
///
/// The answer to a later request stands for those left out: openraft takes the greatest match.
pub(super) struct Hold {
    requests: Messages<AppendEntriesRequest<TypeConfig>>,
    asked: Arc<Asked>,
    held: Option<AppendEntriesRequest<TypeConfig>>,
    timer: Pin<Box<Sleep>>,
    over: bool,
}

impl Hold {
    pub(super) fn new(
        requests: Messages<AppendEntriesRequest<TypeConfig>>,
        asked: Arc<Asked>,
    ) -> Self {
        let timer = Box::pin(sleep_until(Instant::now()));
        Hold { requests, asked, held: None, timer, over: false }
    }
}

impl Stream for Hold {
    type Item = AppendEntriesRequest<TypeConfig>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        while !self.over {
            match self.requests.poll_next_unpin(cx) {
                Poll::Ready(Some(request)) => {
                    if !request.entries.is_empty() || self.asked.is_recent() {
                        self.held = None;
                        return Poll::Ready(Some(request));
                    }
                    if self.held.replace(request).is_none() {
                        self.timer.as_mut().reset(Instant::now() + HOLD);
                    }
                }
                Poll::Ready(None) => self.over = true,
                Poll::Pending => break,
            }
        }
        if self.over || (self.held.is_some() && self.timer.as_mut().poll(cx).is_ready()) {
            let held = self.held.take();
            return if held.is_some() || self.over { Poll::Ready(held) } else { Poll::Pending };
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use futures::{FutureExt, SinkExt, channel::mpsc};

    use super::*;
    use openraft::EntryPayload;

    use crate::raft::{Entry, LogId};
    use crate::wire;

    type Request = AppendEntriesRequest<TypeConfig>;

    fn id(index: u64) -> LogId {
        wire::read_log_id(&schema::peer::v1::LogId { term: 1, node: 1, index })
    }

    fn request(entries: std::ops::Range<u64>, commit: u64) -> Request {
        Request {
            vote: openraft::Vote::new_committed(1, 1),
            prev_log_id: entries.start.checked_sub(1).map(id),
            entries: entries
                .map(|index| Entry { log_id: id(index), payload: EntryPayload::Blank })
                .collect(),
            leader_commit: Some(id(commit)),
        }
    }

    fn hold(asked: &Arc<Asked>) -> (mpsc::UnboundedSender<Request>, Hold) {
        let (sender, receiver) = mpsc::unbounded();
        (sender, Hold::new(receiver.boxed(), Arc::clone(asked)))
    }

    fn commit(request: Option<Option<Request>>) -> Option<u64> {
        request.flatten().and_then(|request| request.leader_commit).map(|id| id.index)
    }

    #[tokio::test(start_paused = true)]
    async fn the_news_travels_with_entries_or_after_a_moment_alone() {
        let (mut sender, mut hold) = hold(&Arc::default());
        sender.send(request(5..5, 3)).await.unwrap();
        sender.send(request(5..5, 4)).await.unwrap();
        assert!(hold.next().now_or_never().is_none(), "it waits");
        sender.send(request(5..6, 4)).await.unwrap();
        let next = hold.next().now_or_never().flatten().unwrap();
        assert_eq!((next.entries.len(), next.leader_commit), (1, Some(id(4))));
        assert!(hold.next().now_or_never().is_none(), "it was told already");
        sender.send(request(6..6, 5)).await.unwrap();
        assert!(hold.next().now_or_never().is_none());
        let begun = Instant::now();
        assert_eq!(commit(Some(hold.next().await)), Some(5));
        assert!(begun.elapsed() <= 2 * HOLD, "{:?}", begun.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn who_asks_is_told_at_once() {
        let asked: Arc<Asked> = Arc::default();
        let (mut sender, mut hold) = hold(&asked);
        asked.note();
        sender.send(request(5..5, 3)).await.unwrap();
        assert_eq!(commit(hold.next().now_or_never()), Some(3));
        tokio::time::advance(2 * ASKED).await;
        sender.send(request(5..5, 4)).await.unwrap();
        assert!(hold.next().now_or_never().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_held_back_for_ever() {
        let (mut sender, mut hold) = hold(&Arc::default());
        sender.send(request(5..5, 3)).await.unwrap();
        drop(sender);
        assert_eq!(commit(hold.next().now_or_never()), Some(3));
        assert!(hold.next().await.is_none());
    }
}
