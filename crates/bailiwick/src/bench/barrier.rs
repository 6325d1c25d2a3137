//! How long a write takes that waits for all nodes, under conditions made for it and undone after it.

use std::time::Duration;

use client::Client;
use lag::Plan;
use prost::Message;
use rustix::process::{Pid, Signal, kill_process};
use schema::iam::v1::{CreateUserRequest, Tag, TagUserRequest};
use schema::lag::v1::{FlushRequest, FlushResponse, SetRequest, SetResponse};
use schema::{OperationInfo, Service};
use serde::Serialize;
use tokio::time::Instant;

use super::propagation::Times;

/// Longer than any cell of a measurement lets a write wait.
const DEADLINE: Duration = Duration::from_secs(60);
const USER: &str = "waited-for";

/// What one replica of the cell is in while writes wait for it.
#[derive(Clone, PartialEq, Debug)]
pub enum Condition {
    /// Nothing is done to it.
    Healthy,
    /// It shows everything later (lag/v1).
    Lagging(Plan),
    /// Its process is stopped (SIGSTOP) right before the write: it neither answers nor reports.
    Stopped,
    /// It was stopped before an earlier write, which waited for it until it no longer decides.
    Silent,
}

/// What was measured under a condition.
#[derive(Clone, Serialize, Debug)]
pub struct Barrier {
    /// `one replica lags, fixed:1s`
    pub condition: String,
    /// From the call to the answer that says `reached`.
    pub write: Times,
}

/// The cell as a measurement needs it.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The leader, with the credential of a user who may make and tag users.
    pub leader: Client,
    /// The replica to which things are done, with the operator's credential.
    pub replica: Client,
    /// Its process, when it runs on this machine.
    pub process: Option<u32>,
    /// How many replicas the cell has.
    pub replicas: usize,
}

impl Condition {
    /// In words.
    pub fn name(&self) -> String {
        match self {
            Condition::Healthy => "all is well".to_owned(),
            Condition::Lagging(plan) => format!("one replica lags, {plan}"),
            Condition::Stopped => "one replica has just been stopped".to_owned(),
            Condition::Silent => "one replica was stopped long ago".to_owned(),
        }
    }
}

impl Cell {
    /// Makes what writes change.
    ///
    /// # Errors
    /// The call fails.
    pub async fn prepare(&self) -> Result<(), String> {
        let user = CreateUserRequest { user_name: USER.to_owned(), ..Default::default() };
        self.call("CreateUser", &user, "all").await.map(drop)
    }

    /// Writes so many times, one after the other, under a condition. [`Cell::heal`] undoes it, also after a failure.
    ///
    /// # Errors
    /// The condition cannot be made, or a write was not seen everywhere in time.
    pub async fn measure(&self, condition: &Condition, writes: u32) -> Result<Barrier, String> {
        self.make(condition).await?;
        let mut times_us = Vec::new();
        for nth in 0..writes {
            if *condition == Condition::Stopped && nth > 0 {
                // Else nobody waits for it any more.
                self.heal().await?;
                self.make(condition).await?;
            }
            times_us.push(self.write(nth, "all").await?);
        }
        Ok(Barrier { condition: condition.name(), write: Times::of(times_us) })
    }

    async fn make(&self, condition: &Condition) -> Result<(), String> {
        match condition {
            Condition::Healthy => Ok(()),
            Condition::Lagging(plan) => self.lag(plan).await,
            Condition::Stopped => self.signal(Signal::STOP),
            Condition::Silent => {
                self.signal(Signal::STOP)?;
                self.write(0, "all").await.map(drop)
            }
        }
    }

    /// All is well again: the leader has heard of every replica, and each shows everything.
    ///
    /// # Errors
    /// The replica does not come back.
    pub async fn heal(&self) -> Result<(), String> {
        if self.process.is_some() {
            self.signal(Signal::CONT)?;
        }
        self.lag(&Plan::default()).await?;
        let path = "/bailiwick.lag.v1.Lag/Flush";
        let flushed = self.replica.send::<_, FlushResponse>(path, &FlushRequest {}, true).await;
        flushed.map_err(|error| format!("Flush: {error}"))?;
        // `all` would not wait for one of which nothing was heard for long.
        self.write(0, &format!("replicas={}", self.replicas)).await.map(drop)
    }

    async fn lag(&self, plan: &Plan) -> Result<(), String> {
        let request = SetRequest { plan: plan.to_string(), persist: false };
        let path = "/bailiwick.lag.v1.Lag/Set";
        let set = self.replica.send::<_, SetResponse>(path, &request, true).await;
        set.map(drop).map_err(|error| format!("Set: {error}"))
    }

    fn signal(&self, signal: Signal) -> Result<(), String> {
        let pid = self.process.and_then(|pid| Pid::from_raw(i32::try_from(pid).ok()?));
        let pid = pid.ok_or("the replica does not run on this machine: it cannot be stopped")?;
        kill_process(pid, signal).map_err(|error| format!("the replica's process: {error}"))
    }

    async fn write(&self, nth: u32, ack: &str) -> Result<u32, String> {
        let tag = Tag { key: "nth".to_owned(), value: nth.to_string() };
        let request = TagUserRequest { user_name: USER.to_owned(), tags: vec![tag] };
        let began = Instant::now();
        let propagation = self.call("TagUser", &request, ack).await?;
        let took_us = u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX);
        match propagation.as_str() {
            "reached" => Ok(took_us),
            other => Err(format!("a write was not seen everywhere: `{other}`")),
        }
    }

    async fn call<M: Message>(&self, name: &str, request: &M, ack: &str) -> Result<String, String> {
        let client = self.leader.clone().with_ack(ack).with_deadline(DEADLINE);
        let called = client.call(operation(name)?, request.encode_to_vec().into()).await;
        called.map(|answer| answer.propagation).map_err(|error| format!("{name}: {error}"))
    }
}

fn operation(name: &str) -> Result<&'static OperationInfo, String> {
    schema::operation(Service::Iam, name).ok_or_else(|| format!("no operation {name}"))
}
