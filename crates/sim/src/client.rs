//! A client: one call after the other, to whichever node.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cluster::{Lease, Level, Seen, Unavailable};
use schema::model::v1::Caller;
use tokio::time::{Instant, sleep, timeout_at};

use crate::cell::{Cell, Door, REPLICA, VOTERS};
use crate::chance::Chance;
use crate::history::{Asked, Call, Ending, Mode};
use crate::requests;
use crate::settings::Bug;
use crate::tape;
use crate::world::{Question, Said, Write};

/// Few, so that clients meet.
const NAMES: [&str; 6] = ["ann", "bob", "cid", "dee", "eve", "fay"];

/// How much later than its deadline a call may end: a node checks the time between two steps.
const GRACE: Duration = Duration::from_millis(50);

/// Calls of all clients, in the order in which they ended.
pub(crate) type Calls = Arc<Mutex<Vec<Call>>>;

pub(crate) struct Client {
    pub(crate) id: u64,
    pub(crate) cell: Arc<Cell>,
    pub(crate) caller: Caller,
    pub(crate) chance: Chance,
    pub(crate) calls: Calls,
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
            if let Some(door) = self.cell.door(node) {
                self.ask(&door, asked, patience).await;
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
        let call = Call { client, request_id, life, asked, called, returned, ending };
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).push(call);
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
            Asked::Barrier(revision) => self.wait(door, *revision, deadline).await,
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

    async fn wait(&self, door: &Door, revision: u64, deadline: Instant) -> Ending {
        let early = self.bug == Some(Bug::BarrierEarly);
        match early || door.backend.propagated(revision, &Level::All, deadline).await {
            true => {
                tape::count("barrier reached");
                Ending::Answered { revision, age_ms: u64::MAX, said: Said::Done }
            }
            false => Ending::NothingDone("the barrier was not reached".to_owned()),
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
        let anyone = self.chance.pick(&[VOTERS[0], VOTERS[1], VOTERS[2], REPLICA]);
        match self.asked % 4 {
            0 => (anyone, Asked::Write(self.change())),
            1 => (anyone, Asked::Barrier(self.token)),
            2 => (REPLICA, Asked::Read(Mode::Eventual, Question::List)),
            _ => (self.chance.pick(&VOTERS), Asked::Read(Mode::Eventual, Question::List)),
        }
    }

    fn think(&self) -> (u64, Asked) {
        if self.is_warden {
            return self.think_as_warden();
        }
        let voter = self.chance.pick(&VOTERS);
        let question = || match self.chance.below(3) {
            0 => Question::List,
            _ => Question::Get(self.name()),
        };
        let either = || if self.chance.permille(600) { REPLICA } else { voter };
        match self.chance.weighed(&[35, 5, 20, 5, 20, 7, 8, 12]) {
            0 => (voter, Asked::Write(self.change())),
            1 => (REPLICA, Asked::Write(self.change())),
            2 => (voter, Asked::Read(Mode::Strong, question())),
            3 => (REPLICA, Asked::Read(Mode::Strong, question())),
            4 => (REPLICA, Asked::Read(Mode::Eventual, question())),
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
