//! Answers in JSON.

use std::panic::{AssertUnwindSafe, catch_unwind};

use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use schema::OperationInfo;
use tonic::body::Body;

use crate::answer::Answer;
use crate::call;
use crate::door::Shared;
use crate::probes::page;

/// The media type of every answer.
const JSON: &str = "application/json";

/// Where this protocol says which fault it is.
const ERROR_TYPE: HeaderName = HeaderName::from_static("x-amzn-errortype");

/// Seconds after which a client may ask again.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");

/// What all answers to one request share.
pub(super) struct Reply<'a> {
    pub(super) door: &'a Shared,
    pub(super) operation: &'static OperationInfo,
    pub(super) request_id: &'a str,
}

impl Reply<'_> {
    /// Writes an answer; gives back the answer that was written.
    pub(super) fn write(&self, answer: Answer) -> (Response<Body>, Answer) {
        let written = match &answer.outcome {
            Ok(message) => {
                let encode = || wire::encode_json(self.operation, message);
                catch_unwind(AssertUnwindSafe(encode))
            }
            Err(_) => return self.refusal(answer),
        };
        match written {
            Ok(text) => {
                let mut response = page(StatusCode::OK, JSON, text);
                answer.write_headers(self.request_id, response.headers_mut());
                (response, answer)
            }
            Err(_) => self.refusal(call::panicked(self.door)),
        }
    }

    fn refusal(&self, answer: Answer) -> (Response<Body>, Answer) {
        let Err(fault) = &answer.outcome else { return self.refusal(Answer::failed()) };
        let shown = wire::encode_json_fault(fault);
        let status = StatusCode::from_u16(shown.status).unwrap_or(StatusCode::BAD_REQUEST);
        let mut response = page(status, JSON, shown.body);
        answer.write_headers(self.request_id, response.headers_mut());
        // A code that cannot stand in a header is none of AWS's.
        if let Ok(value) = HeaderValue::from_str(&shown.error_type) {
            response.headers_mut().insert(ERROR_TYPE, value);
        }
        if matches!(status, StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
        }
        (response, answer)
    }
}
