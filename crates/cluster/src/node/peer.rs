//! The node as its peers see it.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures::{StreamExt, future};
use model::Level;
use schema::model::v1 as stored;
use schema::peer::v1::{
    self as peer, AppendReply, AppendRequest, AskReply, AskRequest, Await, FeedItem, FollowRequest,
    InstallReply, InstallRequest, ListStandings, ReadIndex, TransferReply, TransferRequest,
    VoteReply, VoteRequest, ask_reply::Answer, ask_request::Question,
    install_request::Item as Part, refusal::Reason,
};
use tokio::time::{Instant, timeout};

use super::{Inner, Node};
use crate::ask::{Wanted, patience_of, refusal};
use crate::backend::Committed;
use crate::network::{LinkError, Messages, Peer};
use crate::propagation::NotLeading;
use crate::proposer::Refused;
use crate::raft::{Snapshot, SnapshotMeta, Vote};
use crate::snapshot::{Assembly, Piece};
use crate::wire;

#[async_trait]
impl Peer for Node {
    async fn append(
        &self,
        requests: Messages<AppendRequest>,
    ) -> Result<Messages<Result<AppendReply, LinkError>>, LinkError> {
        // A garbled message ends the stream; the leader begins another.
        let requests =
            requests.map(wire::read_append_request).take_while(|r| future::ready(r.is_ok()));
        let requests = requests.filter_map(|request| future::ready(request.ok()));
        let results = self.inner.context.enter(|| self.inner.raft.stream_append(requests));
        let replies = results.map(|result| match result {
            Ok(result) => Ok(wire::append_reply(&result)),
            Err(fatal) => Err(LinkError::Lost(fatal.to_string())),
        });
        Ok(replies.boxed())
    }

    async fn vote(&self, request: VoteRequest, patience: Duration) -> Result<VoteReply, LinkError> {
        let rehearsal = request.rehearsal;
        let request = wire::read_vote_request(request).map_err(garbled)?;
        let raft = &self.inner.raft;
        let vote = async {
            match rehearsal {
                true => raft.pre_vote(request).await,
                false => raft.vote(request).await,
            }
        };
        let reply = in_time(patience, vote).await?;
        Ok(wire::vote_reply(&reply.map_err(|error| LinkError::Lost(error.to_string()))?))
    }

    async fn transfer(
        &self,
        request: TransferRequest,
        patience: Duration,
    ) -> Result<TransferReply, LinkError> {
        let request = wire::read_transfer_request(request).map_err(garbled)?;
        let reply = in_time(patience, self.inner.raft.handle_transfer_leader(request)).await?;
        Ok(wire::transfer_reply(&reply.map_err(|error| LinkError::Lost(error.to_string()))?))
    }

    async fn install(
        &self,
        parts: Messages<InstallRequest>,
        patience: Duration,
    ) -> Result<InstallReply, LinkError> {
        let vote = in_time(patience, self.inner.install(parts)).await??;
        Ok(InstallReply { ballot: Some(wire::ballot(&vote)) })
    }

    async fn ask(&self, question: AskRequest, patience: Duration) -> Result<AskReply, LinkError> {
        let deadline = Instant::now() + patience_of(&question, patience);
        let answer = match question.question {
            Some(Question::Propose(propose)) => {
                self.inner.asked.note();
                let entry = propose.entry.ok_or_else(|| LinkError::Lost("no entry".into()))?;
                self.inner.answer_proposal(entry, deadline).await
            }
            Some(Question::ReadIndex(ReadIndex { at_leisure, report })) => {
                let wanted = if at_leisure { Wanted::AtLeisure } else { Wanted::Now };
                if wanted == Wanted::Now {
                    self.inner.asked.note();
                }
                self.inner.answer_read_index(deadline, wanted, report).await
            }
            Some(Question::Await(Await { revision, level })) => {
                let level = wire::read_level(level).map_err(garbled)?;
                self.inner.answer_await(revision, &level, deadline).await
            }
            Some(Question::Standings(ListStandings {})) => self.inner.answer_standings(),
            None => return Err(LinkError::Lost("a question of unknown kind".into())),
        };
        Ok(AskReply { id: question.id, answer: Some(answer) })
    }

    async fn follow(
        &self,
        says: Messages<FollowRequest>,
    ) -> Result<Messages<Result<FeedItem, LinkError>>, LinkError> {
        let (items, serving) = Arc::clone(&self.inner.feed).serve(says);
        drop(self.inner.context.spawn(serving));
        Ok(items)
    }
}

fn garbled(error: wire::Garbled) -> LinkError {
    LinkError::Lost(error.to_string())
}

async fn in_time<T>(patience: Duration, work: impl Future<Output = T>) -> Result<T, LinkError> {
    timeout(patience, work).await.map_err(|_| LinkError::Lost("not done in time".into()))
}

impl Inner {
    async fn install(&self, mut parts: Messages<InstallRequest>) -> Result<Vote, LinkError> {
        let lost = |why: &str| LinkError::Lost(why.to_owned());
        let Some(Part::Head(head)) = parts.next().await.and_then(|request| request.item) else {
            return Err(lost("a snapshot without a head"));
        };
        let vote = wire::read_ballot(head.ballot).map_err(garbled)?;
        let head = head.head.ok_or_else(|| lost("a snapshot without a head"))?;
        let mark = head.mark.clone().ok_or_else(|| lost("a snapshot without a mark"))?;
        let meta = wire::read_mark(mark).map_err(garbled)?;
        if meta.last_log_id.map(|id| id.index) != Some(head.revision) {
            return Err(lost("a snapshot of another revision than its mark"));
        }
        let mut assembly = Assembly::default();
        let mut next = Some(Piece::Head(head));
        while let Some(piece) = next {
            let whole = assembly.take(piece).map_err(|error| lost(&error.to_string()))?;
            if let Some(state) = whole {
                return self.hand_over(vote, meta, Arc::new(state)).await;
            }
            next = match parts.next().await.and_then(|request| request.item) {
                Some(Part::Part(part)) => Some(Piece::Part(part)),
                Some(Part::End(end)) => Some(Piece::End(end)),
                Some(Part::Head(_)) | None => None,
            };
        }
        Err(lost("a snapshot without an end"))
    }

    async fn hand_over(
        &self,
        vote: Vote,
        meta: SnapshotMeta,
        state: Arc<model::State>,
    ) -> Result<Vote, LinkError> {
        let snapshot = Snapshot { meta, snapshot: state };
        let installed = self.raft.install_full_snapshot(vote, snapshot).await;
        installed.map(|reply| reply.vote).map_err(|error| LinkError::Lost(error.to_string()))
    }

    async fn answer_proposal(&self, entry: stored::Entry, deadline: Instant) -> Answer {
        if !self.router.leads() {
            return self.not_leading();
        }
        match self.proposer.propose(entry, deadline).await {
            Ok(committed) => Answer::Committed(write(committed)),
            Err(Refused::NotLeader(leader)) => {
                refusal(Reason::NotLeader, leader, "this node does not lead")
            }
            Err(Refused::Busy) => {
                refusal(Reason::Busy, None, "too many proposals wait, or this one is too large")
            }
            Err(Refused::FateUnknown(why)) => refusal(Reason::FateUnknown, None, &why),
        }
    }

    async fn answer_read_index(
        &self,
        deadline: Instant,
        wanted: Wanted,
        report: Option<peer::Report>,
    ) -> Answer {
        if !self.router.leads() {
            return self.not_leading();
        }
        // Taken down before the round begins: see `Propagation::hear`.
        if !report.is_none_or(|report| self.propagation.hear(wire::read_report(report))) {
            return refusal(Reason::Busy, self.router.leader(), "too many nodes are known");
        }
        match self.rounds.confirm(deadline, wanted).await {
            Ok(confirmed) => Answer::ReadIndex(confirmed.index),
            Err(why) => refusal(Reason::NotLeader, self.router.leader(), &why),
        }
    }

    async fn answer_await(&self, revision: u64, level: &Level, deadline: Instant) -> Answer {
        match self.propagation.wait(revision, level, deadline).await {
            Ok(reached) => Answer::Reached(reached),
            Err(NotLeading) => self.not_leading(),
        }
    }

    fn answer_standings(&self) -> Answer {
        match self.propagation.standings() {
            Ok(standings) => Answer::Standings(wire::standings(standings)),
            Err(NotLeading) => self.not_leading(),
        }
    }

    fn not_leading(&self) -> Answer {
        refusal(Reason::NotLeader, self.router.leader(), "this node does not lead")
    }
}

fn write(committed: Committed) -> peer::Committed {
    let outcome = match committed.outcome {
        Ok(response) => peer::committed::Outcome::Response(response),
        Err(fault) => peer::committed::Outcome::Fault(peer::Fault {
            code: fault.code.into_owned(),
            message: fault.message,
        }),
    };
    let ack = committed.ack.map(|ack| ack.to_string()).unwrap_or_default();
    peer::Committed { revision: committed.revision, outcome: Some(outcome), ack }
}
