//! Figures.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// What one engine needed for the requests of one workload.
pub struct Figures {
    /// Nanoseconds a decision, in the best of several runs.
    pub mean: f64,
    /// Nanoseconds, one decision at a time, the clock's own cost included.
    pub p99: u128,
    /// How many decisions were not the expected ones, of how many.
    pub wrong: usize,
    pub count: usize,
}

pub fn percentile(mut times: Vec<Duration>, percent: usize) -> u128 {
    times.sort();
    times.get(times.len() * percent / 100).map_or(0, Duration::as_nanos)
}

/// Asks for every request; `ask` tells whether the decision is the expected one.
pub fn run<T>(requests: &[T], ask: impl Fn(&T) -> bool) -> Figures {
    let wrong = requests.iter().filter(|request| !ask(request)).count();
    let mut best = Duration::MAX;
    let mut each = Vec::new();
    for _ in 0..3 {
        each.clear();
        let start = Instant::now();
        for request in requests {
            let start = Instant::now();
            black_box(ask(black_box(request)));
            each.push(start.elapsed());
        }
        best = best.min(start.elapsed());
    }
    let count = requests.len();
    Figures { mean: best.as_nanos() as f64 / count as f64, p99: percentile(each, 99), wrong, count }
}
