//! A stream of appends that ends when an answer stays out.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::{Stream, StreamExt, future, stream};
use openraft::errors::RPCError;
use openraft::raft::{AppendEntriesRequest, StreamAppendResult};
use schema::peer::v1::AppendReply;
use tokio::time::{Instant, Sleep, sleep_until, timeout};

use super::{Results, lost, rpc_error};
use crate::network::{LinkError, Messages, Peer};
use crate::raft::TypeConfig;
use crate::wire;

/// Opens a stream to a peer. It yields an error and ends when requests are out and no answer comes
/// for `patience`: a connection that swallows messages looks like a slow one to TCP for minutes.
///
/// The first request is taken before the peer is called: openraft makes that wait after a failure,
/// so that a peer that is gone is not called again and again without a pause.
///
/// A stream that ends with answers due ends with an error: openraft takes a plain end for a task to go on with, and
/// after a mere update of the commit it goes on with the last real task, even one that it had given up, whose entries
/// may be purged by now.
pub(super) async fn append(
    peer: &Arc<dyn Peer>,
    mut requests: Messages<AppendEntriesRequest<TypeConfig>>,
    patience: Duration,
) -> Result<Results<'static>, RPCError<TypeConfig>> {
    let Some(first) = requests.next().await else {
        return Ok(stream::empty().boxed());
    };
    // The first counts as sent from here on, whether or not the peer ever takes it.
    let sent = Arc::new(AtomicU64::new(1));
    let counter = Arc::clone(&sent);
    let requests = requests.inspect(move |_| {
        counter.fetch_add(1, Ordering::AcqRel);
    });
    let requests = stream::once(future::ready(first)).chain(requests);
    let requests = requests.map(|request| wire::append_request(&request));
    let opened = timeout(patience, peer.append(requests.boxed())).await;
    let replies = opened.map_err(|_| lost("no answer in time"))?.map_err(rpc_error)?;
    let timer = Box::pin(sleep_until(Instant::now() + patience));
    Ok(Replies { replies, sent, answered: 0, patience, timer, over: false }.boxed())
}

struct Replies {
    replies: Messages<Result<AppendReply, LinkError>>,
    sent: Arc<AtomicU64>,
    answered: u64,
    patience: Duration,
    timer: Pin<Box<Sleep>>,
    over: bool,
}

impl Stream for Replies {
    type Item = Result<StreamAppendResult<TypeConfig>, RPCError<TypeConfig>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.over {
            return Poll::Ready(None);
        }
        if let Poll::Ready(reply) = self.replies.poll_next_unpin(cx) {
            let Some(reply) = reply else {
                self.over = true;
                let due = self.sent.load(Ordering::Acquire) > self.answered;
                return Poll::Ready(due.then(|| Err(lost("the stream ended before the answer"))));
            };
            self.answered += 1;
            self.rest();
            let reply = reply.map_err(rpc_error);
            return Poll::Ready(Some(reply.and_then(|r| wire::read_append_reply(r).map_err(lost))));
        }
        while self.timer.as_mut().poll(cx).is_ready() {
            if self.sent.load(Ordering::Acquire) > self.answered {
                self.over = true;
                return Poll::Ready(Some(Err(lost("no answer in time"))));
            }
            self.rest();
        }
        Poll::Pending
    }
}

impl Replies {
    fn rest(&mut self) {
        let deadline = Instant::now() + self.patience;
        self.timer.as_mut().reset(deadline);
    }
}
