//! A cell of one node in memory, for tests of what stands before or behind a door (feature
//! `testing`).

mod cell;
mod clock;
mod node;

pub use cell::{Cell, KeyPair, Served};
pub use clock::ManualClock;
pub use node::MemoryNode;
