//! The REST-JSON side: a path that names the operation, JSON in, JSON out.

mod respond;

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Response};
use hyper::body::Body as HttpBody;
use schema::{Fault, OperationInfo, code};
use tokio::time::Instant;
use tonic::body::Body;
use tracing::Instrument;

use crate::answer::Answer;
use crate::budget::Unread;
use crate::call::{self, Incoming, Wishes};
use crate::door::Shared;
use crate::identify::Signed;
use crate::path::Path;
use crate::{Peer, entropy};

use self::respond::Reply;

/// An operation that method and path name, and what the path asks for besides.
pub(crate) struct Route {
    operation: &'static OperationInfo,
    path: Path,
}

/// Where a request leads; `None` for one that is not of this protocol.
pub(crate) fn route<B>(request: &Request<B>) -> Option<Route> {
    let path = Path::parse(request.uri().path()).ok()?;
    let operation = schema::operation_by_rest(request.method().as_str(), &path.rest)?;
    Some(Route { operation, path })
}

/// Answers a request of the REST-JSON protocol.
pub(crate) async fn answer<B>(
    door: &Arc<Shared>,
    route: Route,
    request: Request<B>,
    peer: Peer,
) -> Response<Body>
where
    B: HttpBody<Data = Bytes> + Send + 'static,
{
    let (parts, body) = request.into_parts();
    let request_id = entropy::request_id(&*door.entropy);
    let reply = Reply { door, operation: route.operation, request_id: &request_id };
    let Some(_admitted) = door.admit() else {
        return reply.write(Answer::refused(call::throttled())).0;
    };
    let read = door.budget.read(body, door.options.body_bytes, door.options.read_timeout).await;
    let held = match read {
        Ok(held) => held,
        Err(why) => return reply.write(Answer::refused(unread(why))).0,
    };
    let call = Call { door, route: &route, parts: &parts, body: &held.bytes, peer };
    let operation = route.operation.name;
    let span = tracing::info_span!("call", request_id, operation, protocol = "rest-json");
    async {
        let began = Instant::now();
        let (response, answer) = reply.write(call.carry_out(&request_id).await);
        call::finish(door, "rest-json", operation, &answer, began.elapsed());
        response
    }
    .instrument(span)
    .await
}

/// What is said of a body that was not read.
fn unread(why: Unread) -> Fault {
    match why {
        Unread::TooLong => Fault::new(code::REQUEST_ENTITY_TOO_LARGE, "The request is too long."),
        Unread::Lost => Fault::new(code::MALFORMED_INPUT, "The body did not come in time."),
        Unread::NoRoom => call::throttled(),
    }
}

/// A request whose body has been read.
struct Call<'a> {
    door: &'a Shared,
    route: &'a Route,
    parts: &'a Parts,
    body: &'a Bytes,
    peer: Peer,
}

impl Call<'_> {
    async fn carry_out(&self, request_id: &str) -> Answer {
        let Route { operation, path } = self.route;
        let (uri, headers) = (&self.parts.uri, &self.parts.headers);
        let query = uri.query().unwrap_or_default();
        let signed = Signed {
            method: self.parts.method.as_str(),
            path: uri.path(),
            query,
            headers,
            authority: uri.authority().map(|authority| authority.as_str()),
            body_sha256: sigv4::sha256(self.body),
            services: &[operation.service.signing_name()],
        };
        let (consistency, ack) = (path.consistency.as_deref(), path.ack.as_deref());
        let incoming = Incoming {
            operation,
            signed: Some(signed),
            headers,
            peer: self.peer,
            wishes: Wishes::read(self.door, headers, consistency, ack),
            request_id,
            deadline: Instant::now() + self.door.options.deadline,
        };
        let decode = || wire::decode_json(operation, self.body, query).map(Bytes::from);
        call::carry_out(self.door, incoming, decode).await
    }
}
