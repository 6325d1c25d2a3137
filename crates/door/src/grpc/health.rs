//! The gRPC health protocol: the node is healthy when it is ready.

use std::sync::Weak;
use std::time::Duration;

use async_trait::async_trait;
use futures::stream::{self, BoxStream, StreamExt};
use tonic::{Request, Response, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_server::Health as HealthProtocol;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use crate::door::Shared;
use crate::probes;

/// How often a watched node is looked at.
const LOOK: Duration = Duration::from_secs(1);

/// Tells how the node is, for every service alike.
pub(crate) struct Health {
    door: Weak<Shared>,
}

impl Health {
    /// The health of the node behind a door.
    pub(crate) fn new(door: Weak<Shared>) -> Self {
        Health { door }
    }
}

#[async_trait]
impl HealthProtocol for Health {
    type WatchStream = BoxStream<'static, Result<HealthCheckResponse, Status>>;

    async fn check(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<HealthCheckResponse>, Status> {
        if !is_known(&self.door, &request.get_ref().service) {
            return Err(Status::not_found("There is no such service."));
        }
        Ok(Response::new(response(status(&self.door))))
    }

    async fn watch(
        &self,
        request: Request<HealthCheckRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        if !is_known(&self.door, &request.get_ref().service) {
            let unknown = stream::once(async { Ok(response(ServingStatus::ServiceUnknown)) });
            return Ok(Response::new(unknown.boxed()));
        }
        let door = self.door.upgrade().ok_or_else(|| Status::unavailable("this node stops"))?;
        let changes = stream::unfold((self.door.clone(), None), |(door, known)| async move {
            loop {
                let now = status(&door);
                if known != Some(now) {
                    return Some((Ok(response(now)), (door, Some(now))));
                }
                tokio::time::sleep(LOOK).await;
            }
        });
        Ok(Response::new(door.until_closing(changes)))
    }
}

fn is_known(door: &Weak<Shared>, service: &str) -> bool {
    let of_schema = || schema::Service::ALL.iter().any(|known| known.full_name() == service);
    let beside = || {
        let path = format!("/{service}/");
        door.upgrade().is_some_and(|door| door.services.of_path(&path).is_some())
    };
    service.is_empty() || of_schema() || beside()
}

fn status(door: &Weak<Shared>) -> ServingStatus {
    match door.upgrade().map(|door| probes::ready(&door)) {
        Some(Ok(())) => ServingStatus::Serving,
        _ => ServingStatus::NotServing,
    }
}

fn response(status: ServingStatus) -> HealthCheckResponse {
    HealthCheckResponse { status: status.into() }
}
