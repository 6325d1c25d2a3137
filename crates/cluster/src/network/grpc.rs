//! The network over gRPC: one connection per peer and purpose, streams that stay open, a token on
//! every call.

mod asks;
mod client;
mod server;
mod token;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use ::tonic::transport::{Channel, Endpoint};
use ::tonic::{ConnectError, Status};

use super::{LinkError, Network, Peer};
use crate::status::Member;

pub use server::{PeerService, serve, serve_connections, service};
pub use token::PeerToken;

/// The longest message, bytes. A message holds about 1 MiB unless one entry alone is larger.
const MESSAGE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Bytes in flight on one stream and one connection before the receiver has to catch up.
const STREAM_WINDOW: u32 = 4 * 1024 * 1024;
const CONNECTION_WINDOW: u32 = 16 * 1024 * 1024;

/// How long a connection may take to come about.
const CONNECT_PATIENCE: Duration = Duration::from_secs(1);

/// How often a silent connection is asked whether it lives, and how long it may take to say so.
const KEEPALIVE_PERIOD: Duration = Duration::from_secs(5);
const KEEPALIVE_PATIENCE: Duration = Duration::from_secs(5);

/// Peers at addresses of the form host:port, without TLS: the network between the nodes has to be a
/// private one.
pub struct GrpcNetwork {
    token: PeerToken,
    connect: Box<dyn Fn(&Endpoint) -> Channel + Send + Sync>,
}

impl GrpcNetwork {
    /// A network over TCP in which every call carries the token.
    pub fn new(token: PeerToken) -> Self {
        Self::over(token, Endpoint::connect_lazy)
    }

    /// A network over connections of another kind; `connect` makes a channel that connects with its
    /// first call.
    pub fn over(
        token: PeerToken,
        connect: impl Fn(&Endpoint) -> Channel + Send + Sync + 'static,
    ) -> Self {
        GrpcNetwork { token, connect: Box::new(connect) }
    }
}

impl Network for GrpcNetwork {
    fn peer(&self, member: &Member) -> Arc<dyn Peer> {
        let channel = client::endpoint(&member.peer_address).map(|at| (self.connect)(&at));
        let channel = channel.map_err(|error| format!("{}: {error}", member.peer_address));
        Arc::new(client::GrpcPeer::new(channel, &self.token))
    }
}

/// A call that failed on its way to a connection did nothing; about any other, nothing is known.
fn link_error(status: &Status) -> LinkError {
    let mut source: Option<&(dyn Error + 'static)> = Some(status);
    while let Some(error) = source {
        if error.is::<ConnectError>() {
            return LinkError::NotSent(format!("{}: {error}", status.message()));
        }
        source = error.source();
    }
    LinkError::Lost(format!("{:?}: {}", status.code(), status.message()))
}
