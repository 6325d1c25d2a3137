//! What supervisors ask: is the process alive, is the node ready, what are its figures.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use tonic::body::Body;

use crate::door::Shared;
use crate::metrics;

/// The answer to a probe; `None` for every other request.
pub(crate) fn answer<B>(door: &Shared, request: &Request<B>) -> Option<Response<Body>> {
    if request.method() != Method::GET && request.method() != Method::HEAD {
        return None;
    }
    match request.uri().path() {
        "/livez" => Some(page(StatusCode::OK, "text/plain", "ok\n".to_owned())),
        "/readyz" => Some(match ready(door) {
            Ok(()) => page(StatusCode::OK, "text/plain", "ok\n".to_owned()),
            Err(why) => page(StatusCode::SERVICE_UNAVAILABLE, "text/plain", format!("{why}\n")),
        }),
        "/metrics" if door.options.metrics => {
            let text = door.metrics.page(&door.backend.seen());
            Some(page(StatusCode::OK, metrics::CONTENT_TYPE, text))
        }
        _ => None,
    }
}

/// Whether the node should be sent requests; if not, why.
pub(crate) fn ready(door: &Shared) -> Result<(), String> {
    let age_ms = door.backend.seen().age_ms;
    let bound = door.options.ready_age;
    if age_ms == u64::MAX {
        return Err("nothing is known yet about the cell".to_owned());
    }
    if Duration::from_millis(age_ms) > bound {
        return Err(format!("what is visible here is {age_ms} ms old, more than {bound:?}"));
    }
    Ok(())
}

/// A whole answer.
pub(crate) fn page(
    status: StatusCode,
    content_type: &'static str,
    text: impl Into<Bytes>,
) -> Response<Body> {
    let mut response = Response::new(Body::new(Full::new(text.into())));
    *response.status_mut() = status;
    let content_type = HeaderValue::from_static(content_type);
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response
}
