//! A client: one call after the other, to whichever node.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cluster::{Lease, Level, Seen, Unavailable};
use schema::model::v1::Caller;
use tokio::time::{Instant, sleep, timeout_at};

use crate::cell::{Cell, Door, GRANDCHILD, REPLICA, REPLICAS, VOTERS};
use crate::chance::Chance;
use crate::history::{Asked, Barrier, Call, Ending, Mode};
use crate::requests;
use crate::settings::Bug;
use crate::tape;
use crate::world::{Question, Write};

/// Few, so that clients meet.
const NAMES: [&str; 6] = ["ann", "bob", "cid", "dee", "eve", "fay"];

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
    pub(crate) bug: Option<Bug>,
    pub(crate) is_warden: bool,
    /// The newest revision this client wrote or saw: what it passes on as a token.
    pub(crate) token: u64,
    pub(crate) asked: u64,
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
        let ending = tokio::select! {
            biased;
            _ = door.gone.clone() => Ending::Unknown("the node is gone".to_owned()),
            ending = timeout_at(deadline + GRACE, self.perform(door, &asked, &request_id, deadline)) => {
                ending.unwrap_or_else(|_| {
                    tape::violation(format!("{request_id} of {life:?} goes on after its deadline"));
                    Ending::Unknown("no end".to_owned())
                })
            }
        };
        if let Ending::Answered { revision, .. } = ending {
            self.token = self.token.max(revision);
        }
        tape::count(match &ending {
            Ending::Answered { .. } => "answered",
            Ending::NothingDone(_) => "nothing done",
            Ending::Unknown(_) => "fate unknown",
        });
        let returned = tape::event(format_args!("return {request_id} {ending:?}"));
        let (client, told) = (self.id, ending.clone());
        // Here an answer arrives at once.
        let made_us = returned.at_us;
        let call = Call { client, request_id, life, asked, called, returned, made_us, ending };
        self.book.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
        told
    }

    async fn perform(
        &self,
        door: &Door,
        asked: &Asked,
        request_id: &str,
        deadline: Instant,
    ) -> Ending {
        match asked {
            Asked::Write(write) => {
                let proposal = requests::write(write, &self.caller, request_id);
                match door.backend.propose(proposal, deadline).await {
                    Ok(committed) => Ending::Answered {
                        revision: committed.revision,
                        age_ms: u64::MAX,
                        said: requests::said_to_write(write, committed.outcome),
                    },
                    Err(unavailable) => self.unavailable(door, write, unavailable),
                }
            }
            Asked::Read(mode, question) => {
                let seen = match mode {
                    Mode::Strong if self.bug == Some(Bug::StaleStrongRead) => {
                        Ok(door.backend.seen())
                    }
                    Mode::Strong => door.backend.strong(deadline).await,
                    Mode::AtLeast(revision) => {
                        match door.backend.at_least(*revision, deadline).await {
                            Ok(seen) => self.by_lease(door, seen, deadline).await,
                            Err(unavailable) => Err(unavailable),
                        }
                    }
                    Mode::Eventual => self.by_lease(door, door.backend.seen(), deadline).await,
                    Mode::Exact(revision) => self.exact(door, *revision, deadline).await,
                };
                match seen {
                    Ok(seen) => self.look(&seen, question),
                    Err(unavailable) => Ending::NothingDone(unavailable.reason),
                }
            }
        }
    }

    /// As the front door does: without a lease, only by the leader's word.
    async fn by_lease(
        &self,
        door: &Door,
        seen: Seen,
        deadline: Instant,
    ) -> Result<Seen, Unavailable> {
        if seen.lease == Lease::Held || self.bug == Some(Bug::LeaseIgnored) {
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
        let present = self.by_lease(door, present, deadline).await?;
        if self.bug == Some(Bug::ExactFromNow) {
            return Ok(Seen { revision, age_ms: u64::MAX, ..present });
        }
        let past = door.backend.exact(revision);
        tape::count(if past.is_ok() { "exact found" } else { "exact not retained" });
        past.map_err(|gone| Unavailable::nothing_done(gone.to_string()))
    }

    /// Waits until no node decides by a state without what this client knows of.
    async fn wait_for_barrier(&self, door: &Door, patience: Duration) {
        let (revision, deadline) = (self.token, Instant::now() + patience);
        let wait = async {
            self.bug == Some(Bug::BarrierEarly)
                || door.backend.propagated(revision, &Level::All, deadline).await
        };
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
        let age_ms = match self.bug {
            Some(Bug::AgeHalved) if seen.age_ms < u64::MAX => seen.age_ms / 2,
            _ => seen.age_ms,
        };
        if !requests::has_account(&seen.state) {
            return Ending::NothingDone("the account is not here yet".to_owned());
        }
        let said = requests::read(&seen.state, question, &self.caller);
        Ending::Answered { revision: seen.revision, age_ms, said }
    }

    fn unavailable(&self, door: &Door, write: &Write, unavailable: Unavailable) -> Ending {
        if !unavailable.maybe_applied {
            return Ending::NothingDone(unavailable.reason);
        }
        if self.bug == Some(Bug::AckUnknown) {
            let revision = door.backend.seen().revision + 1;
            let said = requests::said_to_write(write, Ok(bytes::Bytes::new()));
            return Ending::Answered { revision, age_ms: u64::MAX, said };
        }
        Ending::Unknown(unavailable.reason)
    }

    /// A warden changes something, waits until nobody decides by the old state, and looks everywhere.
    fn think_as_warden(&self) -> (u64, Asked) {
        let list = || Asked::Read(Mode::Eventual, Question::List);
        match self.asked % 3 {
            0 => (self.anyone(), Asked::Write(self.change())),
            1 => (self.chance.pick(&REPLICAS), list()),
            _ => (self.chance.pick(&VOTERS), list()),
        }
    }

    fn anyone(&self) -> u64 {
        self.chance.pick(&[VOTERS[0], VOTERS[1], VOTERS[2], REPLICA, GRANDCHILD])
    }

    fn think(&self) -> (u64, Asked) {
        if self.is_warden {
            return self.think_as_warden();
        }
        let (voter, replica) = (self.chance.pick(&VOTERS), self.chance.pick(&REPLICAS));
        let question = || match self.chance.below(3) {
            0 => Question::List,
            _ => Question::Get(self.name()),
        };
        let either = || if self.chance.permille(600) { replica } else { voter };
        match self.chance.weighed(&[35, 5, 20, 5, 20, 7, 8, 12]) {
            0 => (voter, Asked::Write(self.change())),
            1 => (replica, Asked::Write(self.change())),
            2 => (voter, Asked::Read(Mode::Strong, question())),
            3 => (replica, Asked::Read(Mode::Strong, question())),
            4 => (replica, Asked::Read(Mode::Eventual, question())),
            5 => (voter, Asked::Read(Mode::Eventual, question())),
            6 => (either(), Asked::Read(Mode::AtLeast(self.token), question())),
            _ => (either(), Asked::Read(Mode::Exact(self.around()), question())),
        }
    }

    fn change(&self) -> Write {
        let (name, path) = (self.name(), format!("/c{}-{}/", self.id, self.asked + 1));
        match self.chance.weighed(&[35, 35, 10, 20]) {
            0 => Write::Create { name, path },
            1 => Write::Move { name, path },
            2 => Write::Rename { name, to: self.name() },
            _ => Write::Delete { name },
        }
    }

    /// A revision not far from what this client knows: most are past, some are to come.
    fn around(&self) -> u64 {
        (self.token + 3).saturating_sub(self.chance.below(90)).max(1)
    }

    fn name(&self) -> String {
        self.chance.pick(&NAMES).to_owned()
    }
}
