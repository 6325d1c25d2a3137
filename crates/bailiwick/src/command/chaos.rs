//! `bailiwick chaos run|list|check`: breaks a cell of real processes as a scenario says, and judges what clients saw.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use chaos::scenario::Scenario;
use chaos::{Options, Summary};
use clap::{Args, Subcommand};

use crate::node;
use crate::output::{self, say};

/// Break a cell of real processes on this machine, and judge what its clients saw.
#[derive(Args)]
pub struct ChaosArgs {
    #[command(subcommand)]
    command: ChaosCommand,
}

#[derive(Subcommand)]
enum ChaosCommand {
    /// Run scenarios, one after the other: start a cell, load it, break it, heal it, check everything
    ///
    /// Exit code 0: every check of every scenario holds, or a scenario's faults cannot be made on this machine (the
    /// reason is printed). 1: something does not hold, or a run could not be made.
    Run(RunArgs),
    /// List the scenarios of a folder
    List {
        /// Folder with scenario files
        #[arg(default_value = "tests/scenarios", value_name = "DIR")]
        folder: PathBuf,
    },
    /// Judge a history that was written before, and write its report anew
    Check {
        /// `history.jsonl` of a run
        #[arg(value_name = "HISTORY")]
        history: PathBuf,
        /// Write the report to this file
        #[arg(long, value_name = "FILE")]
        report: Option<PathBuf>,
        /// Say it in JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Args)]
struct RunArgs {
    /// Scenario files (those of the project are in tests/scenarios)
    #[arg(required = true, value_name = "SCENARIO")]
    scenarios: Vec<PathBuf>,
    /// How long faults are made, seconds; what the scenario says when left out
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    duration: Option<u64>,
    /// Whence targets, pauses and requests are drawn; a new one each time when left out. Real processes take their own
    /// time: a seed repeats the plan, not the run
    #[arg(long)]
    seed: Option<u64>,
    /// Folder for history, report and logs, empty or not there yet; made below ./bailiwick-chaos when left out
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Keep the data of the cell's nodes after a good run too
    #[arg(long)]
    keep_data: bool,
    /// Say the summaries in JSON
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// A run could not be made, or a check does not hold.
pub async fn run(arguments: ChaosArgs) -> Result<(), String> {
    match arguments.command {
        ChaosCommand::Run(arguments) => {
            tokio::select! {
                done = all(&arguments) => done,
                () = node::interrupted() => Err("interrupted; every process of the run is ended".to_owned()),
            }
        }
        ChaosCommand::List { folder } => list(&folder),
        ChaosCommand::Check { history, report, json } => check(&history, report.as_deref(), json),
    }
}

async fn all(arguments: &RunArgs) -> Result<(), String> {
    if arguments.out.is_some() && arguments.scenarios.len() > 1 {
        return Err("--out is for one scenario".to_owned());
    }
    let (mut summaries, mut failures) = (Vec::new(), Vec::new());
    for file in &arguments.scenarios {
        match one(arguments, file).await {
            Ok(summary) => {
                if !arguments.json {
                    say!("{summary}");
                }
                if !summary.good {
                    failures.push(format!("{}: checks do not hold", summary.scenario));
                }
                summaries.push(summary);
            }
            // The others may still be run.
            Err(error) => failures.push(error),
        }
    }
    if arguments.json {
        output::json(&serde_json::json!({"Runs": summaries}));
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n       ")) }
}

async fn one(arguments: &RunArgs, file: &Path) -> Result<Summary, String> {
    let mut scenario = Scenario::read(file)?;
    scenario.duration_s = arguments.duration.unwrap_or(scenario.duration_s);
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let seed = arguments.seed.unwrap_or(u64::from(since.subsec_nanos()));
    let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let out = arguments.out.clone().unwrap_or_else(|| {
        Path::new("bailiwick-chaos").join(format!("{name}-{}", since.as_secs()))
    });
    let duration = scenario.duration_s;
    let again =
        format!("bailiwick chaos run {} --seed {seed} --duration {duration}", file.display());
    let program = std::env::current_exe();
    let program = program.map_err(|error| format!("where is the program? {error}"))?;
    let options = Options { name: name.clone(), scenario, seed, out, program, again };
    let line = std::io::stderr().is_terminal();
    let progress = |what: &str| {
        if line {
            eprint!("\r\x1b[K{name}: {what}");
            let _ = std::io::stderr().flush();
        }
    };
    let ran = chaos::run(&options, progress).await;
    progress("");
    if line {
        eprint!("\r\x1b[K");
    }
    let summary = ran.map_err(|error| {
        format!("{name}: {error}; logs of the nodes are in {}", options.out.display())
    })?;
    if summary.good && !arguments.keep_data {
        let cell = options.out.join("cell");
        std::fs::remove_dir_all(&cell).map_err(|error| format!("{}: {error}", cell.display()))?;
    }
    eprintln!("{name}: history and report are in {}", options.out.display());
    Ok(summary)
}

fn list(folder: &Path) -> Result<(), String> {
    let wrong = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(wrong)? {
        let path = entry.map_err(wrong)?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    let mut rows = Vec::new();
    for file in files {
        let scenario = Scenario::read(&file)?;
        let duration = format!("{} s", scenario.duration_s);
        rows.push(vec![file.display().to_string(), duration, scenario.title]);
    }
    output::table(&["SCENARIO", "FAULTS FOR", "WHAT IT DOES"], &rows);
    Ok(())
}

fn check(history: &Path, report: Option<&Path>, json: bool) -> Result<(), String> {
    let events = chaos::history::read(history)?;
    let summary = Summary::of(&events)?;
    if let Some(file) = report {
        let written = std::fs::write(file, chaos::report::page(&events, &summary));
        written.map_err(|error| format!("{}: {error}", file.display()))?;
    }
    if json {
        output::json(&serde_json::json!({"Runs": [summary]}));
    } else {
        say!("{summary}");
    }
    if summary.good { Ok(()) } else { Err("checks do not hold".to_owned()) }
}
