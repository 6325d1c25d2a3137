//! The command line: what there is to type.

use clap::{Parser, Subcommand};

use crate::{command, dev};

/// A self-hosted, replicated identity and access store that AWS SDKs can talk to unchanged
#[derive(Parser)]
#[command(version, max_term_width = 100)]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Subcommand)]
pub enum Command {
    /// Run a whole cell on this machine: three voters and some replicas
    Dev(dev::DevArgs),
    /// Run a voter
    Server(command::server::ServerArgs),
    /// Run a read replica
    Replica(command::replica::ReplicaArgs),
    /// Make a cell of voters, and look at it
    Cluster(command::cluster::ClusterArgs),
    /// See and steer by how much replicas show later on purpose
    Lag(command::lag::LagArgs),
    /// Make, list and delete accounts
    Account(command::account::AccountArgs),
    /// Add AWS-named managed policies to every account's view; decide requests without a cell
    Policy(command::policy::PolicyArgs),
    /// Wait until a write is visible everywhere, or where it is needed
    Wait(command::propagation::WaitArgs),
    /// See how far writes have come
    Propagation(command::propagation::PropagationArgs),
    /// Ask whether a principal may do something
    Authz(command::authz::AuthzArgs),
    /// Call an operation of IAM: `bailiwick iam create-user --user-name alice`
    #[command(disable_help_flag = true)]
    Iam(command::call::CallArgs),
    /// Call an operation of STS: `bailiwick sts get-caller-identity`
    #[command(disable_help_flag = true)]
    Sts(command::call::CallArgs),
    /// Measure a running cell, beside a peer on the same machine
    Bench(command::bench::BenchArgs),
    /// Play whole cells with faults in one thread, each from one seed, and check every promise
    Sim(command::sim::SimArgs),
    /// Break a cell of real processes on this machine, and judge what its clients saw
    Chaos(command::chaos::ChaosArgs),
}
