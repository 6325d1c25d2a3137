//! The leader's desk for proposals: one line, in which every entry gets its stamp.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use openraft::errors::ClientWriteError;
use prost::Message;
use schema::model::v1 as stored;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout_at};

use crate::backend::Committed;
use crate::clock::Clock;
use crate::dice::Dice;
use crate::machine::Machine;
use crate::raft::{Answer, Command, Raft, WriteResult};
use crate::runtime::Context;
use crate::status::NodeId;

/// Proposals stamped in one go.
const BATCH_MAX: usize = 512;

/// Why a proposal was not committed, as far as known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refused {
    /// It is in no log; somebody else may lead.
    NotLeader(Option<NodeId>),
    /// It is in no log; too many others wait, or it is too large.
    Busy,
    /// It may be committed yet, or never.
    FateUnknown(String),
}

struct Proposed {
    entry: stored::Entry,
    answer: oneshot::Sender<WriteResult>,
}

/// A handle; clones share one line.
#[derive(Clone)]
pub(crate) struct Proposer {
    line: mpsc::Sender<Proposed>,
    limits: ProposalLimits,
}

/// What a leader takes on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ProposalLimits {
    /// Proposals that may wait for their stamp.
    pub(crate) waiting: usize,
    /// Bytes of one entry. The log refuses what does not fit into a segment, and a log that refuses
    /// stops the node.
    pub(crate) bytes: usize,
}

impl Proposer {
    pub(crate) fn start(
        stamper: Stamper,
        raft: Raft,
        limits: ProposalLimits,
        context: &Arc<Context>,
    ) -> Self {
        let (line, waiting) = mpsc::channel(limits.waiting);
        drop(context.spawn(work(stamper, raft, waiting)));
        Proposer { line, limits }
    }

    /// Puts an entry into the log, if this node leads, and waits for what applying it answers.
    pub(crate) async fn propose(
        &self,
        entry: stored::Entry,
        deadline: Instant,
    ) -> Result<Committed, Refused> {
        if entry.encoded_len() > self.limits.bytes {
            return Err(Refused::Busy);
        }
        let (answer, answered) = oneshot::channel();
        self.line.try_send(Proposed { entry, answer }).map_err(|refused| match refused {
            mpsc::error::TrySendError::Full(_) => Refused::Busy,
            mpsc::error::TrySendError::Closed(_) => Refused::NotLeader(None),
        })?;
        match timeout_at(deadline, answered).await {
            Ok(Ok(result)) => read(result),
            Ok(Err(_)) => Err(Refused::FateUnknown("this node has stopped".into())),
            Err(_) => Err(Refused::FateUnknown("not committed in time".into())),
        }
    }
}

fn read(result: WriteResult) -> Result<Committed, Refused> {
    match result {
        Ok(written) => Ok(Committed {
            revision: written.log_id.index,
            // Only openraft's own entries have no outcome.
            outcome: written.data.said.unwrap_or_else(|| Ok(Bytes::new())),
            ack: written.data.ack,
        }),
        Err(ClientWriteError::ForwardToLeader(forward)) => {
            Err(Refused::NotLeader(forward.leader_id))
        }
        Err(discarded @ ClientWriteError::LogEntryDiscarded(_)) => {
            Err(Refused::FateUnknown(discarded.to_string()))
        }
        Err(other) => Err(Refused::FateUnknown(other.to_string())),
    }
}

/// Puts time and chance on entries.
pub(crate) struct Stamper {
    clock: Arc<dyn Clock>,
    dice: Arc<Dice>,
    machine: Arc<Machine>,
    feature_level: u32,
    last_ms: u64,
}

impl Stamper {
    pub(crate) fn new(
        clock: Arc<dyn Clock>,
        dice: Arc<Dice>,
        machine: Arc<Machine>,
        feature_level: u32,
    ) -> Self {
        Stamper { clock, dice, machine, feature_level, last_ms: 0 }
    }

    /// INVARIANT: the time never goes back, on this node or against what it has applied; against
    /// entries of earlier leaders that it has not applied yet, applying sees to it.
    fn stamp(&mut self) -> stored::Stamp {
        self.last_ms = self.last_ms.max(self.clock.wall_ms()).max(self.machine.view().time_ms());
        stored::Stamp {
            time_ms: self.last_ms,
            seed: Bytes::copy_from_slice(&self.dice.seed()),
            feature_level: self.feature_level,
        }
    }
}

/// openraft takes whatever has been handed to it as one append, so the entries of a batch share one
/// sync.
async fn work(mut stamper: Stamper, raft: Raft, mut line: mpsc::Receiver<Proposed>) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    while line.recv_many(&mut batch, BATCH_MAX).await > 0 {
        for Proposed { mut entry, answer } in batch.drain(..) {
            if answer.is_closed() {
                continue;
            }
            entry.stamp = Some(stamper.stamp());
            let command = Command(entry.encode_to_vec().into());
            if raft.client_write_ff(command, Some(Answer(answer))).await.is_err() {
                return;
            }
        }
    }
}

/// How long is left until a deadline, in whole milliseconds, for the other side of a connection.
pub(crate) fn patience_ms(patience: Duration) -> u32 {
    u32::try_from(patience.as_millis()).unwrap_or(u32::MAX)
}
