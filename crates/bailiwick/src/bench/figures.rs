//! Figures of one side at one concurrency: all its rounds together.

use std::time::Duration;

use serde::Serialize;

use super::load::Run;

/// Processor time used so far, by whom. `None` where the machine does not say.
#[derive(Clone, Copy, Default, Debug)]
pub struct Usage {
    /// The servers that vote.
    pub servers: Option<Duration>,
    /// The replicas, which follow.
    pub replicas: Option<Duration>,
    /// This process: the client.
    pub client: Option<Duration>,
    /// Everything on the machine that has no part in the measurement.
    pub others: Option<Duration>,
}

/// What one side did at one concurrency.
#[derive(Clone, Serialize, Debug)]
pub struct Figures {
    /// Calls answered in a second, over all rounds.
    pub ops_per_s: f64,
    /// The same for each round.
    pub round_ops_per_s: Vec<f64>,
    /// Half of the calls took no longer.
    pub p50_us: u32,
    /// 99 of 100 calls took no longer.
    pub p99_us: u32,
    /// Processor time of all servers for one call, microseconds.
    pub server_cpu_us_per_op: Option<f64>,
    /// Processor time of all replicas for one call, microseconds; none for a cell without replicas.
    pub replica_cpu_us_per_op: Option<f64>,
    /// Processor time of the client for one call, microseconds.
    pub client_cpu_us_per_op: Option<f64>,
    /// How much of one processor everything else on the machine used.
    pub others_cpu_cores: Option<f64>,
}

impl Figures {
    /// Of rounds that each measured for `duration`.
    pub fn of(rounds: &[Run<Usage>], duration: Duration) -> Self {
        let mut latencies_us: Vec<u32> =
            rounds.iter().flat_map(|run| run.latencies_us.iter().copied()).collect();
        latencies_us.sort_unstable();
        let ops = latencies_us.len() as f64;
        let seconds = duration.as_secs_f64();
        let per_op = |of: fn(&Usage) -> Option<Duration>| {
            spent(rounds, of).map(|time| time.as_secs_f64() * 1e6 / ops.max(1.0))
        };
        Figures {
            ops_per_s: ops / (seconds * rounds.len() as f64),
            round_ops_per_s: rounds
                .iter()
                .map(|run| run.latencies_us.len() as f64 / seconds)
                .collect(),
            p50_us: quantile(&latencies_us, 0.50),
            p99_us: quantile(&latencies_us, 0.99),
            server_cpu_us_per_op: per_op(|usage| usage.servers),
            replica_cpu_us_per_op: per_op(|usage| usage.replicas),
            client_cpu_us_per_op: per_op(|usage| usage.client),
            others_cpu_cores: spent(rounds, |usage| usage.others)
                .map(|time| time.as_secs_f64() / (seconds * rounds.len() as f64)),
        }
    }
}

fn spent(rounds: &[Run<Usage>], of: fn(&Usage) -> Option<Duration>) -> Option<Duration> {
    rounds.iter().map(|run| Some(of(&run.after)?.saturating_sub(of(&run.before)?))).sum()
}

/// The smallest of some sorted values that a share of them does not exceed; 0 of none.
pub fn quantile(sorted: &[u32], share: f64) -> u32 {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(servers_ms: u64) -> Usage {
        Usage { servers: Some(Duration::from_millis(servers_ms)), ..Usage::default() }
    }

    #[test]
    fn rounds_are_taken_together() {
        let round = |latencies_us: Vec<u32>, before, after| Run {
            latencies_us,
            before: usage(before),
            after: usage(after),
        };
        let rounds =
            [round((1..=60).rev().collect(), 10, 30), round((61..=100).collect(), 90, 100)];
        let figures = Figures::of(&rounds, Duration::from_secs(2));
        assert_eq!((figures.p50_us, figures.p99_us), (50, 99));
        assert_eq!(figures.round_ops_per_s, [30.0, 20.0]);
        assert!((figures.ops_per_s - 25.0).abs() < 1e-9);
        assert!((figures.server_cpu_us_per_op.unwrap() - 300.0).abs() < 1e-9);
        assert_eq!(figures.client_cpu_us_per_op, None);
    }

    #[test]
    fn nothing_measured_is_no_panic() {
        let figures = Figures::of(&[], Duration::from_secs(1));
        assert_eq!((figures.p50_us, figures.p99_us), (0, 0));
    }
}
