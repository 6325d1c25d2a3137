//! Minting operations of STS: a view, a session made from it, and its token. Nothing is written.

use bytes::Bytes;
use cluster::Seen;
use model::id;
use ops::{Call, Refused};
use prost_types::Timestamp;
use schema::{Fault, code, sts};
use zeroize::Zeroize;

use super::{Asked, authorization, view};
use crate::answer::Answer;
use crate::door::Shared;
use crate::keys;

/// Bytes of the longest token given out: what the front door of the same cell still takes.
const LONGEST_TOKEN: usize = 12 << 10;

pub(super) async fn mint(door: &Shared, asked: &mut Asked) -> Answer {
    let seen = match view::at(door, asked.consistency, &asked.found, asked.deadline).await {
        Ok(seen) => seen,
        Err(stop) => return stop.into(),
    };
    asked.call.now_ms = door.clock.wall_ms();
    match from(door, &seen, &asked.call) {
        Ok(response) => Answer::of(Ok(response), &seen),
        Err(refused) => authorization::refusal(door, refused, &seen),
    }
}

fn from(door: &Shared, seen: &Seen, call: &Call) -> Result<Bytes, Refused> {
    let minted = ops::mint(&seen.state, call)?;
    let mut chance = [0; 8];
    door.entropy.fill(&mut chance);
    let secret = keys::new_secret(&*door.entropy);
    let mut session = minted.session.clone();
    session.access_key_id = id::session_key_id(&session.account_id, u64::from_be_bytes(chance));
    session.secret_access_key = secret.to_string();
    // Whatever it was made from is there, wherever that revision is.
    session.birth_revision = seen.reaches();
    let token = door.keys.seal_session(&session, &*door.entropy);
    session.secret_access_key.zeroize();
    if token.len() > LONGEST_TOKEN {
        let message = "The session policies and tags are together too long.";
        return Err(Fault::new(code::PACKED_POLICY_TOO_LARGE, message).into());
    }
    Ok(minted.deliver(sts::v1::Credentials {
        access_key_id: session.access_key_id,
        secret_access_key: secret.to_string(),
        session_token: token,
        expiration: Some(timestamp(session.expires_ms)),
    })?)
}

fn timestamp(time_ms: u64) -> Timestamp {
    let seconds = i64::try_from(time_ms / 1000).unwrap_or(i64::MAX);
    let nanos = i32::try_from(time_ms % 1000 * 1_000_000).unwrap_or(0);
    Timestamp { seconds, nanos }
}
