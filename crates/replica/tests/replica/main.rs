//! Replicas of a cell in memory, in a time that is paused.

#![expect(clippy::unwrap_used, reason = "tests")]

mod barrier;
mod damage;
mod exact;
mod follow;
mod lagging;
mod leader;
mod stability;
mod support;
mod tree;
