//! Services for the operator, for peers of the cell, and for every account, guarded here so that none of them has to do
//! it.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, header};
use http_body_util::Full;
use sha2::{Digest, Sha256};
use tokio::time::Instant;
use tonic::body::Body;
use tower::ServiceExt;

use super::refusal;
use crate::answer::Stop;
use crate::door::Shared;
use crate::identify::{Signed, identify};
use crate::services::{Boxed, Caller, Identity};
use crate::{Peer, call};
use crate::{budget::Unread, entropy};

/// Bytes before a gRPC message: whether it is compressed, and its length.
const FRAME: usize = 5;

/// Lets a call through to its service once it is known who made it: by a signature for one of the
/// signing names, or as a peer.
pub(super) async fn answer(
    door: &Arc<Shared>,
    service: Boxed,
    names: &[&str],
    request: Request<Body>,
    peer: Peer,
) -> Response<Body> {
    let request_id = entropy::request_id(&*door.entropy);
    match admit(door, names, request, peer, &request_id).await {
        Ok(request) => service.oneshot(request).await.unwrap_or_else(|never| match never {}),
        Err(stop) => refusal(stop, &request_id).into_http(),
    }
}

async fn admit(
    door: &Shared,
    names: &[&str],
    request: Request<Body>,
    peer: Peer,
    request_id: &str,
) -> Result<Request<Body>, Stop> {
    let (mut parts, body) = request.into_parts();
    let most = door.options.message_bytes + FRAME;
    let read = door.budget.read(body, most, door.options.read_timeout).await;
    let body = match read {
        Ok(held) => held.bytes,
        Err(Unread::NoRoom) => return Err(call::throttled().into()),
        Err(Unread::TooLong | Unread::Lost) => return Err(malformed().into()),
    };
    let (caller, region) = if is_peer(door, &parts.headers) {
        (None, String::new())
    } else {
        let signed = Signed {
            method: parts.method.as_str(),
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            headers: &parts.headers,
            authority: parts.uri.authority().map(|authority| authority.as_str()),
            body_sha256: sigv4::sha256(message(&body)?),
            services: names,
        };
        let deadline = Instant::now() + door.options.deadline;
        let identified = identify(door, &signed, true, deadline).await?;
        (Some(identified.caller), identified.region)
    };
    let request_id = || request_id.to_owned();
    let access_key_id = caller.as_ref().map(|caller| caller.access_key_id.clone());
    let access_key_id = access_key_id.unwrap_or_default();
    let context = call::context(&parts.headers, peer, region);
    parts.extensions.insert(Caller { access_key_id, request_id: request_id() });
    parts.extensions.insert(Identity { caller, context, request_id: request_id() });
    Ok(Request::from_parts(parts, Body::new(Full::new(body))))
}

/// The one message of a unary call, out of its frame.
fn message(body: &Bytes) -> Result<&[u8], Stop> {
    let Some((frame, message)) = body.split_at_checked(FRAME) else {
        return Err(malformed().into());
    };
    let length = u32::from_be_bytes([frame[1], frame[2], frame[3], frame[4]]);
    if frame[0] != 0 || usize::try_from(length) != Ok(message.len()) {
        return Err(malformed().into());
    }
    Ok(message)
}

fn malformed() -> schema::Fault {
    ops::faults::malformed_request()
}

/// Whether the caller shows the cell's peer token. Digests are compared, so that time tells nothing
/// of the token.
fn is_peer(door: &Shared, headers: &HeaderMap) -> bool {
    let value = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes());
    let Some(shown) = value.and_then(|value| value.strip_prefix(b"Bearer ")) else { return false };
    Sha256::digest(shown) == Sha256::digest(door.keys.peer_token())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_whole_message_is_taken_out_of_its_frame() {
        let framed = Bytes::from_static(b"\0\0\0\0\x02hi");
        assert_eq!(message(&framed).ok(), Some(&b"hi"[..]));
        for bad in
            [&b""[..], b"\0\0\0\0", b"\x01\0\0\0\x02hi", b"\0\0\0\0\x03hi", b"\0\0\0\0\x01hi"]
        {
            assert!(message(&Bytes::from_static(bad)).is_err(), "{bad:?}");
        }
    }
}
