//! Which state a call is answered from.

use std::time::Duration;

use cluster::{Consistency, Lease, Seen};
use schema::{Fault, code};
use tokio::time::Instant;

use crate::answer::Stop;
use crate::door::Shared;
use crate::identify::Found;

/// A view as fresh as was asked for, young enough to decide by, and no older than the one that the
/// caller was found in. Costs nothing when what is visible here is all of that.
///
/// # Errors
/// Nobody has such a view by the deadline.
pub(crate) async fn at(
    door: &Shared,
    consistency: Consistency,
    found: &Found,
    deadline: Instant,
) -> Result<Seen, Stop> {
    Ok(found.or_newer(young_enough(door, consistency, deadline).await?))
}

async fn young_enough(
    door: &Shared,
    consistency: Consistency,
    deadline: Instant,
) -> Result<Seen, Stop> {
    let seen = as_fresh_as(door, consistency, deadline).await?;
    // A strong read has the leader's word already, however long it waited to see what it must.
    if seen.lease != Lease::Expired || consistency == Consistency::Strong {
        return Ok(seen);
    }
    // Something may have been revoked that this view does not show, and whoever did was told that nobody honours it any
    // more (docs/consistency.md): only with the leader's word may it be used.
    let until = deadline.min(Instant::now() + door.options.not_here_yet_wait);
    match door.backend.strong(until).await {
        Ok(fresh) => Ok(fresh),
        Err(error) => {
            tracing::info!(%error, age_ms = seen.age_ms, "refused: this view is too old to decide by");
            let message = "What is visible here is too old to decide by; nothing was done. Try again, or another node.";
            Err(Fault::new(code::SERVICE_UNAVAILABLE, message).into())
        }
    }
}

async fn as_fresh_as(
    door: &Shared,
    consistency: Consistency,
    deadline: Instant,
) -> Result<Seen, Stop> {
    match consistency {
        Consistency::Strong => Ok(door.backend.strong(deadline).await?),
        Consistency::Eventual => Ok(door.backend.seen()),
        Consistency::AtLeast(revision) => at_least(door, revision, deadline).await,
        Consistency::MaxAge(age) => {
            let seen = door.backend.seen();
            if Duration::from_millis(seen.age_ms) <= age {
                return Ok(seen);
            }
            Ok(door.backend.strong(deadline).await?)
        }
        Consistency::At(_) => Err(no_exact().into()),
    }
}

/// Decisions, sessions and identities are never those of an old state: what was revoked since would live on in them.
pub(crate) fn no_exact() -> Fault {
    let message = "x-bailiwick-consistency: at=<token> is for reading what IAM held; decisions, sessions and \
                   identities are those of now.";
    Fault::new(code::VALIDATION_ERROR, message)
}

async fn at_least(door: &Shared, revision: u64, deadline: Instant) -> Result<Seen, Stop> {
    let seen = door.backend.seen();
    if seen.revision >= revision {
        return Ok(seen);
    }
    match door.backend.at_least(revision, deadline).await {
        Ok(seen) => Ok(seen),
        Err(error) => {
            let here = door.backend.seen().revision;
            tracing::info!(%error, revision, here, "a revision was waited for in vain");
            let message = format!(
                "Revision {revision} is not visible here yet, {here} is; nothing was done. \
                 Try again."
            );
            Err(Fault::new(code::SERVICE_UNAVAILABLE, message).into())
        }
    }
}
