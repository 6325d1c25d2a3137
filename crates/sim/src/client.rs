//! A client: one call after the other, to whichever node.

mod choice;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cluster::{Committed, Lease, Level, Ordering as Kind, Seen, Unavailable};
use schema::model::v1::Caller;
use tokio::time::{Instant, sleep, timeout_at};

use crate::cell::{Cell, Door};
use crate::chance::Chance;
use crate::history::{Asked, Barrier, Call, Ending, Mode};
use crate::requests;
use crate::tape;
use crate::words::Terms;
use crate::world::{Question, Write};

/// How much later than its deadline a call may end: a node checks the time between two steps.
const GRACE: Duration = Duration::from_millis(50);

/// What all clients write down.
#[derive(Clone, Default)]
pub(crate) struct Book {
    /// Calls, in the order in which they ended.
    pub(crate) calls: Arc<Mutex<Vec<Call>>>,
    /// Barriers that were reached, in their order.
    pub(crate) barriers: Arc<Mutex<Vec<Barrier>>>,
}

impl Book {
    /// How many calls have ended.
    fn calls(&self) -> usize {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Everything in it.
    pub(crate) fn take(&self) -> (Vec<Call>, Vec<Barrier>) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let mut barriers = self.barriers.lock().unwrap_or_else(PoisonError::into_inner);
        (std::mem::take(&mut *calls), std::mem::take(&mut *barriers))
    }
}

pub(crate) struct Client {
    pub(crate) id: u64,
    pub(crate) cell: Arc<Cell>,
    pub(crate) caller: Caller,
    pub(crate) chance: Chance,
    pub(crate) book: Book,
    pub(crate) over: Arc<AtomicBool>,
    pub(crate) is_warden: bool,
    /// The newest revision this client wrote or saw: what it passes on as a token.
    pub(crate) token: u64,
    pub(crate) asked: u64,
    /// With the ids of the keys it made.
    pub(crate) terms: Terms,
    /// Owners and marks of keys that are there, as far as this client knows.
    pub(crate) keys: Vec<(String, String)>,
}

impl Client {
    /// Runs until the traffic is over.
    pub(crate) async fn run(mut self) {
        while !self.over.load(Ordering::Relaxed) {
            sleep(self.chance.millis(2..60)).await;
            let (node, asked) = self.think();
            let patience = self.chance.millis(300..2500);
            let is_write = matches!(asked, Asked::Write(_));
            if let Some(door) = self.cell.door(node) {
                self.ask(&door, asked, patience).await;
            }
            if self.is_warden
                && is_write
                && let Some(door) = self.cell.door(self.anyone())
            {
                self.wait_for_barrier(&door, patience).await;
            }
        }
    }

    /// Asks and waits for the answer; everything about it is written down.
    pub(crate) async fn ask(&mut self, door: &Door, asked: Asked, patience: Duration) -> Ending {
        self.asked += 1;
        let request_id = format!("c{}-{}", self.id, self.asked);
        let life = door.life;
        let called = tape::event(format_args!("call {request_id} {life:?} {asked:?}"));
        let deadline = Instant::now() + patience;
        let (ending, key_id) = tokio::select! {
            biased;
            _ = door.gone.clone() => (Ending::Unknown("the node is gone".to_owned()), None),
            ended = timeout_at(deadline + GRACE, self.perform(door, &asked, &request_id, deadline)) => {
                ended.unwrap_or_else(|_| {
                    tape::violation(format!("{request_id} of {life:?} goes on after its deadline"));
                    (Ending::Unknown("no end".to_owned()), None)
                })
            }
        };
        self.learn(&asked, &ending, key_id);
        let returned = tape::event(format_args!("return {request_id} {ending:?}"));
        let (client, told) = (self.id, ending.clone());
        // Here an answer arrives at once.
        let made_us = returned.at_us;
        let call = Call { client, request_id, life, asked, called, returned, made_us, ending };
        self.book.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        told
    }

    /// Remembers what the next calls need.
    fn learn(&mut self, asked: &Asked, ending: &Ending, key_id: Option<String>) {
        if let Ending::Answered { revision, .. } = ending {
            self.token = self.token.max(*revision);
        }
        match (asked, key_id) {
            (Asked::Write(Write::AddKey { name, mark }), Some(id)) => {
                self.terms.keys.insert(mark.clone(), id);
                self.keys.push((name.clone(), mark.clone()));
            }
            (Asked::Write(Write::DropKey { mark, .. }), _) => {
                self.keys.retain(|(_, known)| known != mark);
            }
            _ => {}
        }
        if let Ending::Answered { reaches: Some(_), .. } = ending {
            tape::count("answered by class");
        }
        tape::count(match ending {
            Ending::Answered { .. } => "answered",
            Ending::NothingDone(_) => "nothing done",
            Ending::Unknown(_) => "fate unknown",
        });
    }

    /// How it ended, and the id of the key that was made.
    async fn perform(
        &self,
        door: &Door,
        asked: &Asked,
        request_id: &str,
        deadline: Instant,
    ) -> (Ending, Option<String>) {
        let (mode, question) = match asked {
            Asked::Write(write) => return self.write(door, write, request_id, deadline).await,
            Asked::Read(mode, question) => (mode, question),
        };
        let seen = match mode {
            Mode::Strong => door.backend.strong(deadline).await,
            Mode::AtLeast(revision) => match door.backend.at_least(*revision, deadline).await {
                Ok(seen) => self.by_lease(door, seen, deadline).await,
                Err(unavailable) => Err(unavailable),
            },
            Mode::Eventual => self.by_lease(door, door.backend.seen(), deadline).await,
            Mode::Exact(revision) => self.exact(door, *revision, deadline).await,
        };
        let ending = match seen {
            Ok(seen) => self.look(&seen, question),
            Err(unavailable) => Ending::NothingDone(unavailable.reason),
        };
        (ending, None)
    }

    async fn write(
        &self,
        door: &Door,
        write: &Write,
        request_id: &str,
        deadline: Instant,
    ) -> (Ending, Option<String>) {
        let state = door.backend.seen().state;
        let proposal = requests::write(write, &self.terms, &self.caller, request_id, &state);
        let Some(proposal) = proposal else {
            return (Ending::NothingDone("nobody of that name is seen here".to_owned()), None);
        };
        match door.backend.propose(proposal, deadline).await {
            Ok(Committed { revision, outcome, .. }) => {
                let key_id = outcome.as_deref().ok().and_then(requests::key_id);
                let said = requests::said_to_write(write, outcome);
                (Ending::Answered { revision, age_ms: u64::MAX, reaches: None, said }, key_id)
            }
            Err(unavailable) if unavailable.maybe_applied => {
                (Ending::Unknown(unavailable.reason), None)
            }
            Err(unavailable) => (Ending::NothingDone(unavailable.reason), None),
        }
    }

    /// As the front door does: without a lease, only by the leader's word.
    async fn by_lease(
        &self,
        door: &Door,
        seen: Seen,
        deadline: Instant,
    ) -> Result<Seen, Unavailable> {
        if seen.lease == Lease::Held {
            return Ok(seen);
        }
        tape::count("lease run out");
        door.backend.strong(deadline).await
    }

    /// As the front door does: asked where the revision is visible, by somebody whom that node may let in.
    async fn exact(
        &self,
        door: &Door,
        revision: u64,
        deadline: Instant,
    ) -> Result<Seen, Unavailable> {
        let present = door.backend.at_least(revision, deadline).await?;
        self.by_lease(door, present, deadline).await?;
        let past = door.backend.exact(revision);
        tape::count(if past.is_ok() { "exact found" } else { "exact not retained" });
        if let Err(gone) = &past
            && gone.oldest < revision
        {
            let oldest = gone.oldest;
            tape::violation(format!("{revision} is called not retained, and {oldest} is"));
        }
        past.map_err(|gone| Unavailable::nothing_done(gone.to_string()))
    }

    /// Waits until no node decides by a state without what this client knows of.
    async fn wait_for_barrier(&self, door: &Door, patience: Duration) {
        let (revision, deadline) = (self.token, Instant::now() + patience);
        let wait = door.backend.propagated(revision, &Level::All, deadline);
        let is_reached = tokio::select! {
            biased;
            _ = door.gone.clone() => false,
            is_reached = wait => is_reached,
        };
        let reached = tape::event(format_args!("barrier of {revision}: {is_reached}"));
        if is_reached {
            tape::count("barrier reached");
            let mut barriers = self.book.barriers.lock().unwrap_or_else(PoisonError::into_inner);
            barriers.push(Barrier { reached, revision });
        }
    }

    fn look(&self, seen: &Seen, question: &Question) -> Ending {
        if !requests::knows(&seen.state, &self.caller) {
            return Ending::NothingDone("the caller is not here yet".to_owned());
        }
        let reaches = match seen.ordering {
            Kind::Prefix => None,
            Kind::Class { reaches } => Some(reaches),
        };
        let said = requests::read(&seen.state, question, &self.caller);
        Ending::Answered { revision: seen.revision, age_ms: seen.age_ms, reaches, said }
    }
}
