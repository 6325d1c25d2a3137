//! Reading operations: a view, and the answer from it.

use cluster::Consistency;

use super::{Asked, authorization, exact, view};
use crate::answer::Answer;
use crate::door::Shared;

pub(super) async fn read(door: &Shared, asked: &mut Asked) -> Answer {
    if let Consistency::At(revision) = asked.consistency {
        return exact::read(door, asked, revision).await;
    }
    let seen = match view::at(door, asked.consistency, &asked.found, asked.deadline).await {
        Ok(seen) => seen,
        Err(stop) => return stop.into(),
    };
    // The wait for the view may have been long: sessions expire by the time of the answer.
    asked.call.now_ms = door.clock.wall_ms();
    match ops::read(&seen.state, &asked.call) {
        Ok(response) => Answer::of(Ok(response), &seen),
        Err(refused) => authorization::refusal(door, refused, &seen),
    }
}
