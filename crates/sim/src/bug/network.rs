//! A leader that counts what it has only sent.

use std::pin::Pin;
use std::sync::Arc;

use cluster::Member;
use cluster::network::{LinkError, Messages, Network, Peer};
use futures::channel::mpsc;
use futures::{StreamExt, future, stream};
use schema::peer::v1::append_reply::Result as Reply;
use schema::peer::v1::{AppendReply, AppendRequest, Matched};

use super::Bug;
use super::peer::{Faulty, Side};

/// The network, in which peers seem to hold what was only sent to them.
pub(super) struct Hasty(pub(super) Arc<dyn Network>);

impl Network for Hasty {
    fn peer(&self, member: &Member) -> Arc<dyn Peer> {
        let peer = self.0.peer(member);
        Arc::new(Faulty { peer, side: Side::Caller, bug: Bug::AckBeforeQuorum })
    }
}

type Replies = Messages<Result<AppendReply, LinkError>>;

/// Sends entries, waits for nothing, and says that all of them are held. A stream without entries carries heartbeats,
/// which stay true: who leads is not in doubt here.
pub(super) fn append(peer: Arc<dyn Peer>, requests: Messages<AppendRequest>) -> Replies {
    let replies = stream::once(async move {
        let mut requests = requests.peekable();
        let first = Pin::new(&mut requests).peek().await;
        if first.is_some_and(|first| !first.entries.is_empty()) {
            return made_up(peer, requests.boxed());
        }
        match peer.append(requests.boxed()).await {
            Ok(replies) => replies,
            Err(error) => stream::once(future::ready(Err(error))).boxed(),
        }
    });
    replies.flatten().boxed()
}

fn made_up(peer: Arc<dyn Peer>, requests: Messages<AppendRequest>) -> Replies {
    let (copies, sent) = mpsc::unbounded();
    drop(tokio::spawn(async move {
        if let Ok(mut replies) = peer.append(sent.boxed()).await {
            while replies.next().await.is_some() {}
        }
    }));
    let replies = requests.map(move |request| {
        let last = request.entries.last().map(|entry| entry.id);
        let id = last.unwrap_or(request.previous);
        // Whether anybody takes it is not asked.
        let _ = copies.unbounded_send(request);
        Ok(AppendReply { result: Some(Reply::Matched(Matched { id })) })
    });
    replies.boxed()
}
