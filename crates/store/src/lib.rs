//! Durable things: Raft log and vote, state checkpoints, snapshots.

pub mod checkpoint;
pub mod disk;
pub mod log;
pub mod snapshot;

pub use checkpoint::memory::MemoryState;
pub use checkpoint::on_sled::Checkpoint;
pub use checkpoint::{Changes, CheckpointError, Head, Loaded, SetAside, StateStore, Whole};
pub use disk::memory::{MemoryDisk, MemoryFile};
pub use disk::real::{RealDisk, RealFile};
pub use disk::{Disk, DiskFile};
pub use log::{Log, LogError, LogOptions, Recovered, Ticket, Torn};
