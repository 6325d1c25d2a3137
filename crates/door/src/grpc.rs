//! The gRPC side: one generic call for every operation of the schema, and services beside them.

mod codec;
mod deadline;
mod guarded;
mod health;
mod status;
mod unary;

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, header};
use hyper::body::Body as HttpBody;
use tonic::Status;
use tonic::body::Body;
use tonic::codegen::StdError;
use tower::ServiceExt;

use unary::Target;

use crate::Peer;
use crate::answer::{Answer, Stop};
use crate::authz::Method;
use crate::door::Shared;
use crate::identify::OPERATOR_SERVICE;
use crate::services::{Guard, Mounted};

pub(crate) use health::Health;

/// Whether a request speaks gRPC.
pub(crate) fn is_grpc(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).map(|value| value.as_bytes());
    let Some(rest) = content_type.and_then(|text| text.strip_prefix(b"application/grpc")) else {
        return false;
    };
    // gRPC-Web is another protocol, which is not spoken here.
    matches!(rest.first(), None | Some(b'+' | b';'))
}

/// Answers a gRPC request.
pub(crate) async fn answer<B>(door: &Arc<Shared>, request: Request<B>, peer: Peer) -> Response<Body>
where
    B: HttpBody<Data = Bytes> + Send + 'static,
    B::Error: Into<StdError> + Send,
{
    if let Some(operation) = schema::operation_by_path(request.uri().path()) {
        return unary::answer(door, Target::Operation(operation), request, peer).await;
    }
    if let Some(method) = Method::of_path(request.uri().path()) {
        return unary::answer(door, Target::Authz(method), request, peer).await;
    }
    let request = request.map(Body::new);
    match door.services.of_path(request.uri().path()) {
        Some(Mounted { service, guard: Guard::Open }) => {
            service.oneshot(request).await.unwrap_or_else(|never| match never {})
        }
        Some(Mounted { service, guard: Guard::Operator }) => {
            guarded::answer(door, service, &[OPERATOR_SERVICE], request, peer).await
        }
        Some(Mounted { service, guard: Guard::Anyone(name) }) => {
            guarded::answer(door, service, &[name, OPERATOR_SERVICE], request, peer).await
        }
        None => Status::unimplemented("There is no such method.").into_http(),
    }
}

/// A refusal of a service of the door's own, as any call is refused.
pub(crate) fn refusal(stop: Stop, request_id: &str) -> Status {
    let answer = Answer::from(stop);
    match &answer.outcome {
        Err(fault) => status::of(&answer, fault, request_id, false),
        Ok(_) => Status::internal("a refusal is an error"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_grpc_by_its_content_type() {
        for (content_type, expected) in [
            ("application/grpc", true),
            ("application/grpc+proto", true),
            ("application/grpc; charset=utf-8", true),
            ("application/grpc-web", false),
            ("application/x-www-form-urlencoded", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
            assert_eq!(is_grpc(&headers), expected, "{content_type}");
        }
        assert!(!is_grpc(&HeaderMap::new()));
    }
}
