//! propagation/v1 at the door: how far writes have come, as the leader knows it.

use std::cmp::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

use cluster::{Backend, Level, Seen, Standing, Terms};
use futures::stream::BoxStream;
use schema::propagation::v1::propagation_server::Propagation;
use schema::propagation::v1::{
    self as wire, CompareRequest, CompareResponse, StatusRequest, StatusResponse, WaitRequest,
    WaitResponse, WatchRequest, WatchResponse, compare_response::Order,
};
use tokio::time::Instant;
use tonic::{Request, Response, Status};

use crate::door::Shared;
use crate::{Ack, Token, ack};

/// How long a wait takes that does not say, and at most.
const WAIT: Duration = Duration::from_secs(10);
const WAIT_MAX: Duration = Duration::from_secs(300);
/// Revisions closer together than this are told of as one.
const WATCH_EVERY: Duration = Duration::from_millis(20);
/// A watch on which nothing happens says so.
const WATCH_BEAT: Duration = Duration::from_secs(5);

/// The service, on whatever node stands behind the door.
pub(crate) struct PropagationService(Weak<Shared>);

impl PropagationService {
    pub(crate) fn new(door: Weak<Shared>) -> Self {
        PropagationService(door)
    }

    fn door(&self) -> Result<Arc<Shared>, Status> {
        self.0.upgrade().ok_or_else(|| Status::unavailable("this node stops"))
    }

    fn backend(&self) -> Result<Arc<dyn Backend>, Status> {
        Ok(Arc::clone(&self.door()?.backend))
    }
}

#[tonic::async_trait]
impl Propagation for PropagationService {
    async fn status(
        &self,
        request: Request<StatusRequest>,
    ) -> Result<Response<StatusResponse>, Status> {
        let backend = self.backend()?;
        let seen = backend.seen();
        let asked = request.into_inner().token;
        let asked = asked.map(|text| revision(&seen, &text)).transpose()?;
        let standings = backend.standings(Instant::now() + WAIT).await;
        let standings = standings.map_err(|error| Status::unavailable(error.to_string()))?;
        Ok(Response::new(StatusResponse {
            revision: standings.revision,
            token: token(&seen, standings.revision),
            max_staleness_ms: Terms::counted(&seen.state).max_staleness_us / 1000,
            nodes: standings.nodes.into_iter().map(|node| status(node, asked)).collect(),
        }))
    }

    async fn wait(&self, request: Request<WaitRequest>) -> Result<Response<WaitResponse>, Status> {
        let WaitRequest { token, level, timeout_ms } = request.into_inner();
        let backend = self.backend()?;
        let revision = revision(&backend.seen(), &token)?;
        let level = match ack::parse(level.as_deref().unwrap_or("all")) {
            Ok(Ack::Visible(level)) => level,
            // What has a token is committed.
            Ok(Ack::Committed) => Level::Replicas(0),
            Err(_) => {
                return Err(Status::invalid_argument(
                    "level must be one of: all, replicas=<number>, zone=<name>",
                ));
            }
        };
        let began = Instant::now();
        let wait = timeout_ms.map_or(WAIT, Duration::from_millis).min(WAIT_MAX);
        let reached = backend.propagated(revision, &level, began + wait).await;
        let waited_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        Ok(Response::new(WaitResponse { reached, revision, waited_ms }))
    }

    type WatchStream = BoxStream<'static, Result<WatchResponse, Status>>;

    async fn watch(
        &self,
        request: Request<WatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let door = self.door()?;
        let backend = Arc::clone(&door.backend);
        let seen = backend.seen();
        let after = match request.into_inner().after {
            Some(text) => revision(&seen, &text)?,
            None => seen.revision.saturating_sub(1),
        };
        let watched = futures::stream::unfold((backend, after), |(backend, after)| async move {
            let beat = Instant::now() + WATCH_BEAT;
            // Not reached by then: what is visible is told again, with its age.
            let _ = backend.at_least(after.saturating_add(1), beat).await;
            tokio::time::sleep(WATCH_EVERY).await;
            let seen = backend.seen();
            let told = WatchResponse {
                revision: seen.revision,
                token: token(&seen, seen.revision),
                age_ms: (seen.age_ms != u64::MAX).then_some(seen.age_ms),
                served_by: seen.served_by.to_string(),
            };
            let after = after.max(seen.revision);
            Some((Ok(told), (backend, after)))
        });
        Ok(Response::new(door.until_closing(watched)))
    }

    async fn compare(
        &self,
        request: Request<CompareRequest>,
    ) -> Result<Response<CompareResponse>, Status> {
        let CompareRequest { left, right } = request.into_inner();
        let seen = self.backend()?.seen();
        let order = match revision(&seen, &left)?.cmp(&revision(&seen, &right)?) {
            Ordering::Less => Order::Before,
            Ordering::Equal => Order::Same,
            Ordering::Greater => Order::After,
        };
        Ok(Response::new(CompareResponse { order: order.into() }))
    }
}

fn status(standing: Standing, asked: Option<u64>) -> wire::NodeStatus {
    let Standing { report, heard_ago, lease } = standing;
    let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
    wire::NodeStatus {
        id: report.node,
        name: report.name,
        zone: report.zone,
        votes: report.votes,
        serves_stale: report.serves_stale,
        received: report.received,
        visible: report.visible,
        heard_ago_ms: millis(heard_ago),
        lease_ms: millis(lease),
        shows: asked.map(|revision| report.visible >= revision),
    }
}

fn cell_id(seen: &Seen) -> &str {
    seen.state.cell().map_or("", |cell| &cell.cell_id)
}

fn token(seen: &Seen, revision: u64) -> String {
    Token::new(cell_id(seen), revision).to_string()
}

fn revision(seen: &Seen, text: &str) -> Result<u64, Status> {
    match Token::parse(text) {
        Some(token) if token.is_of(cell_id(seen)) => Ok(token.revision),
        Some(_) => Err(Status::invalid_argument("the token is of another cell")),
        None => Err(Status::invalid_argument("this is no token of a write, and no revision")),
    }
}
