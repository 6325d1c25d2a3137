//! Passing on what a replica asks that follows this one.

use std::time::Duration;

use cluster::ask::{patience_of, refusal};
use schema::peer::v1::ask_request::Question;
use schema::peer::v1::refusal::Reason;
use schema::peer::v1::{AskReply, AskRequest, ask_reply::Answer};

use super::Leader;

/// Replicas that may pass a question on, one to the next. No tree is that deep, but a circle is.
const HOPS_MAX: u32 = 8;

impl Leader {
    /// Passes a question on as it is, with a tenth less patience, once: whoever asked decides whether to ask again.
    ///
    /// INVARIANT: nothing is answered from memory and nobody's report is changed: an answer from the leader is one to
    /// this question, after it took down who asked (docs/adr/0010-leases-are-ages.md).
    pub(crate) async fn forward(&self, mut question: AskRequest, patience: Duration) -> AskReply {
        let id = question.id;
        let reply = |answer| AskReply { id, answer: Some(answer) };
        if question.hops >= HOPS_MAX {
            let why =
                "the question was passed on too often: replicas follow each other in a circle";
            return reply(refusal(Reason::NotLeader, None, why));
        }
        let Ok((asked, peer)) = self.peer() else {
            return reply(refusal(Reason::NotLeader, None, "no node is known"));
        };
        question.hops += 1;
        // What goes wrong further up must be known here before whoever asked gives up: this node then asks elsewhere.
        question.patience_ms -= question.patience_ms / 10;
        let patience = patience_of(&question, patience);
        let is_proposal = matches!(question.question, Some(Question::Propose(_)));
        match peer.ask(question, patience).await {
            Ok(AskReply { answer: Some(Answer::Refusal(refused)), .. }) => {
                if refused.reason() != Reason::Busy {
                    self.disbelieve(asked, refused.leader);
                }
                reply(Answer::Refusal(refused))
            }
            Ok(AskReply { answer, .. }) => AskReply { id, answer },
            Err(error) => {
                self.disbelieve(asked, None);
                let reason = match is_proposal && error.maybe_arrived() {
                    true => Reason::FateUnknown,
                    false => Reason::NotLeader,
                };
                reply(refusal(reason, None, &error.to_string()))
            }
        }
    }
}
