//! A node's peers come in here.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use ::tonic::service::interceptor::InterceptedService;
use ::tonic::transport::Server;
use ::tonic::transport::server::Connected;
use ::tonic::{Request, Response, Status, Streaming};
use async_trait::async_trait;
use futures::{Stream, StreamExt, future};
use schema::peer::v1::peer_server::{self, PeerServer};
use schema::peer::v1::refusal::Reason;
use schema::peer::v1::{
    AppendReply, AppendRequest, AskReply, AskRequest, FeedItem, FollowRequest, InstallReply,
    InstallRequest, Refusal, TransferReply, TransferRequest, VoteReply, VoteRequest, ask_reply,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;

use super::token::{Guard, PeerToken};
use super::{
    CONNECTION_WINDOW, KEEPALIVE_PATIENCE, KEEPALIVE_PERIOD, MESSAGE_BYTES_MAX, STREAM_WINDOW,
};
use crate::network::{LinkError, Messages, Peer};

/// Questions from one peer that are worked on at once.
const QUESTIONS_MAX: usize = 4_096;

/// Streams on one connection.
const STREAMS_MAX: u32 = 64;

/// The longest any call from a peer is worked on, whatever it asks for.
const PATIENCE_MAX: Duration = Duration::from_secs(120);

/// The service by which peers reach a node, behind the token.
pub type PeerService = InterceptedService<PeerServer<Inbound>, Guard>;

/// A node as a tonic service; see [`service`].
pub struct Inbound(Arc<dyn Peer>);

/// The service by which peers reach a node.
pub fn service(node: Arc<dyn Peer>, token: PeerToken) -> PeerService {
    let server = PeerServer::new(Inbound(node))
        .max_decoding_message_size(MESSAGE_BYTES_MAX)
        .max_encoding_message_size(MESSAGE_BYTES_MAX);
    InterceptedService::new(server, Guard(token))
}

/// Serves a node's peers until `stop` resolves.
///
/// # Errors
/// The listener fails.
pub async fn serve(
    listener: TcpListener,
    node: Arc<dyn Peer>,
    token: PeerToken,
    stop: impl Future<Output = ()> + Send,
) -> io::Result<()> {
    let connections = TcpListenerStream::new(listener).map(|connection| {
        let connection = connection?;
        connection.set_nodelay(true)?;
        Ok(connection)
    });
    serve_connections(connections, node, token, stop).await
}

/// Serves a node's peers on connections of any kind until `stop` resolves.
///
/// # Errors
/// The connections cannot be served.
pub async fn serve_connections<C>(
    connections: impl Stream<Item = io::Result<C>>,
    node: Arc<dyn Peer>,
    token: PeerToken,
    stop: impl Future<Output = ()> + Send,
) -> io::Result<()>
where
    C: AsyncRead + AsyncWrite + Connected + Unpin + Send + 'static,
{
    Server::builder()
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .max_concurrent_streams(STREAMS_MAX)
        .http2_keepalive_interval(Some(KEEPALIVE_PERIOD))
        .http2_keepalive_timeout(Some(KEEPALIVE_PATIENCE))
        .add_service(service(node, token))
        .serve_with_incoming_shutdown(connections, stop)
        .await
        .map_err(io::Error::other)
}

type Replies<T> = Messages<Result<T, Status>>;

/// What arrives until the connection breaks; that it broke shows at the other end.
fn arriving<T: Send + 'static>(stream: Streaming<T>) -> Messages<T> {
    let whole = stream.take_while(|message| future::ready(message.is_ok()));
    whole.filter_map(|message| future::ready(message.ok())).boxed()
}

fn status(error: LinkError) -> Status {
    match error {
        LinkError::NotSent(why) | LinkError::Lost(why) => Status::unavailable(why),
    }
}

fn replies<T: Send + 'static>(stream: Messages<Result<T, LinkError>>) -> Replies<T> {
    stream.map(|reply| reply.map_err(status)).boxed()
}

/// How long the caller goes on waiting, by its own word.
fn patience<T>(request: &Request<T>) -> Duration {
    let header = request.metadata().get("grpc-timeout").and_then(|value| value.to_str().ok());
    header.and_then(read_timeout).map_or(PATIENCE_MAX, |patience| patience.min(PATIENCE_MAX))
}

/// At most eight digits and a unit (gRPC over HTTP/2, "Timeout").
fn read_timeout(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let count: u64 = digits.parse().ok().filter(|_| digits.len() <= 8)?;
    Some(match unit {
        "H" => Duration::from_secs(count * 3_600),
        "M" => Duration::from_secs(count * 60),
        "S" => Duration::from_secs(count),
        "m" => Duration::from_millis(count),
        "u" => Duration::from_micros(count),
        "n" => Duration::from_nanos(count),
        _ => return None,
    })
}

async fn answer(node: Arc<dyn Peer>, question: AskRequest) -> Result<AskReply, Status> {
    let id = question.id;
    let answered = node.ask(question, PATIENCE_MAX).await;
    let reply = answered.unwrap_or_else(|error| {
        let refusal = Refusal {
            reason: Reason::FateUnknown.into(),
            message: error.to_string(),
            ..Refusal::default()
        };
        AskReply { id, answer: Some(ask_reply::Answer::Refusal(refusal)) }
    });
    Ok(AskReply { id, ..reply })
}

#[async_trait]
impl peer_server::Peer for Inbound {
    type AppendStream = Replies<AppendReply>;
    type AskStream = Replies<AskReply>;
    type FollowStream = Replies<FeedItem>;

    async fn append(
        &self,
        request: Request<Streaming<AppendRequest>>,
    ) -> Result<Response<Self::AppendStream>, Status> {
        let answers = self.0.append(arriving(request.into_inner())).await.map_err(status)?;
        Ok(Response::new(replies(answers)))
    }

    async fn vote(&self, request: Request<VoteRequest>) -> Result<Response<VoteReply>, Status> {
        let patience = patience(&request);
        let reply = self.0.vote(request.into_inner(), patience).await;
        reply.map(Response::new).map_err(status)
    }

    async fn transfer(
        &self,
        request: Request<TransferRequest>,
    ) -> Result<Response<TransferReply>, Status> {
        let patience = patience(&request);
        let reply = self.0.transfer(request.into_inner(), patience).await;
        reply.map(Response::new).map_err(status)
    }

    async fn install(
        &self,
        request: Request<Streaming<InstallRequest>>,
    ) -> Result<Response<InstallReply>, Status> {
        let patience = patience(&request);
        let reply = self.0.install(arriving(request.into_inner()), patience).await;
        reply.map(Response::new).map_err(status)
    }

    async fn ask(
        &self,
        request: Request<Streaming<AskRequest>>,
    ) -> Result<Response<Self::AskStream>, Status> {
        let node = Arc::clone(&self.0);
        let questions = arriving(request.into_inner());
        let answers = questions.map(move |question| answer(Arc::clone(&node), question));
        Ok(Response::new(answers.buffer_unordered(QUESTIONS_MAX).boxed()))
    }

    async fn follow(
        &self,
        request: Request<Streaming<FollowRequest>>,
    ) -> Result<Response<Self::FollowStream>, Status> {
        let items = self.0.follow(arriving(request.into_inner())).await.map_err(status)?;
        Ok(Response::new(replies(items)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_are_read_as_grpc_writes_them() {
        assert_eq!(read_timeout("250m"), Some(Duration::from_millis(250)));
        assert_eq!(read_timeout("99999999H"), Some(Duration::from_secs(99_999_999 * 3_600)));
        for bad in ["", "m", "1", "999999999S", "-1S", "1x", "é"] {
            assert_eq!(read_timeout(bad), None, "{bad}");
        }
    }
}
