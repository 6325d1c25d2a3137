//! One run of a scenario, from the first process to the last line of its history.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use sim::chance::Chance;
use sim::history::Asked;
use sim::world::Write;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, sleep_until};

use crate::cell::{Account, Cell, FIRST_REPLICA, Plan};
use crate::event::{Event, Kind};
use crate::fates::Sent;
use crate::finish;
use crate::link::Links;
use crate::nemesis::{Ground, Nemesis};
use crate::recorder::Recorder;
use crate::report;
use crate::revocation::Revoker;
use crate::scenario::{Scenario, lag_ms};
use crate::summary::Summary;
use crate::watch::Watch;
use crate::workload::{Client, KEEPERS, PATH, Setup};

/// Calm before the faults begin and after they have ended, in which everything must go well.
const CALM: Duration = Duration::from_secs(1);
const LINKS: u64 = 1;

/// How to run a scenario.
#[derive(Clone, Debug)]
pub struct Options {
    /// The scenario's name: that of its file.
    pub name: String,
    /// What it says.
    pub scenario: Scenario,
    /// Whence all chance comes. Real processes take their own time all the same: a seed repeats the plan, not the run.
    pub seed: u64,
    /// Where the history and the cell's data go; it must not be there yet, or be empty.
    pub out: PathBuf,
    /// The program whose nodes are run.
    pub program: PathBuf,
    /// The command that does this again.
    pub again: String,
}

/// Runs a scenario; `progress` hears what goes on. Dropping the future ends every process and proxy.
///
/// # Errors
/// The run could not be made: the cell did not start, or the history could not be written. What the cell did wrong is
/// no error but in the summary.
pub async fn run(options: &Options, progress: impl Fn(&str)) -> Result<Summary, String> {
    let cell_folder = begin(&options.out)?;
    let recorder = Recorder::create(&options.out.join("history.jsonl"))?;
    recorder.write(meta(options));
    let scenario = &options.scenario;
    let ground = Arc::new(Ground::prepare(scenario, &cell_folder)?);
    let plan = Plan {
        program: &options.program,
        folder: cell_folder.clone(),
        replicas: &scenario.replicas,
        chain: scenario.chain,
        links: Links::new(Chance::of(options.seed, LINKS)),
        recorder: recorder.clone(),
    };
    // Dropped last to first: clients and nemesis go before the proxies, and those before the mounts.
    let mut proxies = JoinSet::new();
    let cell = Cell::new(&plan);
    for id in cell.ids() {
        cell.node(id).await.environment = ground.environment(id);
    }
    progress("starting the cell");
    cell.start(&plan, &mut proxies).await?;
    let played = play(options, &cell, &ground, &progress).await;
    progress("reading the logs");
    cell.end().await;
    let sent = played?;
    finish::read_logs(&cell, &sent, &cell_folder).await?;
    progress("checking");
    let events = recorder.finish()?;
    let summary = Summary::of(&events)?;
    let file = options.out.join("report.html");
    let written = std::fs::write(&file, report::page(&events, &summary));
    written.map_err(|error| format!("{}: {error}", file.display()))?;
    Ok(summary)
}

async fn play(
    options: &Options,
    cell: &Arc<Cell>,
    ground: &Arc<Ground>,
    progress: &impl Fn(&str),
) -> Result<Sent, String> {
    let scenario = &options.scenario;
    let mut watching = JoinSet::new();
    let watch = Watch::start(cell, &mut watching);
    progress("making an account and its clients");
    let account = Account::make(cell).await?;
    let sent = Sent::default();
    let setup = Setup {
        cell,
        account: &account.id,
        sent: &sent,
        seed: options.seed,
        patience: Duration::from_millis(scenario.patience_ms),
        think_ms: scenario.think_ms,
    };
    let (revoker, mut newest) = account.principal("revoker").await?;
    let mut clients = Vec::new();
    for number in 0..=scenario.clients {
        let (key, revision) = account.principal(&format!("client-{number}")).await?;
        newest = revision;
        clients.push(Client::new(number, key, &setup));
    }
    for id in cell.ids() {
        account.wait_at(cell, id, newest).await?;
    }
    let mut own = clients.remove(0);
    for name in KEEPERS {
        let (name, path) = (name.to_owned(), format!("{PATH}{name}/"));
        if !own.ask(1, Asked::Write(Write::Create { name, path })).await {
            return Err("the first user cannot be made".to_owned());
        }
    }
    let over = Arc::new(AtomicBool::new(false));
    phase(cell, "traffic");
    let mut traffic = JoinSet::new();
    for client in clients {
        traffic.spawn(client.run(Arc::clone(&over)));
    }
    if let Some(revocation) = &scenario.revocation {
        let revoker = Revoker::new(cell, &account, revoker, revocation);
        traffic.spawn(revoker.run(Arc::clone(&over)));
    }
    sleep(CALM).await;
    faults(options, cell, &watch, ground, progress).await;
    finish::heal(cell).await;
    sleep(CALM).await;
    over.store(true, Ordering::Relaxed);
    phase(cell, "calm");
    while let Some(ended) = traffic.join_next().await {
        ended.map_err(|error| format!("a client failed: {error}"))?;
    }
    progress("waiting until the cell is whole");
    finish::recover(cell, &mut own, Duration::from_secs(scenario.recovery_s)).await;
    Ok(sent)
}

/// Does the scenario's faults, each on its own, until its time is over.
async fn faults(
    options: &Options,
    cell: &Arc<Cell>,
    watch: &Watch,
    ground: &Arc<Ground>,
    progress: &impl Fn(&str),
) {
    let duration = Duration::from_secs(options.scenario.duration_s);
    let end = Instant::now() + duration;
    let mut nemeses = JoinSet::new();
    for placed in (0..).zip(&options.scenario.faults) {
        let nemesis = Nemesis::new((cell, watch, ground), options.seed, placed);
        nemeses.spawn(nemesis.run(end));
    }
    let mut tick = Instant::now();
    while tick < end {
        let left = end.saturating_duration_since(tick).as_secs_f64();
        progress(&format!("{left:.0} s of faults left"));
        tick = (tick + Duration::from_secs(1)).min(end);
        sleep_until(tick).await;
    }
    while let Some(ended) = nemeses.join_next().await {
        let why = match ended {
            Ok(Ok(())) => continue,
            Ok(Err(why)) => why,
            Err(error) => error.to_string(),
        };
        let mut event = Event::new("nemesis", Kind::Fail);
        event.out = json!(why);
        cell.recorder.write(event);
    }
}

/// The folder of the run, new, and that of the cell in it.
fn begin(out: &Path) -> Result<PathBuf, String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", out.display());
    let taken = std::fs::read_dir(out).is_ok_and(|mut entries| entries.next().is_some());
    if taken {
        return Err(format!("{} is not empty", out.display()));
    }
    std::fs::create_dir_all(out.join("cell")).map_err(wrong)?;
    out.join("cell").canonicalize().map_err(wrong)
}

fn meta(options: &Options) -> Event {
    let lags = (FIRST_REPLICA..).zip(&options.scenario.replicas);
    let lags = lags.map(|(id, plan): (u64, _)| (id.to_string(), lag_ms(plan).unwrap_or(0).into()));
    let mut event = Event::new("run", Kind::Meta).op("run", Value::Null);
    event.args = json!({
        "name": options.name,
        "seed": options.seed,
        "scenario": options.scenario,
        "lags_ms": lags.collect::<serde_json::Map<String, Value>>(),
        "again": options.again,
        "version": env!("CARGO_PKG_VERSION"),
    });
    event
}

fn phase(cell: &Cell, name: &str) {
    cell.recorder.write(Event::new("cell", Kind::Phase).op(name, Value::Null));
}
