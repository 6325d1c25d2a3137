//! How long a write takes to be seen: at a replica, and by everybody.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use client::Client;
use prost::Message;
use schema::iam::v1::{CreateUserRequest, GetUserRequest, Tag, TagUserRequest};
use schema::propagation::v1::{WaitRequest, WaitResponse};
use schema::{OperationInfo, Service};
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep_until};

use super::effort::{Effort, Processes};
use super::figures::quantile;

const WAIT: &str = "/bailiwick.propagation.v1.Propagation/Wait";
/// Writers that take turns: each has one write under way, so a slow one does not hold up the others.
const WRITERS: u32 = 32;
/// Between two of the reads, and of the barriers, that are measured besides.
const ASIDE: Duration = Duration::from_millis(20);

/// Where to measure, with the credential of a user who may make, read and tag users.
#[derive(Clone, Debug)]
pub struct Places {
    /// The leader.
    pub leader: Client,
    /// Replicas, which are read at in turn.
    pub replicas: Vec<Client>,
}

/// Times in microseconds.
#[derive(Clone, Serialize, Debug)]
pub struct Times {
    /// How many were measured.
    pub count: usize,
    /// Half of them took no longer.
    pub p50_us: u32,
    /// 99 of 100 took no longer.
    pub p99_us: u32,
    /// None took longer.
    pub max_us: u32,
}

/// What was measured.
#[derive(Clone, Serialize, Debug)]
pub struct Delays {
    /// Writes acknowledged in a second.
    pub writes_per_s: f64,
    /// From a write's acknowledgement at the leader to the answer of a read at the replica that asked to see it.
    pub acknowledged_to_read: Times,
    /// A read at the replica that asks for nothing, for comparison.
    pub read_alone: Times,
    /// From a write's acknowledgement to the answer that no node decides by the state before it any more.
    pub barrier: Times,
    /// What the nodes spent for each write; nothing where the machine does not say.
    pub efforts: Vec<Effort>,
}

impl Times {
    /// Of measured times.
    pub fn of(mut times_us: Vec<u32>) -> Self {
        times_us.sort_unstable();
        Times {
            count: times_us.len(),
            p50_us: quantile(&times_us, 0.50),
            p99_us: quantile(&times_us, 0.99),
            max_us: times_us.last().copied().unwrap_or(0),
        }
    }
}

impl Times {
    /// As a row of a table in milliseconds.
    pub fn row(&self, what: &str) -> Vec<String> {
        let ms = |us: u32| format!("{:.2}", f64::from(us) / 1000.0);
        let (p50, p99, max) = (ms(self.p50_us), ms(self.p99_us), ms(self.max_us));
        vec![what.to_owned(), self.count.to_string(), p50, p99, max]
    }
}

/// Writes at a rate, and measures.
///
/// # Errors
/// A call failed.
pub async fn measure(
    places: Places,
    processes: &Processes,
    rate: u32,
    warmup: Duration,
    duration: Duration,
) -> Result<Delays, String> {
    let calls = Arc::new(Calls::new(places)?);
    calls.create().await?;
    let start = Instant::now() + warmup;
    let end = start + duration;
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let calls = Arc::clone(&calls);
        writers.spawn(async move { calls.write_until(writer, rate, start, end).await });
    }
    let alone = calls.aside(start, end, |calls| async move { calls.read("eventual").await });
    let barriers = calls.aside(start, end, |calls| async move { calls.barrier().await });
    let spent = async {
        sleep_until(start).await;
        let before = processes.spent();
        sleep_until(end).await;
        Ok((before, processes.spent()))
    };
    let (alone, barriers, (before, after)) = tokio::try_join!(alone, barriers, spent)?;
    let mut seen = Vec::new();
    while let Some(ended) = writers.join_next().await {
        seen.append(&mut ended.map_err(|error| error.to_string())??);
    }
    Ok(Delays {
        writes_per_s: seen.len() as f64 / duration.as_secs_f64(),
        efforts: processes.efforts(&before, &after, seen.len()),
        acknowledged_to_read: Times::of(seen),
        read_alone: Times::of(alone),
        barrier: Times::of(barriers),
    })
}

struct Calls {
    places: Places,
    create: &'static OperationInfo,
    tag: &'static OperationInfo,
    get: &'static OperationInfo,
    reads: AtomicUsize,
}

impl Calls {
    fn new(places: Places) -> Result<Self, String> {
        let (create, tag) = (operation("CreateUser")?, operation("TagUser")?);
        let (get, reads) = (operation("GetUser")?, AtomicUsize::new(0));
        Ok(Calls { places, create, tag, get, reads })
    }

    async fn create(&self) -> Result<(), String> {
        let user_names = (0..WRITERS).map(user_name).chain([user_name(WRITERS)]);
        for user_name in user_names {
            let request = CreateUserRequest { user_name, ..Default::default() };
            let made = self.places.leader.call(self.create, request.encode_to_vec().into()).await;
            made.map_err(|error| format!("CreateUser: {error}"))?;
        }
        Ok(())
    }

    /// A write; gives its token.
    async fn write(&self, writer: u32, nth: u64) -> Result<String, String> {
        let tag = Tag { key: "nth".to_owned(), value: nth.to_string() };
        let request = TagUserRequest { user_name: user_name(writer), tags: vec![tag] };
        let written = self.places.leader.call(self.tag, request.encode_to_vec().into()).await;
        written.map(|answer| answer.token).map_err(|error| format!("TagUser: {error}"))
    }

    /// A read at the next replica; gives how long it took.
    async fn read(&self, consistency: &str) -> Result<u32, String> {
        let request = GetUserRequest { user_name: Some(user_name(0)) };
        let nth = self.reads.fetch_add(1, Ordering::Relaxed) % self.places.replicas.len();
        let replica = self.places.replicas[nth].clone().with_consistency(consistency);
        let began = Instant::now();
        let answer = replica.call(self.get, request.encode_to_vec().into()).await;
        answer.map_err(|error| format!("GetUser: {error}"))?;
        Ok(micros(began))
    }

    /// A write and the wait until nobody decides by the state before it; gives how long the wait took.
    async fn barrier(&self) -> Result<u32, String> {
        let token = self.write(WRITERS, 0).await?;
        let began = Instant::now();
        let request = WaitRequest { token, level: None, timeout_ms: None };
        let answer = self.places.leader.send::<_, WaitResponse>(WAIT, &request, true).await;
        let reached = answer.map_err(|error| format!("Wait: {error}"))?.message.reached;
        if reached { Ok(micros(began)) } else { Err("a barrier was not reached".to_owned()) }
    }

    async fn write_until(
        &self,
        writer: u32,
        rate: u32,
        start: Instant,
        end: Instant,
    ) -> Result<Vec<u32>, String> {
        let mut turns = interval(Duration::from_secs(1) * WRITERS / rate.max(1));
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut seen = Vec::new();
        for nth in 0.. {
            turns.tick().await;
            if Instant::now() >= end {
                break;
            }
            let token = self.write(writer, nth).await?;
            let took_us = self.read(&format!("at-least={token}")).await?;
            if Instant::now() >= start {
                seen.push(took_us);
            }
        }
        Ok(seen)
    }

    async fn aside<F>(
        self: &Arc<Self>,
        start: Instant,
        end: Instant,
        call: impl Fn(Arc<Self>) -> F,
    ) -> Result<Vec<u32>, String>
    where
        F: Future<Output = Result<u32, String>>,
    {
        sleep_until(start).await;
        let mut times_us = Vec::new();
        while Instant::now() < end {
            times_us.push(call(Arc::clone(self)).await?);
            tokio::time::sleep(ASIDE).await;
        }
        Ok(times_us)
    }
}

fn micros(began: Instant) -> u32 {
    u32::try_from(began.elapsed().as_micros()).unwrap_or(u32::MAX)
}

fn user_name(writer: u32) -> String {
    format!("writer-{writer:02}")
}

fn operation(name: &str) -> Result<&'static OperationInfo, String> {
    schema::operation(Service::Iam, name).ok_or_else(|| format!("no operation {name}"))
}
