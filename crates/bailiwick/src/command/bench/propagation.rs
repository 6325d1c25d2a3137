//! `bailiwick bench propagation`: how long a write takes to be seen, and what that costs the nodes.

use std::time::Duration;

use clap::Args;
use client::Client;

use crate::bench::accounts::Accounts;
use crate::bench::effort::{Effort, Processes};
use crate::bench::propagation::{self, Delays, Places};
use crate::bench::round::leader;
use crate::connect::Connect;
use crate::output::{self, say};
use crate::{duration, node};

/// How to measure propagation.
#[derive(Args, Clone, Debug)]
pub struct Pace {
    /// Writes a second
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: u32,
    /// How long to measure
    #[arg(long, default_value = "10s", value_parser = duration::parse)]
    duration: Duration,
    /// How long to write before that
    #[arg(long, default_value = "2s", value_parser = duration::parse)]
    warmup: Duration,
    /// URL of the replica to read at; the first of the cell file when left out
    #[arg(long, value_name = "URL")]
    replica: Option<String>,
    /// Read at all replicas of the cell file in turn
    #[arg(long, conflicts_with = "replica")]
    fan_out: bool,
}

/// Measures and prints.
///
/// # Errors
/// The cell cannot be reached, or a call fails.
pub async fn run(connect: &Connect, pace: Pace) -> Result<(), String> {
    let cell = super::cell(connect)?;
    let replicas = match pace.replica {
        Some(url) => vec![url],
        None => {
            cell.replicas.iter().take(if pace.fan_out { usize::MAX } else { 1 }).cloned().collect()
        }
    };
    if replicas.is_empty() {
        return Err("which replica? give --replica URL".to_owned());
    }
    let mut voters = cell.voters.clone();
    voters.swap(0, leader(&cell.operator).await?);
    let leader = voters[0].clone();
    let processes = Processes::of(&[voters, cell.replicas].concat());
    let mut accounts = Accounts::new(cell.operator.clone());
    let measured = async {
        let caller = accounts.make().await?;
        let at = |url: String| {
            let client = Client::new(&[url], Some(caller.clone()));
            client.map_err(|error| error.to_string())
        };
        let replicas = replicas.into_iter().map(at).collect::<Result<Vec<_>, _>>()?;
        let places = Places { leader: at(leader)?, replicas };
        propagation::measure(places, &processes, pace.rate, pace.warmup, pace.duration).await
    };
    let measured = tokio::select! {
        measured = measured => measured,
        () = node::interrupted() => Err("interrupted".to_owned()),
    };
    let deleted = accounts.delete().await;
    let delays = measured?;
    deleted?;
    if connect.json {
        output::json(&serde_json::to_value(&delays).map_err(|error| error.to_string())?);
    } else {
        print(&delays);
    }
    Ok(())
}

fn print(delays: &Delays) {
    say!("{:.0} writes a second", delays.writes_per_s);
    output::table(
        &["MILLISECONDS", "COUNT", "P50", "P99", "MAX"],
        &[
            delays.acknowledged_to_read.row("acknowledged, then read at the replica"),
            delays.read_alone.row("a read at the replica alone"),
            delays.barrier.row("acknowledged, then nobody decides without it"),
        ],
    );
    let row = |(nth, effort): (usize, &Effort)| {
        let who = match nth {
            0 => format!("the leader, {}", effort.who),
            _ => effort.who.clone(),
        };
        vec![who, format!("{:.0}", effort.cpu_us), format!("{:.0}", effort.sent_bytes)]
    };
    let rows: Vec<_> = delays.efforts.iter().enumerate().map(row).collect();
    if !rows.is_empty() {
        output::table(&["FOR ONE WRITE", "CPU µs", "BYTES SENT"], &rows);
    }
    if let Some(remark) = super::remark() {
        say!("note: {remark}");
    }
}
