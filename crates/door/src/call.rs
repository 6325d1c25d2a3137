//! What all protocols do with a call once they have read it: identify, check, dispatch, count.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use bytes::Bytes;
use cluster::Consistency;
use futures::FutureExt;
use http::{HeaderMap, header};
use ops::{Call, faults};
use schema::model::v1::{Caller, RequestContext};
use schema::{Fault, Kind, OperationInfo, code};
use tokio::time::Instant;

use crate::answer::{Answer, Stop};
use crate::dispatch::{Asked, dispatch};
use crate::door::Shared;
use crate::identify::{Found, Identified, Signed, identify};
use crate::{Ack, Peer, ack, consistency, headers};

/// Characters of a header that are kept for policies and the log.
const KEPT: usize = 1024;

/// A call as a protocol has read it.
pub(crate) struct Incoming<'a> {
    pub(crate) operation: &'static OperationInfo,
    /// What the signature covers; `None` for a call without one of an operation that needs none.
    pub(crate) signed: Option<Signed<'a>>,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) peer: Peer,
    pub(crate) wishes: Wishes,
    pub(crate) request_id: &'a str,
    pub(crate) deadline: Instant,
}

/// What the caller asks for besides the operation.
pub(crate) struct Wishes {
    pub(crate) consistency: Result<Consistency, Fault>,
    /// `None`: nothing, and what its account or this door says holds.
    ack: Result<Option<Ack>, Fault>,
}

impl Wishes {
    /// Reads the headers; `path_consistency` and `path_ack` stand in for those that are missing.
    pub(crate) fn read(
        door: &Shared,
        headers: &HeaderMap,
        path_consistency: Option<&str>,
        path_ack: Option<&str>,
    ) -> Self {
        let header = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
        let consistency = match header(headers::CONSISTENCY).or(path_consistency) {
            Some(text) => consistency::parse(text, &door.cell_id()),
            None => Ok(door.default_consistency()),
        };
        let ack = header(headers::ACK).or(path_ack).map(ack::parse).transpose();
        Wishes { consistency, ack }
    }

    /// Whether the caller is to be judged by everything acknowledged so far.
    pub(crate) fn is_strong(&self, kind: Kind) -> bool {
        kind == Kind::Write || self.consistency == Ok(Consistency::Strong)
    }
}

/// Carries a call out: who calls, then what is wrong with the request, then the operation. `decode`
/// gives the request message, checked against the limits of the model.
///
/// A panic fails the call, not the node.
pub(crate) async fn carry_out(
    door: &Shared,
    incoming: Incoming<'_>,
    decode: impl FnOnce() -> Result<Bytes, Fault>,
) -> Answer {
    let run = AssertUnwindSafe(run(door, incoming, decode));
    match run.catch_unwind().await {
        Ok(Ok(answer)) => answer,
        Ok(Err(stop)) => stop.into(),
        Err(_) => panicked(door),
    }
}

/// The answer to a call that panicked; the panic itself is in the log.
pub(crate) fn panicked(door: &Shared) -> Answer {
    door.metrics.panics.inc();
    tracing::error!("a call panicked");
    Answer::failed()
}

async fn run(
    door: &Shared,
    incoming: Incoming<'_>,
    decode: impl FnOnce() -> Result<Bytes, Fault>,
) -> Result<Answer, Stop> {
    let Incoming { operation, signed, headers, peer, wishes, request_id, deadline } = incoming;
    let is_strong = wishes.is_strong(operation.kind);
    let Identified { caller, region, found } = match signed {
        Some(signed) => identify(door, &signed, is_strong, deadline).await?,
        None => Identified {
            caller: Caller::default(),
            region: String::new(),
            found: Found::new(door.backend.seen()),
        },
    };
    tracing::debug!(access_key_id = caller.access_key_id, "identified");
    let consistency = wishes.consistency?;
    let ack = match operation.kind {
        Kind::Write => wishes.ack?,
        _ => None,
    };
    if operation.kind == Kind::Planned {
        return Err(faults::not_implemented(operation.name).into());
    }
    let call = Call {
        operation: operation.index,
        request: decode()?,
        caller,
        context: context(headers, peer, region),
        now_ms: door.clock.wall_ms(),
    };
    let request_id = request_id.to_owned();
    let asked = Asked { operation, call, found, request_id, consistency, ack, deadline };
    Ok(dispatch(door, asked).await)
}

/// What a policy may look at.
pub(crate) fn context(headers: &HeaderMap, peer: Peer, region: String) -> RequestContext {
    let kept = |name| {
        let value = headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()));
        value.map(|value| value.chars().take(KEPT).collect()).unwrap_or_default()
    };
    RequestContext {
        source_ip: peer.address.to_canonical().to_string(),
        user_agent: kept(header::USER_AGENT),
        secure_transport: peer.secure,
        region,
        referer: kept(header::REFERER),
    }
}

/// Too much is under way. SDKs wait a little and try again.
pub(crate) fn throttled() -> Fault {
    Fault::new(code::THROTTLING, "Rate exceeded")
}

/// Counts and logs a call that was answered.
pub(crate) fn finish(
    door: &Shared,
    protocol: &'static str,
    operation: &'static str,
    answer: &Answer,
    took: Duration,
) {
    door.metrics.answered(protocol, operation, answer.code(), took);
    let took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    match &answer.outcome {
        Ok(_) => tracing::debug!(took_us, "answered"),
        Err(fault) if fault.is_sender() => tracing::debug!(took_us, %fault, "refused"),
        Err(fault) => tracing::warn!(took_us, %fault, "failed"),
    }
}
