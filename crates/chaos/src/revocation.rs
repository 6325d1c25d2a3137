//! Principals that use their rights on every node, all the time, and lose them meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use prost::Message;
use schema::iam::v1::{
    DeleteAccessKeyRequest, DetachUserPolicyRequest, GetUserRequest, Tag, TagUserRequest,
};
use schema::{OperationInfo, Service};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::cell::{Account, Cell, Key};
use crate::door::{Asking, Door, Heard, Outcome};
use crate::event::{Event, Kind};
use crate::scenario::Revocation;

/// How long a principal uses its rights before it loses them.
const BEFORE: Duration = Duration::from_millis(400);
/// How much longer than the bound it goes on trying.
const AFTER: Duration = Duration::from_millis(700);
const PATIENCE: Duration = Duration::from_secs(3);
/// The longest that a write which waits for every replica may take: a lease runs out after the cell's `max_staleness`.
const ALL_PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(15);

/// Takes rights away, one principal after the other.
pub(crate) struct Revoker {
    cell: Arc<Cell>,
    account: Account,
    door: Door,
    settings: Revocation,
}

impl Revoker {
    pub(crate) fn new(
        cell: &Arc<Cell>,
        account: &Account,
        key: Key,
        settings: &Revocation,
    ) -> Self {
        let (cell, account, door) = (Arc::clone(cell), account.clone(), Door::query(key));
        Revoker { cell, account, door, settings: settings.clone() }
    }

    /// Goes on until it is over.
    pub(crate) async fn run(mut self, over: Arc<AtomicBool>) {
        for round in 1.. {
            if over.load(Ordering::Relaxed) {
                return;
            }
            // A cell that is broken just now makes no principal; the next round will.
            if self.round(round).await.is_err() {
                sleep(BEFORE).await;
            }
        }
    }

    async fn round(&mut self, round: u64) -> Result<(), String> {
        let name = format!("victim-{round}");
        let (key, revision) = self.account.principal(&name).await?;
        for node in self.cell.ids() {
            self.account.wait_at(&self.cell, node, revision).await?;
        }
        let stop = Arc::new(AtomicBool::new(false));
        let mut probes = JoinSet::new();
        for (node, grpc) in self.cell.ids().zip([true, false].into_iter().cycle()) {
            let door = if grpc { Door::grpc(&key) } else { Door::query(key.clone()) };
            let (cell, name, stop) = (Arc::clone(&self.cell), name.clone(), Arc::clone(&stop));
            probes.spawn(Probe { cell, name, round, node, door, asked: 0 }.run(stop));
        }
        sleep(BEFORE).await;
        self.revoke(round, &name, &key).await;
        let until = Instant::now() + Duration::from_millis(self.settings.bound_ms) + AFTER;
        tokio::time::sleep_until(until).await;
        stop.store(true, Ordering::Relaxed);
        while probes.join_next().await.is_some() {}
        Ok(())
    }

    async fn revoke(&mut self, round: u64, name: &str, key: &Key) {
        let user_name = name.to_owned();
        let (how, operation, request) = if round.is_multiple_of(2) {
            let access_key_id = key.id.clone();
            let request = DeleteAccessKeyRequest { user_name: Some(user_name), access_key_id };
            ("key deleted", "DeleteAccessKey", request.encode_to_vec())
        } else {
            let policy_arn = self.account.staff_arn();
            let request = DetachUserPolicyRequest { user_name, policy_arn };
            ("policy detached", "DetachUserPolicy", request.encode_to_vec())
        };
        // Any voter leads on to the one that leads.
        let node = 1 + round % 3;
        let id = format!("r{round}");
        let mut event = Event::new("revoker", Kind::Invoke).at(node);
        event =
            event.op("revoke", json!({"principal": name, "how": how, "ack": self.settings.ack}));
        (event.id, event.mode) = (id.clone(), "write".to_owned());
        self.cell.recorder.write(event);
        let Some(operation) = schema::operation(Service::Iam, operation) else { return };
        let header = Some(("x-bailiwick-ack", self.settings.ack.as_str()));
        let patience = if self.settings.ack == "all" { ALL_PATIENCE } else { PATIENCE };
        let asking = Asking { operation, request: request.into(), header, patience };
        let heard = self.door.ask(&self.cell, node, asking).await;
        let (kind, out) = match &heard.outcome {
            Outcome::Response(_) => (Kind::Ok, json!({"propagation": heard.propagation})),
            Outcome::Fault(code) => (Kind::Fail, json!(code)),
            Outcome::NothingDone(why) => (Kind::Fail, json!(why)),
            Outcome::Unknown(why) => (Kind::Info, json!(why)),
        };
        self.cell.recorder.write(ended("revoker", kind, &id, node, &heard, out));
    }
}

/// A principal at one node.
struct Probe {
    cell: Arc<Cell>,
    name: String,
    round: u64,
    node: u64,
    door: Door,
    asked: u64,
}

impl Probe {
    async fn run(mut self, stop: Arc<AtomicBool>) {
        while !stop.load(Ordering::Relaxed) {
            self.once().await;
            sleep(PAUSE).await;
        }
    }

    async fn once(&mut self) {
        self.asked += 1;
        let id = format!("v{}-{}-{}", self.round, self.node, self.asked);
        let writes = self.asked.is_multiple_of(8);
        let Some((operation, request)) = self.question(writes) else { return };
        let mode = match self.node {
            _ if writes => "write",
            1..=3 => "strong",
            _ => "eventual",
        };
        let proc = self.name.clone();
        let mut event = Event::new(&proc, Kind::Invoke).at(self.node);
        event = event.op(operation.name, Value::Null);
        (event.id, event.mode) = (id.clone(), mode.to_owned());
        self.cell.recorder.write(event);
        let header = (!writes).then_some(("x-bailiwick-consistency", mode));
        let asking = Asking { operation, request, header, patience: PATIENCE };
        let heard = self.door.ask(&self.cell, self.node, asking).await;
        let (kind, out) = match &heard.outcome {
            Outcome::Response(_) => (Kind::Ok, json!("allowed")),
            Outcome::Fault(code) => (Kind::Ok, json!({"denied": code})),
            Outcome::NothingDone(why) => (Kind::Fail, json!(why)),
            Outcome::Unknown(why) => (Kind::Info, json!(why)),
        };
        self.cell.recorder.write(ended(&proc, kind, &id, self.node, &heard, out));
    }

    fn question(&self, writes: bool) -> Option<(&'static OperationInfo, Bytes)> {
        let name = self.name.clone();
        let (operation, request) = if writes {
            let tags = vec![Tag { key: "used".to_owned(), value: self.asked.to_string() }];
            ("TagUser", TagUserRequest { user_name: name, tags }.encode_to_vec())
        } else {
            ("GetUser", GetUserRequest { user_name: Some(name) }.encode_to_vec())
        };
        Some((schema::operation(Service::Iam, operation)?, request.into()))
    }
}

fn ended(proc: &str, kind: Kind, id: &str, node: u64, heard: &Heard, out: Value) -> Event {
    let mut event = Event::new(proc, kind).at(node);
    (event.id, event.out) = (id.to_owned(), out);
    event.req_id.clone_from(&heard.request_id);
    event.index = (heard.revision > 0).then_some(heard.revision);
    event.age_ms = (heard.age_ms < u64::MAX).then_some(heard.age_ms);
    event
}
