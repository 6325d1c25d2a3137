//! A voter: one log for the cell, agreed on by openraft; strong reads, forwarding, and the change
//! feed for replicas.
//!
//! **Invariant:** no type of openraft leaves this crate. **Invariant:** clock, randomness, network
//! and disk are handed in, so the same node runs in production and, on one thread with the timer
//! paused, in a simulation.

mod answer;
pub mod ask;
pub mod backend;
mod checkpoint;
pub mod clock;
pub mod dice;
pub mod feed;
mod freshness;
mod horizon;
mod log_store;
mod machine;
pub mod network;
pub mod node;
mod past;
mod propagation;
mod proposer;
mod raft;
mod raft_network;
mod read_index;
mod recent;
mod route;
mod runtime;
pub mod settings;
pub mod snapshot;
mod state_machine;
pub mod status;
pub mod terms;
mod wire;

pub use backend::{
    Backend, Committed, Consistency, Lease, NotRetained, Ordering, Proposal, Seen, Unavailable,
};
pub use clock::{Clock, SystemClock, TimerClock};
pub use dice::Dice;
pub use freshness::{Freshness, millis_up};
pub use horizon::Horizon;
pub use lag::{HistoryLimits, Report, Terms};
pub use log_store::Threading;
pub use machine::Apply;
pub use model::{Ack, Level};
pub use node::{ChangeError, Node, StartError};
pub use past::Past;
pub use propagation::{Standing, Standings};
pub use read_index::Confirmed;
pub use recent::{Recent, RecentLimits};
pub use settings::{CheckpointSettings, Parts, Settings};
pub use status::{Member, MemberStatus, NodeId, NodeStatus, Role};
