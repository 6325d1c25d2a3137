//! Durable things: Raft log and vote, state checkpoints, snapshots.

pub mod disk;
pub mod log;

pub use disk::memory::{MemoryDisk, MemoryFile};
pub use disk::real::{RealDisk, RealFile};
pub use disk::{Disk, DiskFile};
pub use log::{Log, LogError, LogOptions, Recovered, Ticket, Torn};
