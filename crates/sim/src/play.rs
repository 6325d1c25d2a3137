//! One run: a beginning, traffic with faults, healing, the checks.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};
use std::time::Duration;
use std::{panic, thread};

use cluster::{Backend, Node};
use schema::model::v1::Caller;
use tokio::task::{self, LocalSet};
use tokio::time::{Instant, sleep};

use crate::cell::{Cell, REPLICA, REPLICAS, VOTERS, member};
use crate::chance::Chance;
use crate::check;
use crate::client::{Book, Client};
use crate::finish;
use crate::history::History;
use crate::nemesis::Hand;
use crate::report::Report;
use crate::requests;
use crate::settings::{DRIFT_PPM, Drawn, Settings};
use crate::tape;
use crate::weather::Sky;

/// Actors with a chance of their own. Clients come after these.
mod actor {
    pub(super) const DRAWN: u64 = 1;
    pub(super) const CELL: u64 = 2;
    pub(super) const SKY: u64 = 3;
    pub(super) const NETWORK_HAND: u64 = 4;
    pub(super) const POWER_HAND: u64 = 5;
    pub(super) const LAG_HAND: u64 = 6;
    pub(super) const TERMS_HAND: u64 = 7;
    pub(super) const CLIENTS: u64 = 100;
}

/// Runs a cell from a seed, on a thread of its own.
///
/// # Panics
/// The thread cannot be started, or the simulation itself is at fault.
pub fn run(seed: u64, settings: &Settings) -> Report {
    static HOOK: Once = Once::new();
    HOOK.call_once(write_panics_down);
    let settings = settings.clone();
    let run = thread::Builder::new().name(format!("sim-{seed}")).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime without sockets can be built");
        // A node is started by a future that stays on its thread.
        LocalSet::new().block_on(&runtime, play(seed, &settings))
    });
    let report = run.expect("a thread can be started").join();
    report.unwrap_or_else(|cause| panic::resume_unwind(cause))
}

/// A panic in a task of the product ends only the task: the run must know of it.
fn write_panics_down() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |what| {
        tape::panicked(format!("panic: {what}"));
        before(what);
    }));
}

async fn play(seed: u64, settings: &Settings) -> Report {
    tape::begin(settings.keep_lines);
    let began = Instant::now();
    let drawn = Drawn::from(&Chance::of(seed, actor::DRAWN), settings);
    let sky = Sky::new(Chance::of(seed, actor::SKY), &drawn);
    let chance = Chance::of(seed, actor::CELL);
    let cell = Arc::new(Cell::new(settings, &drawn, chance, sky));
    let book = Book::default();
    match begin(&cell).await {
        Ok(root) => {
            traffic(seed, settings, &cell, &root, &book).await;
            finish::heal(&cell, client(seed, 0, &cell, &root, &book)).await;
        }
        Err(why) => tape::violation(format!("no cell could be made: {why}")),
    }
    let simulated = began.elapsed();
    for door in cell.doors() {
        cell.crash(door.life.node);
    }
    let (mut tape, trace) = tape::end();
    let (calls, barriers) = book.take();
    let (log, lags) = (std::mem::take(&mut tape.log), [(REPLICA, drawn.lag_min())].into());
    // What a cell promises by clocks, it promises by what it was told of them.
    let drift_ppm = drawn.drift_ppm.min(DRIFT_PPM);
    let history = History { calls, barriers, log, lags, drift_ppm };
    let (mut violations, mut by_clocks) = (tape.violations, Vec::new());
    for (name, found) in check::each(&history) {
        let excused = drawn.is_astray() && check::BY_CLOCKS.contains(&name);
        let told = found.into_iter().map(|what| format!("{name}: {what}"));
        if excused { by_clocks.extend(told) } else { violations.extend(told) }
    }
    let (counts, lines) = (tape.counts, tape.lines);
    let played = settings.duration;
    Report { seed, drawn, trace, played, simulated, counts, violations, by_clocks, lines }
}

/// Three voters, one account, a replica and one that follows it.
async fn begin(cell: &Cell) -> Result<Caller, String> {
    for id in VOTERS {
        cell.boot(id).await;
    }
    let first = cell.node(VOTERS[0]).ok_or("no first node")?;
    first.init(&VOTERS.map(member)).await.map_err(|error| error.to_string())?;
    insist(&first, requests::initialize()).await?;
    let created = insist(&first, requests::create_account()).await?;
    for id in REPLICAS {
        cell.boot(id).await;
    }
    requests::root(&created)
}

async fn insist(node: &Node, proposal: cluster::Proposal) -> Result<bytes::Bytes, String> {
    let deadline = Instant::now() + Duration::from_secs(20);
    loop {
        let patience = (Instant::now() + Duration::from_secs(5)).min(deadline);
        match node.propose(proposal.clone(), patience).await {
            Ok(committed) => match committed.outcome {
                // An earlier attempt whose fate was not known.
                Err(fault) if fault.code == "EntityAlreadyExists" => {
                    return Err("made twice".to_owned());
                }
                outcome => return outcome.map_err(|fault| fault.message),
            },
            Err(unavailable) if unavailable.maybe_applied || Instant::now() >= deadline => {
                return Err(unavailable.to_string());
            }
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn traffic(seed: u64, settings: &Settings, cell: &Arc<Cell>, root: &Caller, book: &Book) {
    let over = Arc::new(AtomicBool::new(false));
    let hand = |actor| Hand {
        cell: Arc::clone(cell),
        chance: Chance::of(seed, actor),
        over: Arc::clone(&over),
    };
    let mut tasks = vec![
        tokio::spawn(hand(actor::NETWORK_HAND).at_the_network()),
        task::spawn_local(hand(actor::POWER_HAND).at_the_power()),
        tokio::spawn(hand(actor::LAG_HAND).at_the_lag()),
        tokio::spawn(hand(actor::TERMS_HAND).at_the_terms(settings.bug)),
    ];
    let warden = settings.clients + 1;
    for id in 1..=warden {
        let client = client(seed, id, cell, root, book);
        let is_warden = id == warden;
        tasks.push(tokio::spawn(Client { over: Arc::clone(&over), is_warden, ..client }.run()));
    }
    sleep(settings.duration).await;
    over.store(true, Ordering::Relaxed);
    for task in tasks {
        if task.await.is_err() {
            tape::violation("an actor of the simulation ended early".to_owned());
        }
    }
}

fn client(seed: u64, id: u64, cell: &Arc<Cell>, caller: &Caller, book: &Book) -> Client {
    Client {
        id,
        cell: Arc::clone(cell),
        caller: caller.clone(),
        chance: Chance::of(seed, actor::CLIENTS + id),
        book: book.clone(),
        over: Arc::default(),
        is_warden: false,
        token: 0,
        asked: 0,
        terms: requests::terms(),
        keys: Vec::new(),
    }
}
