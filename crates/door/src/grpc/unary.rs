//! One call over gRPC: of an operation, or a question about authorization.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use http::{HeaderMap, Request};
use hyper::body::Body as HttpBody;
use schema::OperationInfo;
use tokio::time::{Instant, timeout};
use tonic::body::Body;
use tonic::codegen::StdError;
use tonic::server::{Grpc, UnaryService};
use tonic::{Response, Status};
use tracing::Instrument;

use super::codec::Raw;
use super::{deadline, status};
use crate::answer::Answer;
use crate::authz::{self, Asking, Method};
use crate::call::{self, Incoming, Wishes};
use crate::door::Shared;
use crate::identify::Signed;
use crate::{Peer, entropy};

/// How much later than its deadline a call may end by itself before the whole exchange is given up.
const GRACE: Duration = Duration::from_secs(1);

/// What is called.
#[derive(Clone, Copy)]
pub(super) enum Target {
    Operation(&'static OperationInfo),
    Authz(Method),
}

impl Target {
    fn name(self) -> &'static str {
        match self {
            Target::Operation(operation) => operation.name,
            Target::Authz(method) => method.name(),
        }
    }
}

/// Answers a call.
pub(super) async fn answer<B>(
    door: &Arc<Shared>,
    target: Target,
    request: Request<B>,
    peer: Peer,
) -> http::Response<Body>
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<StdError> + Send,
{
    let request_id = entropy::request_id(&*door.entropy);
    let Some(_admitted) = door.admit() else {
        let answer = Answer::refused(call::throttled());
        return match into_response(answer, &request_id, false) {
            Ok(_) => Status::internal("a refusal is an error").into_http(),
            Err(status) => status.into_http(),
        };
    };
    let within = deadline::timeout(request.headers()).unwrap_or(door.options.deadline);
    let within = within.min(door.options.longest_deadline);
    let authority = request.uri().authority().map(|authority| authority.as_str().to_owned());
    let deadline = Instant::now() + within;
    let door = Arc::clone(door);
    let mut grpc = Grpc::new(Raw).max_decoding_message_size(door.options.message_bytes);
    let service = Unary { door, target, peer, authority, deadline, request_id };
    match timeout(within + GRACE, grpc.unary(service, request)).await {
        Ok(response) => response,
        Err(_) => Status::deadline_exceeded("The request did not come in time.").into_http(),
    }
}

/// A call whose message is yet to be read.
#[derive(Clone)]
struct Unary {
    door: Arc<Shared>,
    target: Target,
    peer: Peer,
    authority: Option<String>,
    deadline: Instant,
    request_id: String,
}

impl UnaryService<Bytes> for Unary {
    type Response = Bytes;
    type Future = BoxFuture<'static, Result<Response<Bytes>, Status>>;

    fn call(&mut self, request: tonic::Request<Bytes>) -> Self::Future {
        let call = self.clone();
        let (request_id, operation) = (self.request_id.as_str(), self.target.name());
        let span = tracing::info_span!("call", request_id, operation, protocol = "grpc");
        async move { call.run(request).await }.instrument(span).boxed()
    }
}

impl Unary {
    async fn run(self, request: tonic::Request<Bytes>) -> Result<Response<Bytes>, Status> {
        let began = Instant::now();
        let (metadata, _, message) = request.into_parts();
        let headers = metadata.into_headers();
        let answer = self.carry_out(&headers, message).await;
        call::finish(&self.door, "grpc", self.target.name(), &answer, began.elapsed());
        into_response(answer, &self.request_id, Instant::now() >= self.deadline)
    }

    async fn carry_out(&self, headers: &HeaderMap, message: Bytes) -> Answer {
        match self.target {
            Target::Operation(operation) => self.operate(operation, headers, message).await,
            Target::Authz(method) => {
                let asked = Asking {
                    method,
                    signed: self.signed(method.path(), method.services(), headers, &message),
                    headers,
                    peer: self.peer,
                    wishes: Wishes::read(&self.door, headers, None, None),
                    deadline: self.deadline,
                };
                authz::carry_out(&self.door, asked, &message).await
            }
        }
    }

    async fn operate(
        &self,
        operation: &'static OperationInfo,
        headers: &HeaderMap,
        message: Bytes,
    ) -> Answer {
        let services = [operation.service.signing_name()];
        let signed = self.signed(&operation.path, &services, headers, &message);
        let is_unsigned = operation.unsigned && !headers.contains_key("authorization");
        let incoming = Incoming {
            operation,
            signed: (!is_unsigned).then_some(signed),
            headers,
            peer: self.peer,
            wishes: Wishes::read(&self.door, headers, None, None),
            request_id: &self.request_id,
            deadline: self.deadline,
        };
        call::carry_out(&self.door, incoming, || {
            wire::validate(operation, &message).map(|()| message)
        })
        .await
    }

    fn signed<'a>(
        &'a self,
        path: &'a str,
        services: &'a [&'a str],
        headers: &'a HeaderMap,
        message: &[u8],
    ) -> Signed<'a> {
        Signed {
            method: "POST",
            path,
            query: "",
            headers,
            authority: self.authority.as_deref(),
            body_sha256: sigv4::sha256(message),
            services,
        }
    }
}

fn into_response(
    answer: Answer,
    request_id: &str,
    is_late: bool,
) -> Result<Response<Bytes>, Status> {
    let mut headers = HeaderMap::new();
    answer.write_headers(request_id, &mut headers);
    match answer.outcome {
        Ok(ref message) => {
            let mut response = Response::new(message.clone());
            *response.metadata_mut() = tonic::metadata::MetadataMap::from_headers(headers);
            Ok(response)
        }
        Err(ref fault) => Err(status::of(&answer, fault, request_id, is_late)),
    }
}
