//! The port: connections in, limits on them, a graceful end.

mod activity;
mod address;
mod connection;

use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;

use crate::{Door, Peer};
use address::Addresses;

/// How a listener came to its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Closed {
    /// Connections that had to be cut, calls under way on them.
    pub cut: usize,
}

/// Time to wait when the machine has no more sockets to give.
const PAUSE: Duration = Duration::from_millis(50);

/// Answers requests on a port until `shutdown` is over; then lets calls under way finish within
/// [`Options::drain`](crate::Options::drain).
pub async fn listen(
    door: Door,
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    shutdown: impl Future<Output = ()>,
) -> Closed {
    let shared = Arc::clone(&door.0);
    let options = &shared.options;
    let acceptor = Acceptor {
        tls: tls.map(TlsAcceptor::from),
        room: Arc::new(Semaphore::new(options.connections)),
        addresses: Addresses::new(options.connections_per_address),
        closed: shared.closing.subscribe(),
        door,
    };
    let mut connections = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => acceptor.start(stream, address.ip(), &mut connections),
                Err(error) => {
                    tracing::warn!(%error, "no connection accepted");
                    sleep(PAUSE).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    shared.closing.send_replace(true);
    let all = async { while connections.join_next().await.is_some() {} };
    let cut = match timeout(options.drain, all).await {
        Ok(()) => 0,
        Err(_) => connections.len(),
    };
    connections.shutdown().await;
    Closed { cut }
}

/// What every new connection gets.
struct Acceptor {
    door: Door,
    tls: Option<TlsAcceptor>,
    room: Arc<Semaphore>,
    addresses: Addresses,
    closed: watch::Receiver<bool>,
}

impl Acceptor {
    fn start(&self, stream: TcpStream, address: std::net::IpAddr, connections: &mut JoinSet<()>) {
        let room = Arc::clone(&self.room).try_acquire_owned();
        let (Ok(room), Some(place)) = (room, self.addresses.enter(address)) else {
            tracing::debug!(%address, "too many connections");
            return;
        };
        // A connection that cannot have it is slower, not wrong.
        let _ = stream.set_nodelay(true);
        let (door, tls, closed) = (self.door.clone(), self.tls.clone(), self.closed.clone());
        connections.spawn(async move {
            let _held = (room, place);
            let open = door.0.metrics.connections.clone();
            open.inc();
            let peer = Peer { address, secure: tls.is_some() };
            run(door, tls, stream, peer, closed).await;
            open.dec();
        });
    }
}

async fn run(
    door: Door,
    tls: Option<TlsAcceptor>,
    stream: TcpStream,
    peer: Peer,
    closed: watch::Receiver<bool>,
) {
    let Some(tls) = tls else { return connection::serve(door, stream, peer, closed).await };
    let within = door.0.options.read_timeout;
    match timeout(within, tls.accept(stream)).await {
        Ok(Ok(stream)) => connection::serve(door, stream, peer, closed).await,
        Ok(Err(error)) => tracing::debug!(%error, "TLS handshake failed"),
        Err(_) => tracing::debug!("TLS handshake took too long"),
    }
}
