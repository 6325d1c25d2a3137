//! Which state a call is answered from.

use std::time::Duration;

use cluster::{Consistency, Seen};
use schema::{Fault, code};
use tokio::time::Instant;

use crate::answer::Stop;
use crate::door::Shared;
use crate::identify::Found;

/// A view as fresh as was asked for, and no older than the one that the caller was found in. Costs
/// nothing when what is visible here is fresh enough.
///
/// # Errors
/// Nobody has such a view by the deadline.
pub(crate) async fn at(
    door: &Shared,
    consistency: Consistency,
    found: &Found,
    deadline: Instant,
) -> Result<Seen, Stop> {
    Ok(found.or_newer(fresh_enough(door, consistency, deadline).await?))
}

async fn fresh_enough(
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
        Consistency::At(_) => {
            let message = "Reading at an exact revision is not implemented in this version.";
            Err(Fault::new(code::NOT_IMPLEMENTED, message).into())
        }
    }
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
