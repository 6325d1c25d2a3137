//! A peer at the other end of a connection.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use ::tonic::transport::{Channel, Endpoint};
use ::tonic::{Request, Status, Streaming};
use async_trait::async_trait;
use futures::{Stream, StreamExt};
use schema::peer::v1::peer_client::PeerClient;
use schema::peer::v1::{
    AppendReply, AppendRequest, AskReply, AskRequest, FeedItem, FollowRequest, InstallReply,
    InstallRequest, TransferReply, TransferRequest, VoteReply, VoteRequest,
};
use tokio::time::timeout;

use super::asks::Asks;
use super::token::PeerToken;
use super::{
    CONNECT_PATIENCE, CONNECTION_WINDOW, KEEPALIVE_PATIENCE, KEEPALIVE_PERIOD, MESSAGE_BYTES_MAX,
    STREAM_WINDOW, link_error,
};
use crate::network::{LinkError, Messages, Peer};

pub(super) type Client = PeerClient<Channel>;

/// One connection, which comes about with the first call and again when it is lost.
pub(super) struct GrpcPeer {
    line: Result<Line, String>,
    asks: Asks,
}

/// A client and what its calls carry.
#[derive(Clone)]
pub(super) struct Line {
    client: Client,
    token: PeerToken,
}

impl Line {
    pub(super) fn client(&self) -> Client {
        self.client.clone()
    }

    pub(super) fn signed<T>(&self, message: T) -> Request<T> {
        let mut request = Request::new(message);
        self.token.sign(&mut request);
        request
    }

    fn timed<T>(&self, message: T, patience: Duration) -> Request<T> {
        let mut request = self.signed(message);
        request.set_timeout(patience);
        request
    }
}

impl GrpcPeer {
    pub(super) fn new(channel: Result<Channel, String>, token: &PeerToken) -> Self {
        let line = channel.map(|channel| Line { client: client(channel), token: token.clone() });
        GrpcPeer { line, asks: Asks::default() }
    }

    fn line(&self) -> Result<&Line, LinkError> {
        self.line.as_ref().map_err(|why| LinkError::NotSent(why.clone()))
    }
}

pub(super) fn endpoint(address: &str) -> Result<Endpoint, ::tonic::transport::Error> {
    let endpoint = Endpoint::from_shared(format!("http://{address}"))?;
    Ok(endpoint
        .connect_timeout(CONNECT_PATIENCE)
        .tcp_nodelay(true)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .http2_keep_alive_interval(KEEPALIVE_PERIOD)
        .keep_alive_timeout(KEEPALIVE_PATIENCE)
        .keep_alive_while_idle(true))
}

fn client(channel: Channel) -> Client {
    PeerClient::new(channel)
        .max_decoding_message_size(MESSAGE_BYTES_MAX)
        .max_encoding_message_size(MESSAGE_BYTES_MAX)
}

/// A stream of messages under a name of its own: the compiler cannot carry the trait object's
/// lifetime through tonic's bounds inside an async trait.
struct Outgoing<T>(Messages<T>);

impl<T> Stream for Outgoing<T> {
    type Item = T;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<T>> {
        self.0.poll_next_unpin(cx)
    }
}

fn messages<T: Send + 'static>(stream: Streaming<T>) -> Messages<Result<T, LinkError>> {
    stream.map(|message| message.map_err(|status| link_error(&status))).boxed()
}

/// Waits for an answer by this side's clock too: the other side may be gone.
async fn in_time<T>(
    patience: Duration,
    call: impl Future<Output = Result<::tonic::Response<T>, Status>>,
) -> Result<T, LinkError> {
    match timeout(patience, call).await {
        Ok(Ok(response)) => Ok(response.into_inner()),
        Ok(Err(status)) => Err(link_error(&status)),
        Err(_) => Err(LinkError::Lost("no answer in time".into())),
    }
}

#[async_trait]
impl Peer for GrpcPeer {
    async fn append(
        &self,
        requests: Messages<AppendRequest>,
    ) -> Result<Messages<Result<AppendReply, LinkError>>, LinkError> {
        let line = self.line()?;
        let replies = line.client().append(line.signed(Outgoing(requests))).await;
        Ok(messages(replies.map_err(|status| link_error(&status))?.into_inner()))
    }

    async fn vote(&self, request: VoteRequest, patience: Duration) -> Result<VoteReply, LinkError> {
        let line = self.line()?;
        in_time(patience, line.client().vote(line.timed(request, patience))).await
    }

    async fn transfer(
        &self,
        request: TransferRequest,
        patience: Duration,
    ) -> Result<TransferReply, LinkError> {
        let line = self.line()?;
        in_time(patience, line.client().transfer(line.timed(request, patience))).await
    }

    async fn install(
        &self,
        parts: Messages<InstallRequest>,
        patience: Duration,
    ) -> Result<InstallReply, LinkError> {
        let line = self.line()?;
        in_time(patience, line.client().install(line.timed(Outgoing(parts), patience))).await
    }

    async fn ask(&self, question: AskRequest, patience: Duration) -> Result<AskReply, LinkError> {
        self.asks.ask(self.line()?, question, patience).await
    }

    async fn follow(
        &self,
        says: Messages<FollowRequest>,
    ) -> Result<Messages<Result<FeedItem, LinkError>>, LinkError> {
        let line = self.line()?;
        let items = line.client().follow(line.signed(Outgoing(says))).await;
        Ok(messages(items.map_err(|status| link_error(&status))?.into_inner()))
    }
}
