//! openraft's view of the network: its messages over a [`Peer`], with an end to every wait.

mod heartbeat;
mod hold;
mod patience;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use futures::{Stream, StreamExt, future, stream};
use model::State;
use openraft::OptionalSend;
use openraft::errors::{NetworkError, RPCError, ReplicationClosed, StreamingError, Unreachable};
use openraft::network::{RPCOption, RaftNetworkFactory, RaftNetworkV2};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, SnapshotResponse, StreamAppendResult,
    TransferLeaderRequest, TransferLeaderResponse, VoteRequest, VoteResponse,
};
use schema::peer::v1::{InstallHead, InstallRequest, install_request};

use crate::network::{LinkError, Messages, Network, Peer};
use crate::raft::{Place, Snapshot, TypeConfig, Vote};
use crate::snapshot::{self, Piece};
use crate::status::{Member, NodeId};
use crate::wire;

use heartbeat::Heartbeats;
pub(crate) use hold::Asked;
use hold::Hold;

type Results<'a> =
    openraft::base::BoxStream<'a, Result<StreamAppendResult<TypeConfig>, RPCError<TypeConfig>>>;

/// How long peers are waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// For the answer to log entries: they have to reach a disk.
    pub append: Duration,
    /// For a vote, which has to reach a disk too.
    pub vote: Duration,
    /// For a snapshot to be sent, unpacked and written.
    pub install: Duration,
}

/// Makes connections to peers.
pub(crate) struct Factory {
    network: Arc<dyn Network>,
    patience: Patience,
    asked: Arc<Asked>,
}

impl Factory {
    /// `asked`: when followers ask this node.
    pub(crate) fn new(network: Arc<dyn Network>, patience: Patience, asked: Arc<Asked>) -> Self {
        Factory { network, patience, asked }
    }

    fn connect(&self, target: NodeId, place: &Place) -> Connection {
        let member = Member {
            id: target,
            peer_address: place.peer_address.clone(),
            endpoint: place.endpoint.clone(),
        };
        let (peer, patience) = (self.network.peer(&member), self.patience);
        Connection { peer, patience, asked: Arc::clone(&self.asked), heartbeats: None }
    }
}

impl RaftNetworkFactory<TypeConfig> for Factory {
    type Network = Connection;

    async fn new_client(&mut self, target: NodeId, place: &Place) -> Connection {
        self.connect(target, place)
    }

    async fn new_heartbeat_client(&mut self, target: NodeId, place: &Place) -> Connection {
        let connection = self.connect(target, place);
        Connection { heartbeats: Some(Heartbeats::default()), ..connection }
    }
}

/// A connection to one peer for one purpose.
pub(crate) struct Connection {
    peer: Arc<dyn Peer>,
    patience: Patience,
    asked: Arc<Asked>,
    /// Set on a connection for heartbeats, which all go through one stream.
    heartbeats: Option<Heartbeats>,
}

impl RaftNetworkV2<TypeConfig> for Connection {
    type SnapshotData = Arc<State>;

    async fn append_entries(
        &mut self,
        request: AppendEntriesRequest<TypeConfig>,
        _option: RPCOption,
    ) -> Result<AppendEntriesResponse<TypeConfig>, RPCError<TypeConfig>> {
        let requests = stream::once(future::ready(request)).boxed();
        let mut results = patience::append(&self.peer, requests, self.patience.append).await?;
        match results.next().await {
            Some(result) => Ok(result?.into()),
            None => Err(lost("the stream ended without an answer")),
        }
    }

    fn stream_append<'s, S>(
        &'s mut self,
        mut input: S,
        _option: RPCOption,
    ) -> openraft::base::BoxFuture<'s, Result<Results<'s>, RPCError<TypeConfig>>>
    where
        S: Stream<Item = AppendEntriesRequest<TypeConfig>> + OptionalSend + Unpin + 'static,
    {
        Box::pin(async move {
            let Some(heartbeats) = &mut self.heartbeats else {
                let requests = Hold::new(input.boxed(), Arc::clone(&self.asked)).boxed();
                return patience::append(&self.peer, requests, self.patience.append).await;
            };
            let Some(request) = input.next().await else {
                return Ok(stream::empty().boxed());
            };
            let result = heartbeats.beat(&self.peer, request, self.patience.append).await;
            Ok(stream::once(future::ready(result)).boxed())
        })
    }

    async fn vote(
        &mut self,
        request: VoteRequest<TypeConfig>,
        _option: RPCOption,
    ) -> Result<VoteResponse<TypeConfig>, RPCError<TypeConfig>> {
        self.ask_for_vote(&request, false).await
    }

    async fn pre_vote(
        &mut self,
        request: VoteRequest<TypeConfig>,
        _option: RPCOption,
    ) -> Result<VoteResponse<TypeConfig>, RPCError<TypeConfig>> {
        self.ask_for_vote(&request, true).await
    }

    async fn full_snapshot(
        &mut self,
        vote: Vote,
        snapshot: Snapshot,
        cancel: impl Future<Output = ReplicationClosed> + OptionalSend + 'static,
        _option: RPCOption,
    ) -> Result<SnapshotResponse<TypeConfig>, StreamingError<TypeConfig>> {
        let parts = install_requests(vote, snapshot);
        let cancel = std::pin::pin!(cancel);
        let install = std::pin::pin!(self.peer.install(parts, self.patience.install));
        let reply = match future::select(cancel, install).await {
            future::Either::Left((closed, _)) => return Err(StreamingError::Closed(closed)),
            future::Either::Right((reply, _)) => reply.map_err(streaming_error)?,
        };
        let vote = wire::read_ballot(reply.ballot).map_err(NetworkError::from_string)?;
        Ok(SnapshotResponse::new(vote))
    }

    async fn transfer_leader(
        &mut self,
        request: TransferLeaderRequest<TypeConfig>,
        _option: RPCOption,
    ) -> Result<TransferLeaderResponse<TypeConfig>, RPCError<TypeConfig>> {
        let sent = self.peer.transfer(wire::transfer_request(&request), self.patience.vote);
        wire::read_transfer_reply(&request, sent.await.map_err(rpc_error)?).map_err(lost)
    }
}

impl Connection {
    async fn ask_for_vote(
        &self,
        request: &VoteRequest<TypeConfig>,
        rehearsal: bool,
    ) -> Result<VoteResponse<TypeConfig>, RPCError<TypeConfig>> {
        let sent = self.peer.vote(wire::vote_request(request, rehearsal), self.patience.vote);
        wire::read_vote_reply(sent.await.map_err(rpc_error)?).map_err(lost)
    }
}

fn install_requests(vote: Vote, snapshot: Snapshot) -> Messages<InstallRequest> {
    let pieces = snapshot::pieces(Some(wire::mark(&snapshot.meta)), snapshot.snapshot);
    let items = pieces.map(move |piece| match piece {
        Piece::Head(head) => install_request::Item::Head(InstallHead {
            ballot: Some(wire::ballot(&vote)),
            head: Some(head),
        }),
        Piece::Part(part) => install_request::Item::Part(part),
        Piece::End(end) => install_request::Item::End(end),
    });
    items.map(|item| InstallRequest { item: Some(item) }).boxed()
}

/// A peer that was not reached gets a rest before the next attempt; one that did not answer is
/// asked again at once.
fn rpc_error(error: LinkError) -> RPCError<TypeConfig> {
    match error {
        LinkError::NotSent(why) => RPCError::Unreachable(Unreachable::from_string(why)),
        LinkError::Lost(why) => RPCError::Network(NetworkError::from_string(why)),
    }
}

fn streaming_error(error: LinkError) -> StreamingError<TypeConfig> {
    match error {
        LinkError::NotSent(why) => StreamingError::Unreachable(Unreachable::from_string(why)),
        LinkError::Lost(why) => StreamingError::Network(NetworkError::from_string(why)),
    }
}

fn lost(why: impl ToString) -> RPCError<TypeConfig> {
    RPCError::Network(NetworkError::from_string(why))
}
