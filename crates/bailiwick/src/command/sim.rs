//! `bailiwick sim`: whole cells in one thread from seeds, with faults, and every promise checked.

use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::json;
use sim::{Bug, Layer, Report, Settings};

use crate::duration;
use crate::output::{self, say};

/// Play whole cells with faults, each from one seed, and check every promise.
///
/// Exit code 0: every run keeps every promise. 1: some run does not; it is named with the command that plays it again.
#[derive(Args)]
pub struct SimArgs {
    /// How many seeds to play
    #[arg(long, default_value_t = 200, value_name = "NUMBER")]
    seeds: u64,
    /// The first seed
    #[arg(long, default_value_t = 0, value_name = "SEED")]
    from: u64,
    /// Play this seed alone, and print what happened
    #[arg(long, conflicts_with_all = ["seeds", "from"])]
    seed: Option<u64>,
    /// End after this time, however many seeds are left
    #[arg(long, value_name = "DURATION", value_parser = duration::parse)]
    budget: Option<Duration>,
    /// Simulated time with traffic and faults, in each run
    #[arg(long, default_value = "60s", value_name = "DURATION", value_parser = duration::parse)]
    duration: Duration,
    /// Clients of each cell
    #[arg(long, default_value_t = 5, value_name = "NUMBER")]
    clients: u64,
    /// Connect the nodes by their own gRPC, byte by byte, and not by messages as they are: slower, and their codecs
    /// are played too
    #[arg(long)]
    wires: bool,
    /// Build a fault in, to see that it is found
    #[arg(long, value_name = "FAULT", value_parser = bug())]
    bug: Option<Bug>,
    /// Let the clocks of every run, not only of one in ten, run off beyond what the cell was told of them
    #[arg(long)]
    clocks_astray: bool,
    /// Play every seed twice, and compare the traces
    #[arg(long)]
    twice: bool,
    /// Say it in JSON
    #[arg(long)]
    json: bool,
}

fn bug() -> impl TypedValueParser<Value = Bug> {
    let named = |name: String| Bug::ALL.into_iter().find(|bug| bug.name() == name);
    PossibleValuesParser::new(Bug::ALL.map(Bug::name))
        .try_map(move |name| named(name).ok_or("no fault of that name"))
}

/// What became of all runs so far.
#[derive(Default)]
struct Tally {
    played: u64,
    simulated: Duration,
    counts: BTreeMap<&'static str, u64>,
    /// Runs in which something broke that holds only by clocks within the cell's bound.
    by_clocks: u64,
    bad: Vec<Report>,
    differing: Vec<u64>,
}

impl Tally {
    fn add(&mut self, report: Report, differs: bool) {
        self.played += 1;
        self.simulated += report.simulated;
        for (what, count) in &report.counts {
            *self.counts.entry(what).or_default() += count;
        }
        if differs {
            self.differing.push(report.seed);
        }
        self.by_clocks += u64::from(!report.by_clocks.is_empty());
        if !report.violations.is_empty() {
            self.bad.push(report);
        }
    }
}

/// Runs the command.
///
/// # Errors
/// Some run broke a promise, or went another way the second time.
pub fn run(arguments: &SimArgs) -> Result<(), String> {
    let settings = Settings {
        duration: arguments.duration,
        clients: arguments.clients,
        keep_lines: false,
        layer: if arguments.wires { Layer::Wires } else { Layer::Messages },
        bug: arguments.bug,
        clocks_astray: arguments.clocks_astray,
    };
    let seeds = match arguments.seed {
        Some(seed) => seed..seed.saturating_add(1),
        None => arguments.from..arguments.from.saturating_add(arguments.seeds),
    };
    let began = Instant::now();
    let tally = play(seeds.clone(), &settings, arguments, began);
    let took = began.elapsed();
    if arguments.json {
        output::json(&json!({
            "Played": tally.played,
            "SimulatedSeconds": tally.simulated.as_secs_f64(),
            "TookSeconds": took.as_secs_f64(),
            "Happened": tally.counts,
            "ByClocksAstray": tally.by_clocks,
            "Differing": tally.differing,
            "Bad": tally.bad.iter().map(|report| json!({"Seed": report.seed, "Violations": report.violations}))
                .collect::<Vec<_>>(),
        }));
    } else {
        print(&tally, took, arguments);
    }
    match (tally.bad.len(), tally.differing.len()) {
        (0, 0) => Ok(()),
        (0, differing) => Err(format!("{differing} runs went another way the second time")),
        (bad, _) => Err(format!("{bad} of {} runs broke a promise", tally.played)),
    }
}

/// One run on each processor at a time; each is a thread of its own with a time of its own.
fn play(
    seeds: std::ops::Range<u64>,
    settings: &Settings,
    arguments: &SimArgs,
    began: Instant,
) -> Tally {
    let workers = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let (next, stop) = (AtomicU64::new(seeds.start), AtomicBool::new(false));
    let (sender, reports) = mpsc::channel();
    let all = seeds.end - seeds.start;
    thread::scope(|scope| {
        for _ in 0..workers {
            let (sender, next, stop) = (sender.clone(), &next, &stop);
            scope.spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= seeds.end {
                        return;
                    }
                    let report = sim::run(seed, settings);
                    let differs = arguments.twice && sim::run(seed, settings).trace != report.trace;
                    if sender.send((report, differs)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut tally = Tally::default();
        let mut progress = Progress::new();
        for (report, differs) in reports {
            tally.add(report, differs);
            progress.show(&tally, all, began);
            if arguments.budget.is_some_and(|budget| began.elapsed() >= budget) {
                stop.store(true, Ordering::Relaxed);
            }
        }
        progress.end();
        tally.bad.sort_by_key(|report| report.seed);
        tally
    })
}

/// One line on a terminal, at most ten times a second.
struct Progress {
    shown: Option<Instant>,
    is_terminal: bool,
}

impl Progress {
    fn new() -> Self {
        Progress { shown: None, is_terminal: std::io::stderr().is_terminal() }
    }

    fn show(&mut self, tally: &Tally, all: u64, began: Instant) {
        let due = self.shown.is_none_or(|shown| shown.elapsed() >= Duration::from_millis(100));
        if !self.is_terminal || !due {
            return;
        }
        self.shown = Some(Instant::now());
        let bar = usize::try_from(tally.played * 30 / all.max(1)).unwrap_or(30).min(30);
        let (done, left) = ("#".repeat(bar), "-".repeat(30 - bar));
        let (played, bad) = (tally.played, tally.bad.len());
        let seconds = began.elapsed().as_secs();
        eprint!("\r[{done}{left}] {played} of {all} seeds, {bad} bad, {seconds} s ");
        // A terminal that is gone is nobody's loss.
        let _ = std::io::stderr().flush();
    }

    fn end(&self) {
        if self.shown.is_some() {
            eprintln!();
        }
    }
}

fn print(tally: &Tally, took: Duration, arguments: &SimArgs) {
    let (simulated, took_s) = (tally.simulated.as_secs_f64(), took.as_secs_f64());
    say!(
        "{} seeds, {simulated:.0} simulated seconds in {took_s:.1} s ({:.0} times real time)",
        tally.played,
        simulated / took_s.max(0.001)
    );
    for (what, count) in &tally.counts {
        say!("  {count:8} {what}");
    }
    if tally.by_clocks > 0 {
        say!("{} runs broke what holds by clocks, by clocks astray: no violation", tally.by_clocks);
    }
    for report in &tally.bad {
        say!("seed {}: {}", report.seed, report.drawn);
        for violation in report.violations.iter().take(10) {
            say!("  {violation}");
        }
        let bug = arguments.bug.map(|bug| format!(" --bug {}", bug.name())).unwrap_or_default();
        let wires = if arguments.wires { " --wires" } else { "" };
        let astray = if arguments.clocks_astray { " --clocks-astray" } else { "" };
        let (seconds, clients) = (arguments.duration.as_secs(), arguments.clients);
        say!(
            "  again: bailiwick sim --seed {} --duration {seconds}s --clients {clients}{wires}{astray}{bug}",
            report.seed
        );
    }
    for seed in &tally.differing {
        say!("seed {seed}: two runs, two traces");
        say!(
            "  again: bailiwick sim --seed {seed} --twice --duration {}s",
            arguments.duration.as_secs()
        );
    }
}
