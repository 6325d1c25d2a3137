//! A closed loop of callers: each sends its next call when the last one is answered.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

/// What is measured.
pub trait Target: Send + Sync + 'static {
    /// Makes one call, of no use to any other caller; callers are numbered from 0.
    ///
    /// # Errors
    /// Why it failed. A measurement ends at the first failure.
    fn call(&self, caller: usize) -> impl Future<Output = Result<(), String>> + Send;
}

/// How hard and how long.
#[derive(Clone, Copy, Debug)]
pub struct Load {
    /// Calls in flight.
    pub concurrency: usize,
    /// Before measuring begins.
    pub warmup: Duration,
    /// While measuring.
    pub duration: Duration,
}

/// What came of it: the calls answered while measuring, and a sample taken when that began and ended.
#[derive(Clone, Debug)]
pub struct Run<S> {
    /// Of every call, in microseconds, in no order.
    pub latencies_us: Vec<u32>,
    /// When measuring began.
    pub before: S,
    /// When it ended.
    pub after: S,
}

/// Drives a target. Dropping the future ends all callers.
///
/// # Errors
/// The first failure of a call: figures with failures in them say nothing.
pub async fn run<T: Target, S>(
    target: &Arc<T>,
    load: Load,
    sample: impl Fn() -> S,
) -> Result<Run<S>, String> {
    let start = Instant::now() + load.warmup;
    let end = start + load.duration;
    let mut callers = JoinSet::new();
    for caller in 0..load.concurrency {
        callers.spawn(call_until(Arc::clone(target), caller, start, end));
    }
    sleep_until(start).await;
    let before = sample();
    sleep_until(end).await;
    let after = sample();
    let mut latencies_us = Vec::new();
    while let Some(ended) = callers.join_next().await {
        latencies_us.append(&mut ended.map_err(|error| error.to_string())??);
    }
    Ok(Run { latencies_us, before, after })
}

async fn call_until<T: Target>(
    target: Arc<T>,
    caller: usize,
    start: Instant,
    end: Instant,
) -> Result<Vec<u32>, String> {
    let mut latencies_us = Vec::new();
    let mut sent = Instant::now();
    while sent < end {
        target.call(caller).await?;
        let answered = Instant::now();
        if answered >= start && answered < end {
            let us = answered.duration_since(sent).as_micros();
            latencies_us.push(u32::try_from(us).unwrap_or(u32::MAX));
        }
        sent = answered;
    }
    Ok(latencies_us)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const LOAD: Load =
        Load { concurrency: 4, warmup: Duration::from_secs(1), duration: Duration::from_secs(5) };

    #[derive(Default)]
    struct Slow {
        calls: AtomicUsize,
        fails_at: Option<usize>,
    }

    impl Target for Slow {
        async fn call(&self, _: usize) -> Result<(), String> {
            let number = self.calls.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(Duration::from_millis(100)).await;
            if self.fails_at == Some(number) { Err("no".to_owned()) } else { Ok(()) }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn calls_within_the_measured_time_count() {
        let target = Arc::new(Slow::default());
        let begun = Instant::now();
        let run = run(&target, LOAD, || begun.elapsed().as_secs()).await.unwrap();
        // Ten a second for each caller; whether those that end on the edges count is the clock's whim.
        assert!(run.latencies_us.len().abs_diff(4 * 50) <= 8, "{}", run.latencies_us.len());
        assert!(run.latencies_us.iter().all(|us| us.abs_diff(100_000) < 2_000));
        assert_eq!((run.before, run.after), (1, 6));
        assert!(target.calls.load(Ordering::Relaxed) >= 4 * 60);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_fails_the_run() {
        let target = Arc::new(Slow { fails_at: Some(7), ..Slow::default() });
        assert_eq!(run(&target, LOAD, || ()).await.unwrap_err(), "no");
    }
}
