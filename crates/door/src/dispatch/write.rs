//! Writing operations: judged here first, sealed, and put into the log.

use std::time::Duration;

use bytes::Bytes;
use cluster::{Committed, Ordering, Proposal, Seen};
use ops::{Refused, call};
use schema::model::v1::SealedSecret;
use schema::{Fault, code};
use tokio::time::Instant;
use zeroize::Zeroizing;

use super::{Asked, authorization};
use crate::answer::{Answer, Mark};
use crate::door::Shared;
use crate::{Ack, Token, keys};

/// How long before its deadline a committed write is answered that is not visible everywhere yet.
const ANSWER_IN_TIME: Duration = Duration::from_millis(200);

/// A secret made for a write, and as the log carries it.
struct Secret {
    clear: Zeroizing<String>,
    sealed: SealedSecret,
}

pub(super) async fn write(door: &Shared, asked: &Asked) -> Answer {
    let mut seen = door.backend.seen();
    let mut secret = match prepare(door, asked, &seen) {
        Ok(secret) => secret,
        // What is refused here may be allowed by what was acknowledged since: only a strong view
        // may refuse.
        Err(_) => match prepare_strong(door, asked, &mut seen).await {
            Ok(secret) => secret,
            Err(answer) => return *answer,
        },
    };
    let mut answer = propose(door, asked, secret.as_ref()).await;
    if secret.is_some() && answer.code() == code::CONCURRENT_MODIFICATION {
        // The owner seen here was not the one in the log; nothing was written, so once more with
        // certainty.
        secret = match prepare_strong(door, asked, &mut seen).await {
            Ok(secret) => secret,
            Err(answer) => return *answer,
        };
        answer = propose(door, asked, secret.as_ref()).await;
    }
    answer
}

async fn prepare_strong(
    door: &Shared,
    asked: &Asked,
    seen: &mut Seen,
) -> Result<Option<Secret>, Box<Answer>> {
    let strong = door.backend.strong(asked.deadline).await;
    *seen = strong.map_err(|error| Box::new(Answer::unavailable(&error)))?;
    prepare(door, asked, seen)
        .map_err(|refused| Box::new(authorization::refusal(door, refused, seen)))
}

/// Judges the call at a view and makes the secret it needs, if it makes one.
fn prepare(door: &Shared, asked: &Asked, seen: &Seen) -> Result<Option<Secret>, Refused> {
    call::check_write(&seen.state, &asked.call)?;
    let Some(owner_id) = call::secret_owner(&seen.state, &asked.call)? else { return Ok(None) };
    let clear = keys::new_secret(&*door.entropy);
    let sealed = door.keys.seal(&clear, &owner_id, &*door.entropy);
    Ok(Some(Secret { clear, sealed }))
}

async fn propose(door: &Shared, asked: &Asked, secret: Option<&Secret>) -> Answer {
    let proposal = Proposal {
        operation: asked.call.operation,
        request: asked.call.request.clone(),
        request_id: asked.request_id.clone(),
        caller: asked.call.caller.clone(),
        context: asked.call.context.clone(),
        sealed: secret.map(|secret| secret.sealed.clone()),
        // What the account says comes with the entry: see below.
        awaited: *asked.ack.as_ref().unwrap_or(&door.options.ack) != Ack::Committed,
    };
    let began = Instant::now();
    match door.backend.propose(proposal, asked.deadline).await {
        Ok(committed) => {
            let propagation = propagated(door, asked, &committed).await;
            Answer { propagation, ..answered(door, asked, committed, secret, began) }
        }
        Err(error) => Answer::unavailable(&error),
    }
}

/// Waits until a write is visible where it is to be: where the caller says, else where its account says at the write's
/// own place in the log, whatever is visible here, else where this door says. What was refused changed nothing to be
/// seen.
///
/// It is committed, so the answer says so in time even when it is not visible yet: a little before the deadline.
async fn propagated(door: &Shared, asked: &Asked, committed: &Committed) -> Option<&'static str> {
    let ack = asked.ack.as_ref().or(committed.ack.as_ref()).unwrap_or(&door.options.ack);
    let Ack::Visible(level) = ack else { return None };
    if committed.outcome.is_err() {
        return None;
    }
    let left = asked.deadline.saturating_duration_since(Instant::now());
    let until = asked.deadline - (left / 5).min(ANSWER_IN_TIME);
    match door.backend.propagated(committed.revision, level, until).await {
        true => Some("reached"),
        false => Some("pending"),
    }
}

fn answered(
    door: &Shared,
    asked: &Asked,
    committed: Committed,
    secret: Option<&Secret>,
    began: Instant,
) -> Answer {
    let Committed { revision, outcome, .. } = committed;
    let outcome = match (outcome, secret) {
        (Ok(response), Some(secret)) => reveal(asked, &response, secret),
        (outcome, _) => outcome,
    };
    let seen = door.backend.seen();
    let cell_id = seen.state.cell().map_or("", |cell| &cell.cell_id);
    // The entry was the newest when it was committed, and that was after the proposal.
    let age_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    // It is answered from the state that the entry itself made, whatever is shown here.
    let (served_by, ordering) = (seen.served_by.clone(), Ordering::Prefix);
    let mark = Mark { revision, age_ms, served_by, is_stale: false, ordering };
    let token = Some(Token::new(cell_id, revision));
    Answer { mark: Some(mark), token, ..Answer::bare(outcome) }
}

fn reveal(asked: &Asked, response: &[u8], secret: &Secret) -> Result<Bytes, Fault> {
    call::reveal(asked.call.operation, response, &secret.clear)
}
