//! Workloads, faults and checkers against real processes; reports.
//!
//! A run starts a cell of real processes, lets signed clients write and read, lets a nemesis do harm, heals everything,
//! waits until the cell is whole, and judges what the clients were told. The history, the tiny model and the checkers
//! are those of the simulation (`sim`).
//!
//! **Invariant:** a run ends with every process, proxy and mount of its own gone, however it ends.
//! **Invariant:** one monotonic clock, that of this process, dates everything in a history.

mod cell;
pub mod check;
mod door;
pub mod event;
mod fates;
mod finish;
pub mod history;
mod link;
mod nemesis;
mod node;
mod recorder;
pub mod report;
mod revocation;
mod run;
pub mod scenario;
mod source;
mod summary;
mod watch;
mod workload;

pub use run::{Options, run};
pub use summary::Summary;
