//! What clients asked and what they were told.

use std::collections::BTreeMap;
use std::time::Duration;

use cluster::NodeId;

use crate::world::{Question, Said, Write};

/// A point in a run. `order` alone decides what came before what.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Moment {
    /// No two moments share it.
    pub order: u64,
    /// Simulated time since the run began, microseconds.
    pub at_us: u64,
}

/// What a read asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Every write acknowledged before.
    Strong,
    /// A revision.
    AtLeast(u64),
    /// Whatever is there.
    Eventual,
    /// A revision, exactly.
    Exact(u64),
}

/// What a client asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Asked {
    /// A change.
    Write(Write),
    /// An answer.
    Read(Mode, Question),
}

/// How it ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Ending {
    /// With an answer.
    Answered {
        /// The revision it is of.
        revision: u64,
        /// How old the view was said to be, milliseconds; `u64::MAX` for unknown. Reads only.
        age_ms: u64,
        /// The newest revision of which anything may be in it, where classes of changes are shown each in its own
        /// time; nothing where it is the state at `revision`.
        reaches: Option<u64>,
        /// The answer.
        said: Said,
    },
    /// Nothing was done, by the node's word.
    NothingDone(String),
    /// It is not known what was done.
    Unknown(String),
}

/// One node from its start to its end.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Life {
    /// Which node.
    pub node: NodeId,
    /// Which of its lives.
    pub nth: u64,
}

/// One call.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who asked.
    pub client: u64,
    /// The id that went with it.
    pub request_id: String,
    /// Whom.
    pub life: Life,
    /// What.
    pub asked: Asked,
    /// When.
    pub called: Moment,
    /// When it ended.
    pub returned: Moment,
    /// The earliest that the answer can have been made, microseconds: answers may travel for a while.
    pub made_us: u64,
    /// How.
    pub ending: Ending,
}

/// An entry of the log, as some node applied it first.
#[derive(Clone, Debug)]
pub struct Logged {
    /// The id that came with the request.
    pub request_id: String,
    /// SHA-256 of the whole entry.
    pub entry: [u8; 32],
    /// Digest of the state after it.
    pub state: [u8; 32],
    /// When it was first applied anywhere; where that is not known, a moment before that.
    pub first: Moment,
}

/// The word of a node that no node decides any more by a state without a revision.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Barrier {
    /// When it was given.
    pub reached: Moment,
    /// The revision.
    pub revision: u64,
}

/// Everything that the checkers know of a run.
#[derive(Clone, Default, Debug)]
pub struct History {
    /// Calls, in the order in which they ended.
    pub calls: Vec<Call>,
    /// Entries by revision.
    pub log: BTreeMap<u64, Logged>,
    /// Barriers that were reached.
    pub barriers: Vec<Barrier>,
    /// The lag of each replica is never less.
    pub lags: BTreeMap<NodeId, Duration>,
    /// How far the nodes' clocks are taken to run off at most, parts per million: ages and lags are measured by them.
    pub drift_ppm: u64,
}

impl Call {
    /// The answer to a read: mode, question, revision, age, answer.
    pub fn read(&self) -> Option<(Mode, &Question, u64, u64, &Said)> {
        match (&self.asked, &self.ending) {
            (Asked::Read(mode, question), Ending::Answered { revision, age_ms, said, .. }) => {
                Some((*mode, question, *revision, *age_ms, said))
            }
            _ => None,
        }
    }

    /// The newest revision of which anything may be in the answer, where it may be no state that history had.
    pub fn reaches(&self) -> Option<u64> {
        match self.ending {
            Ending::Answered { reaches, .. } => reaches,
            _ => None,
        }
    }

    /// The write, if it was one.
    pub fn write(&self) -> Option<&Write> {
        match &self.asked {
            Asked::Write(write) => Some(write),
            Asked::Read(..) => None,
        }
    }

    /// Revision and answer of a write that was acknowledged.
    pub fn acknowledged(&self) -> Option<(&Write, u64, &Said)> {
        match (&self.asked, &self.ending) {
            (Asked::Write(write), Ending::Answered { revision, said, .. }) => {
                Some((write, *revision, said))
            }
            _ => None,
        }
    }
}
