//! `bailiwick bench barrier`: how long a write takes that waits for all nodes.

use clap::Args;
use client::Client;
use lag::Plan;

use crate::bench::accounts::Accounts;
use crate::bench::barrier::{Barrier, Cell, Condition};
use crate::bench::round::{leader, pids};
use crate::connect::{Connect, Whose};
use crate::node;
use crate::output::{self, say};

/// Under which conditions to measure. What is done to the cell's first replica is undone afterwards, on Ctrl-C too.
#[derive(Args, Clone, Debug)]
pub struct Conditions {
    /// Writes while all is well
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    writes: u32,
    /// Writes under each of the other conditions, which take up to the cell's greatest staleness each
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    slow_writes: u32,
    /// Plans of a replica that lags, one measurement for each
    #[arg(long, default_values = ["fixed:1s", "fixed:1m"], value_name = "PLAN")]
    lag: Vec<Plan>,
    /// Stop no process: needed when the first replica runs on another machine, where it cannot be stopped from here
    #[arg(long)]
    no_stop: bool,
}

/// Measures and prints.
///
/// # Errors
/// The cell cannot be reached, a condition cannot be made or undone, or a write is not seen everywhere.
pub async fn run(connect: &Connect, conditions: Conditions) -> Result<(), String> {
    let cell = super::cell(connect)?;
    let replica = cell.replicas.first().ok_or("the cell has no replica")?.clone();
    let leader = cell.voters[leader(&cell.operator).await?].clone();
    let mut accounts = Accounts::new(cell.operator.clone());
    let caller = accounts.make().await?;
    let wrong = |error: client::Error| error.to_string();
    let alone = Connect { endpoint: vec![replica.clone()], ..connect.clone() };
    let cell = Cell {
        leader: Client::new(&[leader], Some(caller)).map_err(wrong)?,
        replica: alone.client(Whose::Operator)?,
        replicas: cell.replicas.len(),
        process: pids(&[replica]).first().copied().filter(|_| !conditions.no_stop),
    };
    let measured = tokio::select! {
        measured = measure(&cell, &conditions) => measured,
        () = node::interrupted() => Err("interrupted".to_owned()),
    };
    let healed = cell.heal().await;
    let deleted = accounts.delete().await;
    let barriers = measured?;
    healed?;
    deleted?;
    if connect.json {
        output::json(&serde_json::to_value(&barriers).map_err(|error| error.to_string())?);
        return Ok(());
    }
    let rows: Vec<_> =
        barriers.iter().map(|barrier| barrier.write.row(&barrier.condition)).collect();
    output::table(&["MILLISECONDS", "COUNT", "P50", "P99", "MAX"], &rows);
    if let Some(remark) = super::remark() {
        say!("note: {remark}");
    }
    Ok(())
}

async fn measure(cell: &Cell, conditions: &Conditions) -> Result<Vec<Barrier>, String> {
    cell.prepare().await?;
    let mut planned = vec![(Condition::Healthy, conditions.writes)];
    let mut slow: Vec<_> = conditions.lag.iter().cloned().map(Condition::Lagging).collect();
    if !conditions.no_stop {
        slow.extend([Condition::Stopped, Condition::Silent]);
    }
    let slow = slow.into_iter();
    planned.extend(slow.map(|condition| (condition, conditions.slow_writes)));
    let mut barriers = Vec::new();
    for (condition, writes) in planned {
        eprintln!("{}: {writes} writes", condition.name());
        barriers.push(cell.measure(&condition, writes).await?);
        cell.heal().await?;
    }
    Ok(barriers)
}
