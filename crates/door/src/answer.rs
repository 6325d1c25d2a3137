//! What becomes of a call, before it is written in any protocol.

use std::sync::Arc;

use bytes::Bytes;
use cluster::{Lease, Ordering, Seen, Unavailable};
use http::{HeaderMap, HeaderName, HeaderValue};
use schema::{Fault, code};
use sigv4::Refusal;

use crate::{Token, headers};

/// An answer and what is said about it.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The response message, encoded, or what is said instead.
    pub(crate) outcome: Result<Bytes, Fault>,
    /// What it was answered from; absent when nothing was looked at.
    pub(crate) mark: Option<Mark>,
    /// The token of a write.
    pub(crate) token: Option<Token>,
    /// Whether a write became visible where it was to be.
    pub(crate) propagation: Option<&'static str>,
    /// Whether a write that nobody answered was made all the same.
    pub(crate) applied: Option<&'static str>,
    /// Why policies refuse it, sealed.
    pub(crate) authorization: Option<String>,
}

/// The facts about every answer (docs/consistency.md).
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    pub(crate) revision: u64,
    pub(crate) age_ms: u64,
    pub(crate) served_by: Arc<str>,
    /// Decisions should no longer be made by it.
    pub(crate) is_stale: bool,
    pub(crate) ordering: Ordering,
}

/// Why a call ends before its operation.
#[derive(Debug)]
pub(crate) enum Stop {
    /// A refusal.
    Fault(Fault),
    /// Nobody could answer in time.
    Unavailable(Unavailable),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Stop::Fault(fault)
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Stop::Fault(Fault::new(refusal.code, refusal.message))
    }
}

impl From<Unavailable> for Stop {
    fn from(unavailable: Unavailable) -> Self {
        Stop::Unavailable(unavailable)
    }
}

impl From<Stop> for Answer {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Fault(fault) => Answer::refused(fault),
            Stop::Unavailable(unavailable) => Answer::unavailable(&unavailable),
        }
    }
}

impl Answer {
    /// An outcome seen in a view.
    pub(crate) fn of(outcome: Result<Bytes, Fault>, seen: &Seen) -> Self {
        let mark = Some(Mark::of(seen));
        Answer { mark, ..Answer::bare(outcome) }
    }

    /// A refusal before anything was looked at.
    pub(crate) fn refused(fault: Fault) -> Self {
        Answer::bare(Err(fault))
    }

    /// An outcome of which nothing is said.
    pub(crate) fn bare(outcome: Result<Bytes, Fault>) -> Self {
        let (mark, token, propagation) = (None, None, None);
        Answer { outcome, mark, token, propagation, applied: None, authorization: None }
    }

    /// Nobody could answer. The reason goes to the log: it may name what is no caller's business.
    pub(crate) fn unavailable(unavailable: &Unavailable) -> Self {
        tracing::warn!(reason = %unavailable, "unavailable");
        let (message, applied) = if unavailable.maybe_applied {
            ("The request was not confirmed in time; it may have been carried out.", "unknown")
        } else {
            ("The service cannot answer now; nothing was done. Try again.", "no")
        };
        let fault = Fault::new(code::SERVICE_UNAVAILABLE, message);
        Answer { applied: Some(applied), ..Answer::refused(fault) }
    }

    /// A handler panicked.
    pub(crate) fn failed() -> Self {
        let message = "The request failed because of an internal error.";
        Answer::refused(Fault::new(code::SERVICE_FAILURE, message))
    }

    /// The error code, or `OK`.
    pub(crate) fn code(&self) -> &str {
        self.outcome.as_ref().err().map_or("OK", |fault| &fault.code)
    }

    /// Puts what is said about the answer into headers or metadata.
    pub(crate) fn write_headers(&self, request_id: &str, headers: &mut HeaderMap) {
        let mut put = |name: &'static str, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        put(headers::REQUEST_ID, request_id);
        if let Some(mark) = &self.mark {
            put(headers::REVISION, &mark.revision.to_string());
            put(headers::AGE_MS, &mark.age_ms.to_string());
            put(headers::SERVED_BY, &mark.served_by);
            if mark.is_stale {
                put(headers::STALE, "true");
            }
            if let Ordering::Class { .. } = mark.ordering {
                put(headers::ORDERING, "class");
            }
        }
        if let Some(token) = &self.token {
            put(headers::TOKEN, &token.to_string());
        }
        if let Some(propagation) = self.propagation {
            put(headers::PROPAGATION, propagation);
        }
        if let Some(applied) = self.applied {
            put(headers::APPLIED, applied);
        }
        if let Some(message) = &self.authorization {
            put(headers::AUTHORIZATION_MESSAGE, message);
        }
    }
}

impl Mark {
    pub(crate) fn of(seen: &Seen) -> Self {
        let served_by = Arc::clone(&seen.served_by);
        let (is_stale, ordering) = (seen.lease != Lease::Held, seen.ordering);
        Mark { revision: seen.revision, age_ms: seen.age_ms, served_by, is_stale, ordering }
    }
}
