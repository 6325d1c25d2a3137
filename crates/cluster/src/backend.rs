//! What a front door stands on: a voter, or a replica.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use lag::Terms;
use lag::duration::micros;
use model::{Ack, Level, State};
use ops::table::Indexed;
use prost::Message;
use schema::Fault;
use schema::model::v1::{Caller, RequestContext, SealedSecret, caller};
use tokio::time::Instant;

use crate::propagation::Standings;
use crate::status::NodeStatus;

/// A request for the log, before the leader puts its stamp on it.
#[derive(Clone, PartialEq, Debug)]
pub struct Proposal {
    /// Number of the operation in the schema.
    pub operation: u16,
    /// The request message, encoded.
    pub request: Bytes,
    /// The id given to the call, for answers and logs.
    pub request_id: String,
    /// Who asks.
    pub caller: Caller,
    /// What the front door saw of the request.
    pub context: RequestContext,
    /// The secret that the operation makes, sealed.
    pub sealed: Option<SealedSecret>,
    /// Somebody will wait until other nodes show it.
    pub awaited: bool,
}

impl Proposal {
    /// What the cell writes into its own log.
    pub fn of_cell<M: Message + Indexed>(request: &M, request_id: String) -> Self {
        let system = caller::Kind::System(caller::System {});
        Proposal {
            operation: M::INDEX,
            request: Bytes::from(request.encode_to_vec()),
            request_id,
            caller: Caller { access_key_id: String::new(), kind: Some(system) },
            context: RequestContext::default(),
            sealed: None,
            awaited: false,
        }
    }
}

/// A proposal that is durable on a quorum and applied.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Committed {
    /// Index of its entry.
    pub revision: u64,
    /// What the operation answered: its response message, encoded, or a fault.
    pub outcome: Result<Bytes, Fault>,
    /// What the caller's account waits for when a call asks for nothing itself, as it stood before the entry.
    pub ack: Option<Ack>,
}

/// The state as one node shows it.
#[derive(Clone, Debug)]
pub struct Seen {
    /// The state, which does not change.
    pub state: Arc<State>,
    /// Its revision.
    pub revision: u64,
    /// Upper bound of the time since this state was the newest one, milliseconds; `u64::MAX` when
    /// nothing is known.
    pub age_ms: u64,
    /// Who shows it.
    pub served_by: Arc<str>,
    /// Whether decisions may be made by it.
    pub lease: Lease,
    /// What kind of state it is.
    pub ordering: Ordering,
}

/// Whether a node may decide by what it shows (docs/consistency.md, "Revocation").
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lease {
    /// It may: the leader knows of it, and the view is young enough.
    Held,
    /// The view is too old, or nobody knows of the node, and it was told to refuse then.
    Expired,
    /// The same, and it was told to answer all the same and to say so.
    Flagged,
}

impl Lease {
    /// The lease on a view of a state that was the newest one at `newest_at`; nothing is known without it.
    pub fn of(
        state: &State,
        newest_at: Option<Duration>,
        now: Duration,
        serves_stale: bool,
    ) -> Lease {
        let terms = Terms::of(state);
        match newest_at.is_some_and(|at| terms.permit(micros(at), micros(now))) {
            true => Lease::Held,
            false if serves_stale => Lease::Flagged,
            false => Lease::Expired,
        }
    }
}

/// Whether a state that is shown is one that history had.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum Ordering {
    /// The state at its revision, no more and no less.
    #[default]
    Prefix,
    /// Classes of changes are shown each in its own time: everything up to the revision is there,
    /// and of some classes more. References may dangle.
    Class {
        /// The newest revision of which anything may be there.
        reaches: u64,
    },
}

impl Seen {
    /// The newest revision of which anything may be seen.
    pub fn reaches(&self) -> u64 {
        match self.ordering {
            Ordering::Prefix => self.revision,
            Ordering::Class { reaches } => reaches,
        }
    }
}

/// What a read may ask for (docs/consistency.md).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Consistency {
    /// Sees every write acknowledged before it began.
    Strong,
    /// Sees a certain revision.
    AtLeast(u64),
    /// Of an age within a bound.
    MaxAge(Duration),
    /// Whatever is here.
    Eventual,
    /// The state at a revision, while it is kept.
    At(u64),
}

/// Nobody could answer in time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unavailable {
    /// Why, for logs and operators.
    pub reason: String,
    /// The proposal may have been committed, or may yet be: it must not be proposed again as if it
    /// were new.
    pub maybe_applied: bool,
}

impl Unavailable {
    /// Nothing was done.
    pub fn nothing_done(reason: impl Into<String>) -> Self {
        Unavailable { reason: reason.into(), maybe_applied: false }
    }

    /// It is not known whether anything was done.
    pub fn fate_unknown(reason: impl Into<String>) -> Self {
        Unavailable { reason: reason.into(), maybe_applied: true }
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fate = if self.maybe_applied { "fate unknown" } else { "nothing done" };
        write!(f, "unavailable ({fate}): {}", self.reason)
    }
}

impl std::error::Error for Unavailable {}

/// The state at a revision is not kept, or not any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NotRetained {
    /// The oldest revision that is.
    pub oldest: u64,
}

impl fmt::Display for NotRetained {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not retained; the oldest that is: {}", self.oldest)
    }
}

impl std::error::Error for NotRetained {}

/// A node as a front door sees it.
#[async_trait]
pub trait Backend: Send + Sync + 'static {
    /// What is visible here now, without waiting.
    fn seen(&self) -> Seen;

    /// A state that holds every write acknowledged before the call.
    ///
    /// # Errors
    /// No quorum confirmed it by the deadline.
    async fn strong(&self, deadline: Instant) -> Result<Seen, Unavailable>;

    /// A state at a revision or later.
    ///
    /// # Errors
    /// This node has not got there by the deadline; the reason names both revisions.
    async fn at_least(&self, revision: u64, deadline: Instant) -> Result<Seen, Unavailable>;

    /// The state at a revision that is or was visible here, exactly, with an upper bound of the time since it was the
    /// newest one. It says what was: nobody may be let in or turned away by it alone.
    ///
    /// # Errors
    /// It is not kept, or not visible yet.
    fn exact(&self, revision: u64) -> Result<Seen, NotRetained>;

    /// Puts a request into the log and gives its outcome. On a voter, [`Backend::seen`] holds it
    /// afterwards, unless the deadline passed between the two.
    ///
    /// # Errors
    /// It was not committed by the deadline, as far as known here: see
    /// [`Unavailable::maybe_applied`].
    async fn propose(
        &self,
        proposal: Proposal,
        deadline: Instant,
    ) -> Result<Committed, Unavailable>;

    /// Waits until a committed revision is visible at a level; false when it was not by the
    /// deadline, or nobody who knows could be asked.
    async fn propagated(&self, revision: u64, level: &Level, deadline: Instant) -> bool;

    /// How far all nodes are, as the leader knows it.
    ///
    /// # Errors
    /// No leader could be asked by the deadline.
    async fn standings(&self, deadline: Instant) -> Result<Standings, Unavailable>;

    /// What a read gets that asks for nothing.
    fn default_consistency(&self) -> Consistency;

    /// For the operator's eyes.
    fn status(&self) -> NodeStatus;
}
