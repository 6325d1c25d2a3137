//! Answers in XML.

use std::panic::{AssertUnwindSafe, catch_unwind};

use http::{HeaderValue, Response, StatusCode, header};
use schema::{OperationInfo, Service};
use tonic::body::Body;

use crate::answer::Answer;
use crate::call;
use crate::door::Shared;
use crate::probes::page;

/// The media type of every answer.
const XML: &str = "text/xml";

/// Where a browser that has strayed here is sent.
const DOCUMENTATION: &str = "https://docs.aws.amazon.com/IAM/latest/APIReference/";

/// Seconds after which a client may ask again.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// What all answers to one request share.
pub(super) struct Reply<'a> {
    pub(super) door: &'a Shared,
    pub(super) request_id: &'a str,
}

impl Reply<'_> {
    /// Writes the answer of an operation; gives back the answer that was written.
    pub(super) fn write(
        &self,
        operation: &OperationInfo,
        answer: Answer,
    ) -> (Response<Body>, Answer) {
        let Ok(message) = &answer.outcome else {
            return self.refusal(Some(operation.service), answer);
        };
        let encode = || wire::encode(operation, message, self.request_id);
        match catch_unwind(AssertUnwindSafe(encode)) {
            Ok(text) => (self.finish(StatusCode::OK, text, &answer), answer),
            Err(_) => self.refusal(Some(operation.service), call::panicked(self.door)),
        }
    }

    /// Writes an answer that is a fault.
    pub(super) fn refusal(
        &self,
        service: Option<Service>,
        answer: Answer,
    ) -> (Response<Body>, Answer) {
        let Err(fault) = &answer.outcome else {
            return self.refusal(service, Answer::failed());
        };
        let status = StatusCode::from_u16(fault.http_status()).unwrap_or(StatusCode::BAD_REQUEST);
        // AWS answers some refusals with nothing but their status.
        if fault.code.is_empty() {
            return (bare(status), answer);
        }
        let text = wire::encode_fault(service, fault, self.request_id);
        (self.finish(status, text, &answer), answer)
    }

    fn finish(&self, status: StatusCode, text: String, answer: &Answer) -> Response<Body> {
        let mut response = page(status, XML, text);
        answer.write_headers(self.request_id, response.headers_mut());
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        response
    }
}

/// A status without a body.
pub(super) fn bare(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    if status == StatusCode::FOUND {
        let location = HeaderValue::from_static(DOCUMENTATION);
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}
