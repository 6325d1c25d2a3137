//! Checkpoints: the state as of one revision, so that a node need not replay its whole log.
//!
//! A checkpoint is never the only copy of anything: the log and the peers are the truth. So a
//! damaged one is set aside and reported, and the node rebuilds it.

mod content;
mod delta;
mod engine;
mod layout;
pub mod memory;
pub mod on_sled;
mod stamp;
mod swap;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::{fmt, io};

/// What a checkpoint says about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// The revision that the state is at: the index of the last applied log entry.
    pub revision: u64,
    /// The state's time, in milliseconds since 1970.
    pub time_ms: u64,
    /// The state's digest. The store keeps it; whoever restores the state compares it.
    pub digest: [u8; 32],
    /// Whatever else belongs to the revision (membership, last log id): opaque here.
    pub meta: Vec<u8>,
}

/// What became of each changed key: its new value, or `None` when it is gone.
pub type Changes = BTreeMap<Vec<u8>, Option<Vec<u8>>>;

/// Keys with their values, in the order of the keys.
pub type Entries = Vec<(Vec<u8>, Vec<u8>)>;

/// A checkpoint as it was read back and verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    /// What it says about itself.
    pub head: Head,
    /// Everything it holds.
    pub entries: Entries,
}

/// A damaged checkpoint, kept under another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    /// What was wrong with it.
    pub reason: String,
    /// Where it is now. Nothing ever removes it; an operator may.
    pub directory: PathBuf,
}

/// What [`StateStore::load`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Loaded {
    /// There was no checkpoint.
    Empty,
    /// There was one, and it is whole.
    Whole(Whole),
    /// There was one, and it is damaged: the store is empty now.
    SetAside(SetAside),
}

/// Keeps the newest checkpoint. One committer at a time; the engine behind it can be replaced.
pub trait StateStore: Send + 'static {
    /// Reads the checkpoint back and verifies it.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Io`]. Damage is no error here: it is [`Loaded::SetAside`].
    fn load(&mut self) -> Result<Loaded, CheckpointError>;

    /// Changes the checkpoint to a new revision, never a lower one, atomically and durably: after
    /// a crash it is at the old one or the new one. The changes are those since the stored
    /// revision; a value that is already stored costs nothing.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::SetAside`] when the stored data turned out to be damaged: the store is
    /// empty now, and the whole state has to be written with [`StateStore::replace`]. Otherwise
    /// the checkpoint is at the old or the new revision, and the store refuses further use.
    fn commit(&mut self, head: &Head, changes: &Changes) -> Result<(), CheckpointError>;

    /// Writes a whole new checkpoint in place of what was there, atomically and durably.
    ///
    /// # Errors
    ///
    /// As [`StateStore::commit`].
    fn replace(
        &mut self,
        head: &Head,
        entries: &mut dyn Iterator<Item = (Vec<u8>, Vec<u8>)>,
    ) -> Result<(), CheckpointError>;

    /// Does work that commits have put off, for when there is time. Nothing is lost if it is never
    /// called.
    ///
    /// # Errors
    ///
    /// As [`StateStore::commit`].
    fn settle(&mut self) -> Result<(), CheckpointError> {
        Ok(())
    }

    /// Sets the checkpoint aside, because the caller found it wrong (its digest, say). The store
    /// is empty afterwards.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Io`].
    fn set_aside(&mut self, reason: &str) -> Result<SetAside, CheckpointError>;
}

/// Why a checkpoint could not be read or written.
#[derive(Debug)]
pub enum CheckpointError {
    /// The disk refused. The store refuses everything from then on: restart the node.
    Io {
        /// What was being done.
        doing: String,
        /// The disk's error.
        source: io::Error,
    },
    /// The stored data is damaged and was set aside; the store is empty now.
    SetAside(SetAside),
    /// A key longer than [`KEY_LIMIT`] bytes. Nothing was changed.
    KeyTooLong {
        /// Its length in bytes.
        bytes: usize,
    },
    /// A value longer than [`VALUE_LIMIT`] bytes. Nothing was changed.
    ValueTooLong {
        /// Its length in bytes.
        bytes: usize,
    },
}

/// The longest key, in bytes.
pub const KEY_LIMIT: usize = 1024;

/// The longest value, in bytes.
pub const VALUE_LIMIT: usize = 16 << 20;

impl fmt::Display for CheckpointError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { doing, source } => write!(out, "checkpoint: {doing}: {source}"),
            Self::SetAside(SetAside { reason, directory }) => write!(
                out,
                "checkpoint: damaged ({reason}); it was set aside as {} and is rebuilt",
                directory.display()
            ),
            Self::KeyTooLong { bytes } => {
                write!(out, "checkpoint: a key of {bytes} bytes exceeds {KEY_LIMIT}")
            }
            Self::ValueTooLong { bytes } => {
                write!(out, "checkpoint: a value of {bytes} bytes exceeds {VALUE_LIMIT}")
            }
        }
    }
}

impl std::error::Error for CheckpointError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
