//! Questions to the leader, over whatever connection leads to it.

use std::time::Duration;

use lag::Report;
use model::{Ack, Level};
use schema::Fault;
use schema::model::v1 as stored;
use schema::peer::v1::{
    AskReply, AskRequest, Await, ListStandings, Propose, ReadIndex, Refusal, ask_reply::Answer,
    ask_request::Question, committed, refusal,
};
use tokio::time::Instant;

use crate::backend::{Committed, Proposal};
use crate::network::Peer;
use crate::propagation::Standings;
pub use crate::proposer::Refused;
use crate::proposer::patience_ms;
use crate::status::NodeId;
use crate::wire;

/// The longest a peer's question is worked on, whatever patience it claims.
const PATIENCE_MAX: Duration = Duration::from_secs(60);

/// How long to work on a question.
pub fn patience_of(question: &AskRequest, patience: Duration) -> Duration {
    Duration::from_millis(question.patience_ms.into()).min(patience).min(PATIENCE_MAX)
}

/// An answer that gives none.
pub fn refusal(reason: refusal::Reason, leader: Option<NodeId>, message: &str) -> Answer {
    Answer::Refusal(Refusal { reason: reason.into(), leader, message: message.to_owned() })
}

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
        awaited: proposal.awaited,
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
            ack: Ack::of_account(&committed.ack),
        }),
        Some(Answer::Refusal(refusal)) => Err(match refusal.reason() {
            refusal::Reason::NotLeader => Refused::NotLeader(refusal.leader),
            refusal::Reason::Busy => Refused::Busy,
            refusal::Reason::FateUnknown | refusal::Reason::Unspecified => {
                Refused::FateUnknown(refusal.message)
            }
        }),
        _ => Err(Refused::FateUnknown("no answer".into())),
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
/// call. It takes down who asks, so from the moment of the call a view that holds the revision may
/// be decided by, as long as the cell's terms say.
///
/// # Errors
/// It was not reached, does not lead, or could not prove in time that it does.
pub async fn read_index(
    leader: &dyn Peer,
    patience: Duration,
    wanted: Wanted,
    who: Report,
) -> Result<u64, Unanswered> {
    let at_leisure = wanted == Wanted::AtLeisure;
    let report = Some(wire::report(who));
    let question = Question::ReadIndex(ReadIndex { at_leisure, report });
    match ask(leader, question, patience).await? {
        Answer::ReadIndex(index) => Ok(index),
        other => Err(unanswered(other)),
    }
}

/// Asks the leader to wait until a committed revision is visible at a level; false when it was not
/// in time.
///
/// # Errors
/// It was not reached, or does not lead.
pub async fn propagated(
    leader: &dyn Peer,
    revision: u64,
    level: &Level,
    deadline: Instant,
) -> Result<bool, Unanswered> {
    let patience = deadline.saturating_duration_since(Instant::now());
    let question = Question::Await(Await { revision, level: Some(wire::level(level)) });
    match ask(leader, question, patience).await? {
        Answer::Reached(reached) => Ok(reached),
        other => Err(unanswered(other)),
    }
}

/// Asks the leader which nodes it knows, and how far they are.
///
/// # Errors
/// It was not reached, or does not lead.
pub async fn standings(leader: &dyn Peer, patience: Duration) -> Result<Standings, Unanswered> {
    match ask(leader, Question::Standings(ListStandings {}), patience).await? {
        Answer::Standings(standings) => Ok(wire::read_standings(standings)),
        other => Err(unanswered(other)),
    }
}

async fn ask(
    leader: &dyn Peer,
    question: Question,
    patience: Duration,
) -> Result<Answer, Unanswered> {
    let patience_ms = patience_ms(patience);
    let question = AskRequest { patience_ms, question: Some(question), ..AskRequest::default() };
    let lost = |reason: String| Unanswered { reason, leader: None };
    let reply: AskReply = leader.ask(question, patience).await.map_err(|e| lost(e.to_string()))?;
    reply.answer.ok_or_else(|| lost("the leader gave no answer".into()))
}

fn unanswered(answer: Answer) -> Unanswered {
    match answer {
        Answer::Refusal(refusal) => Unanswered { leader: refusal.leader, reason: refusal.message },
        _ => Unanswered { leader: None, reason: "the leader answered something else".into() },
    }
}
