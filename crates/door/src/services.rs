//! gRPC services that stand beside the operations of the schema: health, reflection, and what a
//! program adds.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Weak;

use http::{Request, Response};
use schema::follow::v1::follow_server::FollowServer;
use schema::model::v1;
use schema::propagation::v1::propagation_server::PropagationServer;
use tonic::body::Body;
use tonic::server::NamedService;
use tower::Service;
use tower::util::BoxCloneSyncService;

use crate::door::Shared;
use crate::follow::FollowService;
use crate::grpc::Health;
use crate::propagation::PropagationService;

pub(crate) type Boxed = BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>;

/// Services by name.
#[derive(Default)]
pub struct Services(BTreeMap<&'static str, Mounted>);

/// A service and who may call it.
#[derive(Clone)]
pub(crate) struct Mounted {
    pub(crate) service: Boxed,
    pub(crate) guard: Guard,
}

/// Who may call a service.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Guard {
    /// Anybody, or the service sees to it itself.
    Open,
    /// The operator, and peers of the cell.
    Operator,
    /// Whoever has a credential of any account, signed for a service name; and the operator.
    Anyone(&'static str),
}

/// Who called a guarded service: an extension of its requests.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    /// The operator's key; empty for a peer of the cell.
    pub access_key_id: String,
    /// The id of the call.
    pub request_id: String,
}

/// The same for services of the door itself: all that a permission is judged by.
#[derive(Clone)]
pub(crate) struct Identity {
    /// `None` for a peer of the cell.
    pub(crate) caller: Option<v1::Caller>,
    pub(crate) context: v1::RequestContext,
    pub(crate) request_id: String,
}

impl Services {
    /// None yet; a door adds health and reflection by itself.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a service for the operator: calls must be unary in what they send, and signed with an
    /// operator key for the service name `bailiwick` (docs/signing.md), or carry the cell's peer
    /// token as a bearer token. The service finds the [`Caller`] among the extensions of a request.
    #[must_use]
    pub fn guarded<S>(self, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
        S: NamedService + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        self.add(S::NAME, service, Guard::Operator)
    }

    /// Adds a service that anybody may call, or that sees to it itself.
    #[must_use]
    pub fn open<S>(self, service: S) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
        S: NamedService + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        self.add(S::NAME, service, Guard::Open)
    }

    /// The service of a path such as `/grpc.health.v1.Health/Check`.
    pub(crate) fn of_path(&self, path: &str) -> Option<Mounted> {
        let (name, _method) = path.strip_prefix('/')?.split_once('/')?;
        self.0.get(name).cloned()
    }

    pub(crate) fn with_standard(self, door: Weak<Shared>) -> Self {
        let reflection = || {
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(schema::DESCRIPTOR_SET)
                .register_encoded_file_descriptor_set(tonic_health::pb::FILE_DESCRIPTOR_SET)
        };
        // INVARIANT: both sets are complete: they were compiled into the program.
        let newer = reflection().build_v1().expect("complete descriptor sets");
        let older = reflection().build_v1alpha().expect("complete descriptor sets");
        let health = tonic_health::pb::health_server::HealthServer::new(Health::new(door.clone()));
        let propagation = PropagationServer::new(PropagationService::new(door.clone()));
        let follow = FollowServer::new(FollowService::new(door));
        let services = self.open(newer).open(older).open(health);
        services.anyones(propagation, "propagation").anyones(follow, "authz")
    }

    fn anyones<S>(self, service: S, signing_name: &'static str) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
        S: NamedService + Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        self.add(S::NAME, service, Guard::Anyone(signing_name))
    }

    fn add<S>(mut self, name: &'static str, service: S, guard: Guard) -> Self
    where
        S: Service<Request<Body>, Response = Response<Body>, Error = Infallible>,
        S: Clone + Send + Sync + 'static,
        S::Future: Send + 'static,
    {
        self.0.insert(name, Mounted { service: BoxCloneSyncService::new(service), guard });
        self
    }
}
