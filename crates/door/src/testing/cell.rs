//! A cell in memory with an operator, an account and its root, and a door before it.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use cluster::{Clock, Committed, Consistency, Proposal};
use ops::table::Indexed;
use prometheus_client::registry::Registry;
use prost::Message;
use rustls::ServerConfig;
use schema::admin::v1::{CreateAccountRequest, CreateAccountResponse};
use schema::internal::v1::InitializeCellRequest;
use schema::model::v1::{Caller, RequestContext, caller};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::MemoryNode;
use crate::{Closed, Door, MasterKey, Options, Parts, Services, SystemEntropy, keys, listen};

/// A key with its secret, and the token of a session. It prints: it is a test's.
#[derive(Clone, Debug)]
pub struct KeyPair {
    /// The key's id.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// A session's token.
    pub token: Option<String>,
}

/// A cell of one node.
pub struct Cell {
    /// The node.
    pub node: Arc<MemoryNode>,
    /// The master key.
    pub keys: Arc<MasterKey>,
    /// The clock of node and door.
    pub clock: Arc<dyn Clock>,
    /// The operator.
    pub operator: KeyPair,
    /// The account.
    pub account_id: String,
    /// Its root user.
    pub root: KeyPair,
}

/// A door with a port of its own.
pub struct Served {
    /// Where it listens.
    pub address: SocketAddr,
    /// The door.
    pub door: Door,
    stop: oneshot::Sender<()>,
    task: JoinHandle<Closed>,
}

impl Cell {
    /// A cell whose node reads strongly unless asked otherwise.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self::with_default(clock, Consistency::Strong)
    }

    /// A cell whose node reads so unless asked otherwise.
    pub fn with_default(clock: Arc<dyn Clock>, consistency: Consistency) -> Self {
        let node = Arc::new(MemoryNode::new(Arc::clone(&clock), consistency));
        let keys = Arc::new(MasterKey::new(&[42; 32]));
        let operator = KeyPair {
            id: "BWOPTESTTESTTESTTEST".to_owned(),
            secret: keys::new_secret(&SystemEntropy).to_string(),
            token: None,
        };
        let account_id = "123456789012".to_owned();
        let mut cell = Cell {
            node,
            keys,
            clock,
            root: operator.clone(),
            operator,
            account_id: account_id.clone(),
        };
        let system = caller::Kind::System(caller::System {});
        let init = InitializeCellRequest {
            operator_key_id: cell.operator.id.clone(),
            ..Default::default()
        };
        let (id, secret) = (cell.operator.id.clone(), cell.operator.secret.clone());
        cell.propose("", system, &init, &id, &secret).outcome.expect("a cell is born once");
        cell.root = cell.account(&account_id, "root@example.com");
        cell
    }

    /// Makes an account; the key is its root's.
    pub fn account(&self, account_id: &str, email: &str) -> KeyPair {
        let request = CreateAccountRequest {
            email: email.to_owned(),
            account_id: Some(account_id.to_owned()),
            root_access_key: true,
            ..Default::default()
        };
        let operator = caller::Kind::Operator(caller::Operator {});
        let secret = keys::new_secret(&SystemEntropy).to_string();
        let made = self.propose(&self.operator.id, operator, &request, account_id, &secret);
        let made = made.outcome.expect("an account can be made");
        let made = CreateAccountResponse::decode(made).expect("its own response");
        KeyPair { id: made.access_key_id().to_owned(), secret, token: None }
    }

    /// A door before the node.
    pub fn door(&self, options: Options, services: Services) -> Door {
        Door::new(Parts {
            backend: Arc::clone(&self.node) as Arc<dyn cluster::Backend>,
            keys: Arc::clone(&self.keys),
            clock: Arc::clone(&self.clock),
            entropy: Arc::new(SystemEntropy),
            options,
            registry: Registry::default(),
            services,
        })
    }

    /// A door with a port of its own, chosen by the kernel.
    pub async fn serve(&self, options: Options) -> Served {
        self.serve_with(options, Services::new(), None).await
    }

    /// A door with a port of its own, other services and TLS.
    pub async fn serve_with(
        &self,
        options: Options,
        services: Services,
        tls: Option<Arc<ServerConfig>>,
    ) -> Served {
        let door = self.door(options, services);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async move {
            // A sender that is dropped stops the door as well.
            let _ = stopped.await;
        };
        let task = tokio::spawn(listen(door.clone(), listener, tls, shutdown));
        Served { address, door, stop, task }
    }

    fn propose<M: Message + Indexed>(
        &self,
        access_key_id: &str,
        kind: caller::Kind,
        request: &M,
        owner_id: &str,
        secret: &str,
    ) -> Committed {
        self.node.apply(Proposal {
            operation: M::INDEX,
            request: Bytes::from(request.encode_to_vec()),
            request_id: String::new(),
            caller: Caller { access_key_id: access_key_id.to_owned(), kind: Some(kind) },
            context: RequestContext::default(),
            sealed: Some(self.keys.seal(secret, owner_id, &SystemEntropy)),
            awaited: false,
        })
    }
}

impl Served {
    /// Tells the door to close and waits until it has.
    pub async fn close(self) -> Closed {
        // Nobody listens any more when the door has failed; then there is an error to show.
        let _ = self.stop.send(());
        self.task.await.expect("a door closes without a panic")
    }
}
