//! Reads of a revision exactly: what was is told, by what is visible now it is decided who is told it.

use cluster::{Consistency, NotRetained, Seen};
use ops::{Principal, call, faults};
use schema::Service;

use super::{Asked, authorization, view};
use crate::answer::{Answer, Stop};
use crate::door::Shared;

/// Answers a reading operation from the state at a revision.
///
/// INVARIANT: whoever was locked out since is not answered: the call is allowed by a view as fresh as any other's, and
/// only then by the state that it is answered from.
pub(super) async fn read(door: &Shared, asked: &mut Asked, revision: u64) -> Answer {
    if asked.operation.service == Service::Sts {
        // Who somebody is, and what a key belongs to, is what others decide by.
        return Answer::refused(view::no_exact());
    }
    let views = views(door, asked, revision).await;
    let (present, past) = match views {
        Ok(views) => views,
        Err(answer) => return *answer,
    };
    if let Err(fault) = Principal::resolve(&past.state, &asked.call.caller, asked.call.now_ms) {
        tracing::debug!(revision, %fault, "the caller could not call then");
        let message = format!("Whoever calls could not call at revision {revision}.");
        return Answer::of(Err(faults::access_denied(message)), &past);
    }
    // A refusal is explained by the past alone: what is visible now allows the call.
    let past = Seen { lease: present.lease, ..past };
    match ops::read(&past.state, &asked.call) {
        Ok(response) => Answer::of(Ok(response), &past),
        Err(refused) => authorization::refusal(door, refused, &past),
    }
}

/// The view that allowed the call, which shows the revision, and the state at that revision.
async fn views(
    door: &Shared,
    asked: &mut Asked,
    revision: u64,
) -> Result<(Seen, Seen), Box<Answer>> {
    let shows_it = Consistency::AtLeast(revision);
    let present = view::at(door, shows_it, &asked.found, asked.deadline).await;
    let present = present.map_err(|stop: Stop| Box::new(Answer::from(stop)))?;
    asked.call.now_ms = door.clock.wall_ms();
    call::check_read(&present.state, &asked.call)
        .map_err(|refused| Box::new(authorization::refusal(door, refused, &present)))?;
    let past = door.backend.exact(revision).map_err(|NotRetained { oldest }| {
        let message = format!(
            "Revision {revision} is not retained here any more; the oldest revision that is: {oldest}."
        );
        Box::new(Answer::of(Err(faults::validation(message)), &present))
    })?;
    Ok((present, past))
}
