//! The same seed gives the same run, message by message: what a simulation stands on.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cluster::network::memory::{Fate, MemoryNetwork, Weather};
use cluster::{Backend, NodeId};
use tokio::runtime::Builder;
use tokio::time::{Instant, sleep};

use crate::support::Cell;

/// Delays and losses from a small generator; writes every message down.
struct Diary {
    start: Instant,
    state: Mutex<(u64, Vec<String>)>,
}

impl Weather for Diary {
    fn carry(&self, from: NodeId, to: NodeId, what: &'static str) -> Fate {
        let mut state = self.state.lock().unwrap();
        state.0 =
            state.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let throw = state.0 >> 33;
        let fate = match throw % 200 {
            0 => Fate::Lost,
            _ => Fate::Arrives(Duration::from_micros(throw % 5_000)),
        };
        let at = self.start.elapsed();
        state.1.push(format!("{at:?} {from}->{to} {what} {fate:?}"));
        fate
    }
}

async fn run(seed: u64) -> (Vec<String>, Vec<String>) {
    let diary = Arc::new(Diary { start: Instant::now(), state: Mutex::new((seed, Vec::new())) });
    let network = MemoryNetwork::with_weather(diary.clone());
    let mut cell = Cell::start_on(network, seed, 3).await;
    let mut outcomes = Vec::new();
    for round in 0..3 {
        for n in 0..10 {
            let at = n % cell.nodes.len() as u64;
            let id = *cell.nodes.keys().nth(at as usize).unwrap();
            outcomes.push(format!("{:?}", cell.write(id, &format!("r{round}n{n}=1")).await));
            let read = cell.nodes[&id].strong(Instant::now() + Duration::from_secs(5)).await;
            outcomes.push(format!("{:?}", read.map(|seen| (seen.revision, seen.age_ms))));
        }
        let leader = cell.leader().await;
        cell.crash(leader);
        sleep(Duration::from_secs(2)).await;
        cell.boot(leader).await;
        cell.settle().await;
    }
    outcomes.push(format!("{:?}", cell.nodes[&1].status()));
    let diary = std::mem::take(&mut diary.state.lock().unwrap().1);
    (diary, outcomes)
}

fn run_alone(seed: u64) -> (Vec<String>, Vec<String>) {
    let runtime = Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
    runtime.block_on(run(seed))
}

#[test]
fn one_seed_gives_one_run() {
    for seed in [1, 2, 3] {
        let (first, second) = (run_alone(seed), run_alone(seed));
        assert!(first.0.len() > 500, "only {} messages", first.0.len());
        let differs = first.0.iter().zip(&second.0).position(|(a, b)| a != b);
        if let Some(n) = differs {
            panic!("seed {seed}, message {n}: {} or {}", first.0[n], second.0[n]);
        }
        assert_eq!(first, second, "seed {seed}");
    }
    assert_ne!(run_alone(1), run_alone(2));
}
