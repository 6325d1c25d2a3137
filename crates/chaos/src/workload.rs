//! Clients: each asks one thing after the other, of whichever node, and writes down what it was told.

mod choice;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use schema::OperationInfo;
use serde_json::{Value, json};
use sim::chance::Chance;
use sim::history::{Asked, Life, Mode};
use sim::words::{self, Terms};
use sim::world::{Said, Write};
use tokio::time::sleep;

use crate::cell::{Cell, Key};
use crate::door::{Asking, Door, Heard, Outcome};
use crate::event::{Event, Kind};
use crate::fates::Sent;

/// Below this path are the users that clients make.
pub(crate) const PATH: &str = "/chaos/";
/// Users that stay: keys are made for them and deleted.
pub(crate) const KEEPERS: [&str; 3] = ["kai", "kim", "kit"];

/// One client.
pub(crate) struct Client {
    pub(crate) number: u64,
    cell: Arc<Cell>,
    door: Door,
    chance: Chance,
    terms: Terms,
    patience: Duration,
    think_ms: [u64; 2],
    /// Writes that the client sent, as the log may hold them.
    sent: Sent,
    /// The newest revision that the client wrote or saw, and its token where it was a write.
    newest: (u64, String),
    asked: u64,
    /// Marks of keys that are there, as far as the client knows.
    keys: Vec<(String, String)>,
}

/// What a client needs to know.
pub(crate) struct Setup<'a> {
    pub(crate) cell: &'a Arc<Cell>,
    pub(crate) account: &'a str,
    pub(crate) sent: &'a Sent,
    pub(crate) seed: u64,
    pub(crate) patience: Duration,
    pub(crate) think_ms: [u64; 2],
}

/// Clients have a chance of their own from here.
const CLIENTS: u64 = 100;

impl Client {
    /// A client with a key of its own; every other speaks gRPC.
    pub(crate) fn new(number: u64, key: Key, setup: &Setup<'_>) -> Self {
        setup.sent.known(&key.id, number);
        let door = if number.is_multiple_of(2) { Door::grpc(&key) } else { Door::query(key) };
        let terms = Terms {
            account: setup.account.to_owned(),
            path_prefix: Some(PATH.to_owned()),
            keys: BTreeMap::new(),
        };
        Client {
            number,
            cell: Arc::clone(setup.cell),
            door,
            chance: Chance::of(setup.seed, CLIENTS + number),
            terms,
            patience: setup.patience,
            think_ms: setup.think_ms,
            sent: setup.sent.clone(),
            newest: (0, String::new()),
            asked: 0,
            keys: Vec::new(),
        }
    }

    /// Asks until it is over.
    pub(crate) async fn run(mut self, over: Arc<AtomicBool>) {
        let [shortest, longest] = self.think_ms;
        while !over.load(Ordering::Relaxed) {
            sleep(self.chance.millis(shortest..longest)).await;
            let (node, asked) = self.think();
            self.ask(node, asked).await;
        }
    }

    /// Asks a node once; whether it was answered.
    pub(crate) async fn ask(&mut self, node: u64, asked: Asked) -> bool {
        self.asked += 1;
        let id = format!("c{}-{}", self.number, self.asked);
        let (message, header) = match &asked {
            Asked::Write(write) => (words::write(write, &self.terms), None),
            Asked::Read(mode, question) => {
                (words::question(question, &self.terms), Some(self.consistency(*mode)))
            }
        };
        let Some(operation) = schema::operation_by_index(message.operation) else { return false };
        let before = self.cell.life(node);
        if matches!(asked, Asked::Write(_)) {
            self.sent.add(&id, self.number, &message);
        }
        self.cell.recorder.write(self.invocation(&id, before, &asked, operation));
        let header = header.as_ref().map(|value| ("x-bailiwick-consistency", value.as_str()));
        let asking = Asking { operation, request: message.bytes, header, patience: self.patience };
        let heard = self.door.ask(&self.cell, node, asking).await;
        let after = self.cell.life(node);
        // Which of its lives answered is not known: it stands alone.
        let nth = if before == after { after.nth } else { 1_000_000_000 + self.asked };
        self.learn(&id, Life { node, nth }, asked, heard)
    }

    fn consistency(&self, mode: Mode) -> String {
        match mode {
            Mode::Strong => "strong".to_owned(),
            Mode::Eventual => "eventual".to_owned(),
            Mode::AtLeast(revision) if revision == self.newest.0 && !self.newest.1.is_empty() => {
                format!("at-least={}", self.newest.1)
            }
            Mode::AtLeast(revision) => format!("at-least={revision}"),
            Mode::Exact(revision) => format!("at={revision}"),
        }
    }

    fn invocation(&self, id: &str, life: Life, asked: &Asked, operation: &OperationInfo) -> Event {
        let mut event = line(self.number, Kind::Invoke, id, life, asked);
        let protocol = if matches!(self.door, Door::Grpc(_)) { "grpc" } else { "query" };
        event.out = json!({"protocol": protocol, "operation": operation.name});
        event
    }

    /// Writes down what was heard, and remembers what the next calls need.
    fn learn(&mut self, id: &str, life: Life, asked: Asked, heard: Heard) -> bool {
        let Heard { outcome, revision, age_ms, token, request_id, .. } = heard;
        let writes = matches!(asked, Asked::Write(_));
        let (kind, out) = match (outcome, &asked) {
            (Outcome::Unknown(why), _) => (Kind::Info, json!(why)),
            (Outcome::NothingDone(why), _) => (Kind::Fail, json!(why)),
            // Refused before it came to the log, or by a node that looked at nothing.
            (Outcome::Fault(code), _) if (writes && token.is_empty()) || revision == 0 => {
                (Kind::Fail, said(&Said::Fault(code)))
            }
            (Outcome::Fault(code), _) => (Kind::Ok, said(&Said::Fault(code))),
            (Outcome::Response(body), Asked::Write(write)) => {
                self.remember(write, body.key_id());
                (Kind::Ok, said(&body.said_to_write(write)))
            }
            (Outcome::Response(body), Asked::Read(_, question)) => {
                (Kind::Ok, said(&body.said_to_question(question)))
            }
        };
        let answered = kind == Kind::Ok;
        if answered && revision >= self.newest.0 {
            self.newest = (revision, token);
        }
        let mut event = line(self.number, kind, id, life, &asked);
        (event.op, event.args, event.req_id, event.out) =
            (String::new(), Value::Null, request_id, out);
        if answered {
            event.index = Some(revision);
            event.age_ms = (!writes && age_ms < u64::MAX).then_some(age_ms);
        }
        self.cell.recorder.write(event);
        answered
    }

    fn remember(&mut self, write: &Write, key_id: String) {
        match write {
            Write::AddKey { name, mark } => {
                self.terms.keys.insert(mark.clone(), key_id);
                self.keys.push((name.clone(), mark.clone()));
            }
            Write::DropKey { mark, .. } => self.keys.retain(|(_, known)| known != mark),
            _ => {}
        }
    }
}

fn line(client: u64, kind: Kind, id: &str, life: Life, asked: &Asked) -> Event {
    let mut event = Event::new(format!("c{client}"), kind).at(life.node);
    (event.life, event.id) = (Some(life.nth), id.to_owned());
    let spoken = match asked {
        Asked::Write(write) => {
            "write".clone_into(&mut event.mode);
            serde_json::to_value(write)
        }
        Asked::Read(mode, question) => {
            let (name, token) = match mode {
                Mode::Strong => ("strong", None),
                Mode::Eventual => ("eventual", None),
                Mode::AtLeast(revision) => ("at-least", Some(*revision)),
                Mode::Exact(revision) => ("exact", Some(*revision)),
            };
            name.clone_into(&mut event.mode);
            event.token = token;
            serde_json::to_value(question)
        }
    };
    let mut spoken = spoken.unwrap_or_default();
    event.op = spoken["op"].as_str().unwrap_or_default().to_owned();
    event.args = spoken["args"].take();
    event
}

fn said(said: &Said) -> Value {
    serde_json::to_value(said).unwrap_or_default()
}
