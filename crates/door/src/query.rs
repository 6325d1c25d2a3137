//! The AWS Query side: a form in, XML out, every refusal in AWS's order and words.

mod respond;

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use hyper::body::Body as HttpBody;
use schema::{Fault, OperationInfo, Service, code};
use tokio::time::Instant;
use tonic::body::Body;
use tracing::Instrument;
use wire::{Form, Limits};

use crate::answer::Answer;
use crate::budget::Unread;
use crate::call::{self, Incoming, Wishes};
use crate::door::Shared;
use crate::identify::{Signed, identify};
use crate::path::Path;
use crate::{Peer, entropy};

use self::respond::{Reply, bare};

/// Answers a request of the AWS Query protocol.
pub(crate) async fn answer<B>(door: &Arc<Shared>, request: Request<B>, peer: Peer) -> Response<Body>
where
    B: HttpBody<Data = Bytes> + Send + 'static,
{
    let (parts, body) = request.into_parts();
    let has_body = !body.is_end_stream();
    if let Err(status) = precheck(&parts, has_body) {
        return bare(status);
    }
    let request_id = entropy::request_id(&*door.entropy);
    let reply = Reply { door, request_id: &request_id };
    let Some(_admitted) = door.admit() else {
        return reply.refusal(None, Answer::refused(call::throttled())).0;
    };
    if has_body && !is_form(&parts.headers) {
        return reply.refusal(None, Answer::refused(wrong_content_type())).0;
    }
    let read = door.budget.read(body, door.options.body_bytes, door.options.read_timeout).await;
    let held = match read {
        Ok(held) => held,
        Err(Unread::TooLong) => return bare(StatusCode::PAYLOAD_TOO_LARGE),
        Err(Unread::Lost) => return bare(StatusCode::REQUEST_TIMEOUT),
        Err(Unread::NoRoom) => return reply.refusal(None, Answer::refused(call::throttled())).0,
    };
    let query = Query { door, parts: &parts, body: &held.bytes, peer, request_id: &request_id };
    let span = tracing::info_span!("call", request_id, protocol = "query");
    query.answer().instrument(span).await
}

/// Refusals that need neither body nor signature, which AWS gives without a body.
fn precheck(parts: &Parts, has_body: bool) -> Result<(), StatusCode> {
    if !Path::parse(parts.uri.path())?.rest.is_empty() {
        return Err(StatusCode::NOT_FOUND);
    }
    match parts.method {
        Method::POST => Ok(()),
        Method::GET if !has_body && parts.uri.query().is_some_and(has_action) => Ok(()),
        _ => Err(StatusCode::FOUND),
    }
}

fn has_action(query: &str) -> bool {
    query.split('&').any(|piece| piece.starts_with("Action="))
}

fn is_form(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next()).unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn wrong_content_type() -> Fault {
    let message = "The Content-Type of a request must be application/x-www-form-urlencoded.";
    Fault::new(code::ACCESS_DENIED, message)
}

/// A request whose body has been read.
struct Query<'a> {
    door: &'a Shared,
    parts: &'a Parts,
    body: &'a Bytes,
    peer: Peer,
    request_id: &'a str,
}

impl Query<'_> {
    async fn answer(&self) -> Response<Body> {
        let began = Instant::now();
        let reply = Reply { door: self.door, request_id: self.request_id };
        let form = self.form();
        let routed = form.as_ref().map_err(Clone::clone).and_then(wire::route);
        let (operation, response, answer) = match (form, routed) {
            (Ok(form), Ok(operation)) => {
                let answer = self.carry_out(operation, &form).await;
                let (response, answer) = reply.write(operation, answer);
                (operation.name, response, answer)
            }
            (form, Err(fault)) => {
                let service = form.ok().and_then(|form| service(&form));
                let (service, answer) = self.refuse(service, fault).await;
                let (response, answer) = reply.refusal(service, answer);
                ("unknown", response, answer)
            }
            // INVARIANT: a form that cannot be read routes to nothing.
            (Err(fault), Ok(_)) => {
                let (response, answer) = reply.refusal(None, Answer::refused(fault));
                ("unknown", response, answer)
            }
        };
        call::finish(self.door, "query", operation, &answer, began.elapsed());
        response
    }

    /// The parameters of the body, then those of the query: of a name given twice the first counts.
    fn form(&self) -> Result<Form, Fault> {
        let query = self.parts.uri.query().unwrap_or_default();
        let limits = Limits::default();
        match (self.body.is_empty(), query.is_empty()) {
            (false, true) => wire::parse_form(self.body, &limits),
            (true, _) => wire::parse_form(query.as_bytes(), &limits),
            (false, false) => {
                wire::parse_form(&[self.body, &b"&"[..], query.as_bytes()].concat(), &limits)
            }
        }
    }

    async fn carry_out(&self, operation: &'static OperationInfo, form: &Form) -> Answer {
        // INVARIANT: the path was checked before the body was read.
        let path = Path::parse(self.parts.uri.path()).unwrap_or_default();
        let headers = &self.parts.headers;
        let (consistency, ack) = (path.consistency.as_deref(), path.ack.as_deref());
        let services = [operation.service.signing_name()];
        let is_unsigned = operation.unsigned && !self.is_signed();
        let incoming = Incoming {
            operation,
            signed: (!is_unsigned).then(|| self.signed(&services)),
            headers,
            peer: self.peer,
            wishes: Wishes::read(self.door, headers, consistency, ack),
            request_id: self.request_id,
            deadline: Instant::now() + self.door.options.deadline,
        };
        let decode = || wire::decode(operation, form).map(Bytes::from);
        call::carry_out(self.door, incoming, decode).await
    }

    /// A request that leads nowhere is told so only once its signature is found to be right.
    async fn refuse(&self, service: Option<Service>, fault: Fault) -> (Option<Service>, Answer) {
        let services = match service {
            Some(service) => vec![service.signing_name()],
            None => Service::AWS.map(Service::signing_name).to_vec(),
        };
        let deadline = Instant::now() + self.door.options.deadline;
        match identify(self.door, &self.signed(&services), false, deadline).await {
            Ok(_) => (None, Answer::refused(fault)),
            Err(stop) => (service, stop.into()),
        }
    }

    fn signed<'a>(&'a self, services: &'a [&'a str]) -> Signed<'a> {
        let uri = &self.parts.uri;
        Signed {
            method: self.parts.method.as_str(),
            path: uri.path(),
            query: uri.query().unwrap_or_default(),
            headers: &self.parts.headers,
            authority: uri.authority().map(|authority| authority.as_str()),
            body_sha256: sigv4::sha256(self.body),
            services,
        }
    }

    fn is_signed(&self) -> bool {
        let query = self.parts.uri.query().unwrap_or_default();
        let in_query = query.split('&').any(|piece| piece.starts_with("X-Amz-Algorithm="));
        in_query || self.parts.headers.contains_key(header::AUTHORIZATION)
    }
}

/// The service whose version a form names.
fn service(form: &Form) -> Option<Service> {
    let version = form.value("Version");
    Service::AWS.into_iter().find(|service| Some(service.version()) == version)
}
