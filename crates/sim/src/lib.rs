//! A whole cell in one thread from one seed: three voters, a replica and one that follows it, clients, faults, and
//! checkers of what they saw.
//!
//! **Invariant:** everything that happens follows from the seed. Time is tokio's, paused, so it passes when nobody has
//! anything to do; every message, fault and answer goes into one trace, whose hash is the same in every run.

mod cell;
mod chance;
pub mod check;
mod client;
mod finish;
pub mod history;
mod nemesis;
mod play;
mod report;
mod requests;
mod settings;
mod tape;
mod weather;
pub mod world;

pub use play::run;
pub use report::Report;
pub use settings::{Bug, Drawn, Settings};
