//! Questions to the leader, over whatever connection leads to it.

use std::time::Duration;

use schema::Fault;
use schema::model::v1 as stored;
use schema::peer::v1::{
    AskRequest, Propose, ReadIndex, ask_reply::Answer, ask_request::Question, committed, refusal,
};
use tokio::time::Instant;

use crate::backend::{Committed, Proposal};
use crate::network::Peer;
pub use crate::proposer::Refused;
use crate::proposer::patience_ms;
use crate::status::NodeId;

/// The entry of a proposal, as yet without stamp.
pub fn entry(proposal: Proposal) -> stored::Entry {
    stored::Entry {
        stamp: None,
        request_id: proposal.request_id,
        operation: proposal.operation.into(),
        request: proposal.request,
        caller: Some(proposal.caller),
        context: Some(proposal.context),
        sealed: proposal.sealed,
    }
}

/// Hands an entry to the leader and waits for its outcome.
///
/// # Errors
/// See [`Refused`]; only [`Refused::NotLeader`] allows to hand it to somebody else.
pub async fn propose(
    leader: &dyn Peer,
    entry: stored::Entry,
    deadline: Instant,
) -> Result<Committed, Refused> {
    let patience = deadline.saturating_duration_since(Instant::now());
    let question = AskRequest {
        patience_ms: patience_ms(patience),
        question: Some(Question::Propose(Propose { entry: Some(entry) })),
        ..AskRequest::default()
    };
    let reply =
        leader.ask(question, patience).await.map_err(|error| match error.maybe_arrived() {
            true => Refused::FateUnknown(error.to_string()),
            false => Refused::NotLeader(None),
        })?;
    match reply.answer {
        Some(Answer::Committed(committed)) => Ok(Committed {
            revision: committed.revision,
            outcome: match committed.outcome {
                Some(committed::Outcome::Response(response)) => Ok(response),
                Some(committed::Outcome::Fault(fault)) => {
                    Err(Fault::new(fault.code, fault.message))
                }
                None => Ok(bytes::Bytes::new()),
            },
        }),
        Some(Answer::Refusal(refusal)) => Err(match refusal.reason() {
            refusal::Reason::NotLeader => Refused::NotLeader(refusal.leader),
            refusal::Reason::Busy => Refused::Busy,
            refusal::Reason::FateUnknown | refusal::Reason::Unspecified => {
                Refused::FateUnknown(refusal.message)
            }
        }),
        Some(Answer::ReadIndex(_)) | None => Err(Refused::FateUnknown("no answer".into())),
    }
}

/// A question that changes nothing and came to no answer: it may be asked again anywhere.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unanswered {
    /// Why.
    pub reason: String,
    /// The leader that the one who refused knows.
    pub leader: Option<NodeId>,
}

/// What a revision is asked for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Wanted {
    /// To tell how old a view is.
    AtLeisure,
    /// Somebody waits to see it.
    Now,
}

/// Asks the leader which revision a reader must have to see every write acknowledged before this
/// call.
///
/// # Errors
/// It was not reached, does not lead, or could not prove in time that it does.
pub async fn read_index(
    leader: &dyn Peer,
    patience: Duration,
    wanted: Wanted,
) -> Result<u64, Unanswered> {
    let unanswered = |reason: String| Unanswered { reason, leader: None };
    let question = AskRequest {
        patience_ms: patience_ms(patience),
        question: Some(Question::ReadIndex(ReadIndex { at_leisure: wanted == Wanted::AtLeisure })),
        ..AskRequest::default()
    };
    let reply = leader.ask(question, patience).await.map_err(|e| unanswered(e.to_string()))?;
    match reply.answer {
        Some(Answer::ReadIndex(index)) => Ok(index),
        Some(Answer::Refusal(refusal)) => {
            Err(Unanswered { leader: refusal.leader, reason: refusal.message })
        }
        _ => Err(unanswered("the leader gave no answer".into())),
    }
}
