//! Everything a developer types: `cargo xtask <task>`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a task talks to the terminal")]

mod benches;
mod dev;
mod docs;
mod gate;
mod import;
mod run;
mod test;
mod tidy;
mod verify;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask <task>

  dev     builds the program and runs a whole cell; arguments go on to `bailiwick dev`
  test    every test there is: crates, the gate, then boto3 and aws-cli against a real cell
  verify  what every commit must pass: format, clippy, tidy, docs, benches that build
  gate    allocations, bytes and instructions of decisions against recorded figures; --bless records
  tidy    the order of the crates, licences, file rules
  docs    writes docs/status.md from proto/
  import  compares proto/ with a service model: --model <service-2.json or a botocore data folder>
";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let task = arguments.next().unwrap_or_default();
    let rest: Vec<String> = arguments.collect();
    let done = match task.as_str() {
        "dev" => dev::dev(&rest),
        "test" => test::test(&rest),
        "gate" => gate::gate(&rest),
        "verify" => verify::verify(),
        "tidy" => tidy::tidy(),
        "docs" => docs::docs(),
        "import" => return import::main(&rest),
        "" | "help" | "--help" | "-h" => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        other => Err(format!("there is no task `{other}`\n\n{HELP}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}
