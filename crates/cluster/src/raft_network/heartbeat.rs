//! Heartbeats to one follower: one stream, one at a time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::StreamExt;
use openraft::errors::RPCError;
use openraft::raft::{AppendEntriesRequest, StreamAppendResult};
use schema::peer::v1::{AppendReply, AppendRequest};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;

use super::{lost, rpc_error};
use crate::network::{LinkError, Messages, Peer};
use crate::raft::TypeConfig;
use crate::wire;

/// openraft opens a stream for every heartbeat; a call per heartbeat is what strong reads would pay
/// for.
#[derive(Default)]
pub(super) struct Heartbeats {
    open: Option<Open>,
}

struct Open {
    requests: mpsc::Sender<AppendRequest>,
    // openraft wants connections to be Sync, which a stream need not be.
    replies: Mutex<Messages<Result<AppendReply, LinkError>>>,
}

impl Heartbeats {
    /// Sends one heartbeat and waits for its answer.
    ///
    /// INVARIANT: the stream is put back only with no answer due, also when this future is dropped
    /// half-way, so that an answer never goes to another heartbeat than its own.
    pub(super) async fn beat(
        &mut self,
        peer: &Arc<dyn Peer>,
        request: AppendEntriesRequest<TypeConfig>,
        patience: Duration,
    ) -> Result<StreamAppendResult<TypeConfig>, RPCError<TypeConfig>> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => open_stream(peer, patience).await?,
        };
        let replies = open.replies.get_mut().unwrap_or_else(PoisonError::into_inner);
        let sent = open.requests.send(wire::append_request(&request)).await;
        sent.map_err(|_| lost("the stream is closed"))?;
        let reply = timeout(patience, replies.next()).await;
        let reply = reply.map_err(|_| lost("no answer in time"))?;
        let reply = reply.ok_or_else(|| lost("the stream ended without an answer"))?;
        let result = wire::read_append_reply(reply.map_err(rpc_error)?).map_err(lost)?;
        if result.is_ok() {
            self.open = Some(open);
        }
        Ok(result)
    }
}

async fn open_stream(
    peer: &Arc<dyn Peer>,
    patience: Duration,
) -> Result<Open, RPCError<TypeConfig>> {
    let (requests, receiver) = mpsc::channel(1);
    let opened = timeout(patience, peer.append(ReceiverStream::new(receiver).boxed())).await;
    let replies = opened.map_err(|_| lost("no answer in time"))?.map_err(rpc_error)?;
    Ok(Open { requests, replies: Mutex::new(replies) })
}
