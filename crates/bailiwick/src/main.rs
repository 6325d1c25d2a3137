//! `bailiwick`: a self-hosted, replicated identity and access store that AWS SDKs can talk to unchanged.
#![allow(clippy::print_stderr, reason = "a program talks to the terminal")]

mod bench;
mod cell_file;
mod cli;
mod command;
mod config;
mod connect;
mod dev;
mod duration;
mod lag_service;
mod members;
mod node;
mod output;
mod service;
mod telemetry;

use std::num::NonZeroUsize;
use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;
use tokio::runtime::{Builder, Runtime};

use cli::{Cli, Command};

/// The system's allocator costs a node a third of its time (docs/adr/0007-threads-and-memory.md).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    match start(Cli::parse().command) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::FAILURE
        }
    }
}

/// A node has the threads that its settings give it; everything else is done by one.
fn start(command: Command) -> Result<ExitCode, String> {
    let done = match command {
        Command::Server(arguments) => {
            let config = arguments.config()?;
            run(runtime(config.threads)?, command::server::run(arguments, config))
        }
        Command::Replica(arguments) => {
            let config = arguments.config()?;
            run(runtime(config.threads)?, command::replica::run(arguments, config))
        }
        Command::Dev(arguments) => alone(dev::run(arguments)),
        Command::Cluster(arguments) => alone(command::cluster::run(arguments)),
        Command::Account(arguments) => alone(command::account::run(arguments)),
        Command::Wait(arguments) => return alone(command::propagation::wait(arguments)),
        Command::Propagation(arguments) => alone(command::propagation::run(arguments)),
        Command::Authz(arguments) => alone(command::authz::run(arguments)),
        Command::Policy(arguments) => alone(command::policy::run(arguments)),
        Command::Iam(arguments) => alone(command::call::run(schema::Service::Iam, arguments)),
        Command::Sts(arguments) => alone(command::call::run(schema::Service::Sts, arguments)),
        Command::Lag(arguments) => alone(command::lag::run(arguments)),
        Command::Bench(arguments) => alone(command::bench::run(arguments)),
        // Each run is a thread with a time of its own.
        Command::Sim(arguments) => command::sim::run(&arguments),
        // Proxies and clients share the machine with the nodes: two threads, so that none of them waits for another.
        // Dropping the runtime waits for its tasks, which hold processes and mounts that must not outlive us.
        Command::Chaos(arguments) => {
            runtime(NonZeroUsize::new(2))?.block_on(command::chaos::run(arguments))
        }
    };
    done.map(|()| ExitCode::SUCCESS)
}

fn alone<T>(work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    run(runtime(Some(NonZeroUsize::MIN))?, work)
}

/// Does the work and ends. A thread that still waits for standard input (`--until-stdin-closes`) holds nothing up.
fn run<T>(runtime: Runtime, work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    done
}

/// `None`: as many threads as there are processors. One thread wakes no other, which is fastest where there is no
/// processor to spare.
fn runtime(threads: Option<NonZeroUsize>) -> Result<Runtime, String> {
    let mut builder = match threads.map(NonZeroUsize::get) {
        Some(1) => Builder::new_current_thread(),
        Some(threads) => {
            let mut builder = Builder::new_multi_thread();
            builder.worker_threads(threads);
            builder
        }
        None => Builder::new_multi_thread(),
    };
    builder.enable_all().build().map_err(|error| format!("the runtime cannot start: {error}"))
}
