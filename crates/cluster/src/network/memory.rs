//! A network in memory: calls go straight to the other node, unless the weather or a cut says
//! otherwise.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use async_trait::async_trait;
use futures::{StreamExt, stream};
use schema::peer::v1::{
    AppendReply, AppendRequest, AskReply, AskRequest, FeedItem, FollowRequest, InstallReply,
    InstallRequest, TransferReply, TransferRequest, VoteReply, VoteRequest,
};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::{LinkError, Messages, Network, Peer};
use crate::status::{Member, NodeId};

/// What becomes of one message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// It arrives after a while.
    Arrives(Duration),
    /// It never does. On a stream nothing after it arrives either, as on a broken connection.
    Lost,
}

/// Decides what becomes of messages; sees every one of them, so that a simulation can write them
/// down.
pub trait Weather: Send + Sync + 'static {
    /// The fate of a message. `what` names its kind.
    fn carry(&self, from: NodeId, to: NodeId, what: &'static str) -> Fate;
}

struct FairWeather;

impl Weather for FairWeather {
    fn carry(&self, _from: NodeId, _to: NodeId, _what: &'static str) -> Fate {
        Fate::Arrives(Duration::ZERO)
    }
}

/// The network that all nodes of one simulation share; clones are handles.
#[derive(Clone)]
pub struct MemoryNetwork(Arc<Board>);

struct Board {
    weather: Arc<dyn Weather>,
    nodes: Mutex<BTreeMap<NodeId, Weak<dyn Peer>>>,
    cuts: Mutex<BTreeSet<(NodeId, NodeId)>>,
}

impl Default for MemoryNetwork {
    fn default() -> Self {
        Self::with_weather(Arc::new(FairWeather))
    }
}

impl MemoryNetwork {
    /// A network in which every message has a fate.
    pub fn with_weather(weather: Arc<dyn Weather>) -> Self {
        let (nodes, cuts) = (Mutex::default(), Mutex::default());
        MemoryNetwork(Arc::new(Board { weather, nodes, cuts }))
    }

    /// The network as one node sees it.
    pub fn seen_from(&self, from: NodeId) -> Arc<dyn Network> {
        Arc::new(SeenFrom { board: Arc::clone(&self.0), from })
    }

    /// Makes a node reachable. It stays so while somebody holds the node, or until
    /// [`MemoryNetwork::detach`].
    pub fn attach(&self, id: NodeId, node: &Arc<dyn Peer>) {
        self.0.nodes().insert(id, Arc::downgrade(node));
    }

    /// Makes a node unreachable: connecting to it fails at once.
    pub fn detach(&self, id: NodeId) {
        self.0.nodes().remove(&id);
    }

    /// Swallows everything from one node to another from now on. One way only.
    pub fn cut(&self, from: NodeId, to: NodeId) {
        self.0.cuts().insert((from, to));
    }

    /// Cuts a node off from the others, both ways.
    pub fn isolate(&self, id: NodeId, others: &[NodeId]) {
        for other in others.iter().filter(|other| **other != id) {
            self.cut(id, *other);
            self.cut(*other, id);
        }
    }

    /// Carries one message that is not this network's own; false when it is lost.
    pub async fn carry(&self, from: NodeId, to: NodeId, what: &'static str) -> bool {
        self.0.carry(from, to, what).await
    }

    /// Ends all cuts. Streams that lost a message stay broken.
    pub fn heal(&self) {
        self.0.cuts().clear();
    }
}

impl Board {
    fn nodes(&self) -> MutexGuard<'_, BTreeMap<NodeId, Weak<dyn Peer>>> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cuts(&self) -> MutexGuard<'_, BTreeSet<(NodeId, NodeId)>> {
        self.cuts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Carries one message; false when it is lost.
    async fn carry(&self, from: NodeId, to: NodeId, what: &'static str) -> bool {
        let fate = self.weather.carry(from, to, what);
        if self.cuts().contains(&(from, to)) {
            return false;
        }
        match fate {
            Fate::Lost => false,
            Fate::Arrives(Duration::ZERO) => true,
            Fate::Arrives(after) => {
                sleep(after).await;
                true
            }
        }
    }

    /// Carries a stream in order. After a loss it stays silent for ever, as a connection does whose
    /// other end is gone.
    fn carry_all<T: Send + 'static>(
        self: Arc<Self>,
        (from, to, what): (NodeId, NodeId, &'static str),
        messages: Messages<T>,
    ) -> Messages<T> {
        let arriving = stream::unfold((self, messages), move |(board, mut messages)| async move {
            let message = messages.next().await?;
            if !board.carry(from, to, what).await {
                std::future::pending::<()>().await;
            }
            Some((message, (board, messages)))
        });
        arriving.boxed()
    }
}

struct SeenFrom {
    board: Arc<Board>,
    from: NodeId,
}

impl Network for SeenFrom {
    fn peer(&self, member: &Member) -> Arc<dyn Peer> {
        Arc::new(MemoryPeer { board: Arc::clone(&self.board), from: self.from, to: member.id })
    }
}

/// Another node at the end of a wire.
struct MemoryPeer {
    board: Arc<Board>,
    from: NodeId,
    to: NodeId,
}

impl MemoryPeer {
    fn reach(&self) -> Result<Arc<dyn Peer>, LinkError> {
        let node = self.board.nodes().get(&self.to).and_then(Weak::upgrade);
        node.ok_or_else(|| LinkError::NotSent(format!("node {} is not there", self.to)))
    }

    /// A call there and its answer back, each of which may be lost.
    async fn call<T>(
        &self,
        what: &'static str,
        patience: Duration,
        call: impl Future<Output = Result<T, LinkError>> + Send,
    ) -> Result<T, LinkError> {
        let silence = || LinkError::Lost(format!("node {} does not answer", self.to));
        let deadline = Instant::now() + patience;
        let answer = async {
            if !self.board.carry(self.from, self.to, what).await {
                return Err(silence());
            }
            let answer = call.await;
            if !self.board.carry(self.to, self.from, what).await {
                return Err(silence());
            }
            answer
        };
        match timeout(patience, answer).await {
            Ok(Err(error)) if error == silence() => {
                sleep_until(deadline).await;
                Err(error)
            }
            Ok(answer) => answer,
            Err(_) => Err(silence()),
        }
    }
}

#[async_trait]
impl Peer for MemoryPeer {
    async fn append(
        &self,
        requests: Messages<AppendRequest>,
    ) -> Result<Messages<Result<AppendReply, LinkError>>, LinkError> {
        let (board, from, to) = (Arc::clone(&self.board), self.from, self.to);
        let requests = board.carry_all((from, to, "append"), requests);
        let replies = self.reach()?.append(requests).await?;
        Ok(Arc::clone(&self.board).carry_all((to, from, "append"), replies))
    }

    async fn vote(&self, request: VoteRequest, patience: Duration) -> Result<VoteReply, LinkError> {
        let peer = self.reach()?;
        self.call("vote", patience, peer.vote(request, patience)).await
    }

    async fn transfer(
        &self,
        request: TransferRequest,
        patience: Duration,
    ) -> Result<TransferReply, LinkError> {
        let peer = self.reach()?;
        self.call("transfer", patience, peer.transfer(request, patience)).await
    }

    async fn install(
        &self,
        parts: Messages<InstallRequest>,
        patience: Duration,
    ) -> Result<InstallReply, LinkError> {
        let peer = self.reach()?;
        let parts = Arc::clone(&self.board).carry_all((self.from, self.to, "part"), parts);
        self.call("install", patience, peer.install(parts, patience)).await
    }

    async fn ask(&self, question: AskRequest, patience: Duration) -> Result<AskReply, LinkError> {
        let peer = self.reach()?;
        self.call("ask", patience, peer.ask(question, patience)).await
    }

    async fn follow(
        &self,
        says: Messages<FollowRequest>,
    ) -> Result<Messages<Result<FeedItem, LinkError>>, LinkError> {
        let (board, from, to) = (Arc::clone(&self.board), self.from, self.to);
        let says = board.carry_all((from, to, "say"), says);
        let items = self.reach()?.follow(says).await?;
        Ok(Arc::clone(&self.board).carry_all((to, from, "feed"), items))
    }
}
