//! The door itself: what it is made of, and the one entrance for requests of every kind.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use cluster::{Backend, Clock, Consistency, Proposal, Unavailable};
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt};
use http::{Request, Response};
use hyper::body::Body as HttpBody;
use ops::authz::Subjects;
use ops::cache::Cache;
use prometheus_client::registry::Registry;
use schema::internal::v1::{RecordUseRequest, Use};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::Instant;
use tonic::Status;
use tonic::body::Body;

use crate::budget::Budget;
use crate::identify::CachedKey;
use crate::metrics::Metrics;
use crate::uses::Uses;
use crate::{Entropy, MasterKey, Options, Services, entropy, grpc, probes, query, rest};

/// What a door is made of.
pub struct Parts {
    /// The node behind it.
    pub backend: Arc<dyn Backend>,
    /// The cell's master key.
    pub keys: Arc<MasterKey>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub entropy: Arc<dyn Entropy>,
    /// Limits and habits.
    pub options: Options,
    /// Figures of the node, to stand beside the door's own.
    pub registry: Registry,
    /// gRPC services beside the operations of the schema.
    pub services: Services,
}

/// A front door. Clones share everything.
#[derive(Clone)]
pub struct Door(pub(crate) Arc<Shared>);

/// Who is at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Its address.
    pub address: IpAddr,
    /// Whether the connection is TLS.
    pub secure: bool,
}

/// What all calls share.
pub(crate) struct Shared {
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) keys: Arc<MasterKey>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) options: Options,
    pub(crate) services: Services,
    pub(crate) metrics: Metrics,
    pub(crate) uses: Uses,
    pub(crate) budget: Budget,
    pub(crate) signing_keys: Cache<String, Arc<CachedKey>>,
    /// True once no more calls are taken.
    pub(crate) closing: watch::Sender<bool>,
    pub(crate) subjects: Arc<Subjects>,
    calls: Arc<Semaphore>,
}

impl Door {
    /// A door over a node.
    pub fn new(parts: Parts) -> Self {
        let Parts { backend, keys, clock, entropy, options, registry, services } = parts;
        Door(Arc::new_cyclic(|door| Shared {
            services: services.with_standard(door.clone()),
            metrics: Metrics::new(registry),
            uses: Uses::new(options.uses),
            budget: Budget::new(options.buffered_bytes),
            signing_keys: Cache::new(options.signing_keys),
            closing: watch::Sender::new(false),
            subjects: Arc::new(Subjects::new(options.subjects)),
            calls: Arc::new(Semaphore::new(options.calls)),
            backend,
            keys,
            clock,
            entropy,
            options,
        }))
    }

    /// Answers a request of any protocol.
    pub async fn answer<B>(&self, request: Request<B>, peer: Peer) -> Response<Body>
    where
        B: HttpBody<Data = Bytes> + Send + 'static,
        B::Error: Into<tonic::codegen::StdError> + Send,
    {
        if grpc::is_grpc(request.headers()) {
            grpc::answer(&self.0, request, peer).await
        } else if let Some(response) = probes::answer(&self.0, &request) {
            response
        } else if let Some(route) = rest::route(&request) {
            rest::answer(&self.0, route, request, peer).await
        } else {
            query::answer(&self.0, request, peer).await
        }
    }

    /// Takes the uses of keys and roles seen since the last time.
    pub fn drain_uses(&self) -> Vec<Use> {
        self.0.uses.drain()
    }

    /// Writes the uses of keys and roles seen since the last time into the log; says how many.
    ///
    /// # Errors
    /// The log did not take them; they are forgotten, which costs a date.
    pub async fn flush_uses(&self, deadline: Instant) -> Result<usize, Unavailable> {
        let uses = self.drain_uses();
        let count = uses.len();
        if count > 0 {
            let request_id = entropy::request_id(&*self.0.entropy);
            let uses = Proposal::of_cell(&RecordUseRequest { uses }, request_id);
            self.0.backend.propose(uses, deadline).await?;
        }
        Ok(count)
    }
}

impl Shared {
    /// The right to be under way; `None` when there are too many.
    pub(crate) fn admit(&self) -> Option<Admitted> {
        let permit = Arc::clone(&self.calls).try_acquire_owned().ok();
        let Some(permit) = permit else {
            self.metrics.shed.inc();
            return None;
        };
        self.metrics.in_flight.inc();
        Some(Admitted { in_flight: self.metrics.in_flight.clone(), _permit: permit })
    }

    /// A stream without an end, which ends when the door closes: nobody's shutdown waits for who goes on listening.
    pub(crate) fn until_closing<T: Send + 'static>(
        &self,
        stream: impl Stream<Item = Result<T, Status>> + Send + 'static,
    ) -> BoxStream<'static, Result<T, Status>> {
        let mut closing = self.closing.subscribe();
        let closed = async move { drop(closing.wait_for(|closing| *closing).await) };
        let end = stream::once(async { Err(Status::unavailable("this node stops")) });
        stream.take_until(Box::pin(closed)).chain(end).boxed()
    }

    /// What a read gets that asks for nothing.
    pub(crate) fn default_consistency(&self) -> Consistency {
        self.options.consistency.unwrap_or_else(|| self.backend.default_consistency())
    }

    /// The id of the cell; empty before it has one.
    pub(crate) fn cell_id(&self) -> String {
        self.backend.seen().state.cell().map(|cell| cell.cell_id.clone()).unwrap_or_default()
    }
}

/// A call counted among those under way, until it is dropped.
pub(crate) struct Admitted {
    in_flight: prometheus_client::metrics::gauge::Gauge,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Admitted {
    fn drop(&mut self) {
        self.in_flight.dec();
    }
}
