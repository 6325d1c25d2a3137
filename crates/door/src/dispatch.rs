//! A call whose caller is known goes to its operation.

mod authorization;
mod exact;
mod mint;
mod read;
pub(crate) mod view;
mod write;

use std::time::Duration;

use cluster::{Consistency, Unavailable};
use ops::{Call, faults};
use schema::{Kind, OperationInfo};
use tokio::time::{Instant, timeout_at};

use crate::Ack;
use crate::answer::Answer;
use crate::door::Shared;
use crate::identify::Found;

/// A call, validated, its caller known.
pub(crate) struct Asked {
    pub(crate) operation: &'static OperationInfo,
    pub(crate) call: Call,
    /// The view that the caller was found in.
    pub(crate) found: Found,
    pub(crate) request_id: String,
    pub(crate) consistency: Consistency,
    /// What a write waits for; `None`: the caller asks for nothing.
    pub(crate) ack: Option<Ack>,
    pub(crate) deadline: Instant,
}

/// What a backend may be late after a deadline before it is no longer waited for.
const GRACE: Duration = Duration::from_millis(250);

/// Carries a call out.
pub(crate) async fn dispatch(door: &Shared, mut asked: Asked) -> Answer {
    let (operation, deadline) = (asked.operation, asked.deadline);
    authorization::open(door, &mut asked.call);
    let run = async {
        match operation.kind {
            Kind::Read => read::read(door, &mut asked).await,
            Kind::Mint => mint::mint(door, &mut asked).await,
            Kind::Write => write::write(door, &asked).await,
            Kind::Planned => Answer::refused(faults::not_implemented(operation.name)),
        }
    };
    timeout_at(deadline + GRACE, run).await.unwrap_or_else(|_| {
        let maybe_applied = operation.kind == Kind::Write;
        let reason = "the deadline passed".to_owned();
        Answer::unavailable(&Unavailable { reason, maybe_applied })
    })
}
