//! A whole cell in one thread from one seed: three voters, a replica and one that follows it, clients, faults, and
//! checkers of what they saw.
//!
//! The history, the model and the checkers stand without the rest (feature `cell`, on by default), for who drives a
//! cell in another way.
//!
//! **Invariant:** everything that happens follows from the seed. Time is tokio's, paused, so it passes when nobody has
//! anything to do; every message, fault and answer goes into one trace, whose hash is the same in every run.

pub mod chance;
pub mod check;
pub mod history;
pub mod words;
pub mod world;

#[cfg(feature = "cell")]
mod bug;
#[cfg(feature = "cell")]
mod cell;
#[cfg(feature = "cell")]
mod client;
#[cfg(feature = "cell")]
mod finish;
#[cfg(feature = "cell")]
mod integrity;
#[cfg(feature = "cell")]
mod nemesis;
#[cfg(feature = "cell")]
mod play;
#[cfg(feature = "cell")]
mod report;
#[cfg(feature = "cell")]
mod requests;
#[cfg(feature = "cell")]
mod settings;
#[cfg(feature = "cell")]
mod tape;
#[cfg(feature = "cell")]
mod weather;
#[cfg(feature = "cell")]
mod wires;

#[cfg(feature = "cell")]
pub use bug::Bug;
#[cfg(feature = "cell")]
pub use play::run;
#[cfg(feature = "cell")]
pub use report::Report;
#[cfg(feature = "cell")]
pub use settings::{Drawn, Layer, Settings};
