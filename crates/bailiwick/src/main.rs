//! `bailiwick`: a self-hosted, replicated identity and access store that AWS SDKs can talk to unchanged.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program talks to the terminal")]

mod bench;
mod cell_file;
mod cli;
mod command;
mod config;
mod connect;
mod dev;
mod members;
mod node;
mod output;
mod service;
mod telemetry;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("the runtime cannot start: {error}")),
    };
    match runtime.block_on(run(cli.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => fail(&message),
    }
}

async fn run(command: Command) -> Result<(), String> {
    match command {
        Command::Dev(arguments) => dev::run(arguments).await,
        Command::Server(arguments) => command::server::run(arguments).await,
        Command::Replica(arguments) => command::replica::run(arguments).await,
        Command::Cluster(arguments) => command::cluster::run(arguments).await,
        Command::Account(arguments) => command::account::run(arguments).await,
        Command::Policy(arguments) => command::policy::run(arguments).await,
        Command::Iam(arguments) => command::call::run(schema::Service::Iam, arguments).await,
        Command::Sts(arguments) => command::call::run(schema::Service::Sts, arguments).await,
        Command::Bench(arguments) => command::bench::run(arguments).await,
    }
}

fn fail(message: &str) -> ExitCode {
    eprintln!("error: {message}");
    ExitCode::FAILURE
}
