//! Replicas of a cell in memory, in a time that is paused.

mod damage;
mod follow;
mod lagging;
mod leader;
mod support;
