//! The second layer: the nodes' own gRPC, down to the bytes of HTTP/2, on wires that the same weather holds.
//!
//! A wire carries what was written in pieces, in order. A piece that is lost is sent again, later and later, and all
//! after it wait: so it is with TCP.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cluster::NodeId;
use cluster::network::grpc::{GrpcNetwork, PeerToken, serve_connections};
use cluster::network::memory::MemoryNetwork;
use cluster::network::{Network, Peer};
use futures::{future, join};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, ReadHalf, WriteHalf, duplex, split};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::sleep;
use tokio_stream::wrappers::UnboundedReceiverStream;
use tonic::transport::Endpoint;
use tower::service_fn;

use crate::tape;

/// What fits into a wire before its writer has to wait, and the longest piece, bytes.
const PIECE_BYTES_MAX: usize = 64 << 10;

/// When a lost piece is sent again: the first time after this long, then after twice as long, at most so long.
const AGAIN_FIRST: Duration = Duration::from_millis(200);
const AGAIN_MAX: Duration = Duration::from_secs(3);

/// All wires of one cell; clones are handles.
#[derive(Clone)]
pub(crate) struct Wires {
    weather: MemoryNetwork,
    board: Arc<Mutex<Board>>,
}

#[derive(Default)]
struct Board {
    /// Where each node that runs takes connections.
    doors: BTreeMap<NodeId, mpsc::UnboundedSender<io::Result<DuplexStream>>>,
    /// What goes down with a node: its server, and the wires at which it is one end.
    tasks: Vec<(NodeId, AbortHandle)>,
}

impl Wires {
    /// Wires under the weather and the cuts of a network in memory.
    pub(crate) fn under(weather: &MemoryNetwork) -> Self {
        Wires { weather: weather.clone(), board: Arc::default() }
    }

    /// The network as one node sees it.
    pub(crate) fn seen_from(&self, from: NodeId) -> Arc<dyn Network> {
        let wires = self.clone();
        Arc::new(GrpcNetwork::over(token(), move |endpoint: &Endpoint| {
            let (wires, to) = (wires.clone(), node_at(endpoint));
            endpoint.connect_with_connector_lazy(service_fn(move |_| {
                let wires = wires.clone();
                async move {
                    let to = to.ok_or(io::ErrorKind::AddrNotAvailable)?;
                    wires.connect(from, to).await.map(TokioIo::new)
                }
            }))
        }))
    }

    /// Serves a node's peers until [`Wires::detach`].
    pub(crate) fn attach(&self, id: NodeId, node: &Arc<dyn Peer>) {
        let (door, connections) = mpsc::unbounded_channel();
        let connections = UnboundedReceiverStream::new(connections);
        let node = Arc::clone(node);
        let serving =
            tokio::spawn(serve_connections(connections, node, token(), future::pending()));
        let mut board = self.board();
        board.doors.insert(id, door);
        board.tasks.push((id, serving.abort_handle()));
    }

    /// The node is gone, and every connection to and from it breaks.
    pub(crate) fn detach(&self, id: NodeId) {
        let mut board = self.board();
        board.doors.remove(&id);
        for (_, task) in board.tasks.extract_if(.., |(end, task)| *end == id || task.is_finished())
        {
            task.abort();
        }
    }

    async fn connect(&self, from: NodeId, to: NodeId) -> io::Result<DuplexStream> {
        arrives(&self.weather, (from, to), "connect").await;
        let (here, near) = duplex(PIECE_BYTES_MAX);
        let (far, there) = duplex(PIECE_BYTES_MAX);
        let mut board = self.board();
        let door = board.doors.get(&to).ok_or(io::ErrorKind::ConnectionRefused)?;
        door.send(Ok(there)).map_err(|_| io::ErrorKind::ConnectionRefused)?;
        tape::count("wire connected");
        let wire = tokio::spawn(carry(self.weather.clone(), (from, near), (to, far)));
        board.tasks.extend([(from, wire.abort_handle()), (to, wire.abort_handle())]);
        Ok(here)
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The node of an address as the cell gives them out.
fn node_at(endpoint: &Endpoint) -> Option<NodeId> {
    endpoint.uri().host()?.strip_prefix("node-")?.parse().ok()
}

fn token() -> PeerToken {
    PeerToken::derive(b"a cell in a thread")
}

/// Carries both ways until either end is gone.
async fn carry(weather: MemoryNetwork, one: (NodeId, DuplexStream), other: (NodeId, DuplexStream)) {
    let ((a, one), (b, other)) = (one, other);
    let ((from_one, to_one), (from_other, to_other)) = (split(one), split(other));
    join!(
        carry_one_way(&weather, (a, b), from_one, to_other),
        carry_one_way(&weather, (b, a), from_other, to_one)
    );
}

/// Sends until it arrives.
async fn arrives(weather: &MemoryNetwork, (from, to): (NodeId, NodeId), what: &'static str) {
    let mut again = AGAIN_FIRST;
    while !weather.carry(from, to, what).await {
        sleep(again).await;
        again = (2 * again).min(AGAIN_MAX);
    }
}

async fn carry_one_way(
    weather: &MemoryNetwork,
    (from, to): (NodeId, NodeId),
    mut written: ReadHalf<DuplexStream>,
    mut read: WriteHalf<DuplexStream>,
) {
    let mut piece = vec![0; PIECE_BYTES_MAX];
    while let Ok(bytes @ 1..) = written.read(&mut piece).await {
        arrives(weather, (from, to), "bytes").await;
        if read.write_all(&piece[..bytes]).await.is_err() {
            return;
        }
    }
    // An end that is gone by now needs no word of it.
    let _ = read.shutdown().await;
}
