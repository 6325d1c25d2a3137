//! What can go wrong with the log, in words an operator can act on.

use std::fmt;
use std::io;

/// A failure of the [`Log`](super::Log).
#[derive(Debug)]
pub enum LogError {
    /// The disk refused.
    Io {
        /// What was being done, with the file's name.
        doing: String,
        /// The disk's error.
        source: io::Error,
    },
    /// Bytes that were durable are damaged or missing: not the end of an interrupted write.
    Corrupt {
        /// The file's name inside the log's directory.
        file: String,
        /// Where in the file, in bytes.
        offset: u64,
        /// What is wrong there.
        what: String,
    },
    /// An earlier write or sync failed, so nobody knows what is on the disk: reopen to find out.
    Poisoned {
        /// The first failure.
        reason: String,
    },
    /// An entry that does not follow the last one.
    Gap {
        /// The index that must come next.
        expected: u64,
        /// The index that was given.
        given: u64,
    },
    /// A truncation that would remove entries which are already purged, hence committed.
    Purged {
        /// The last purged index.
        purged: u64,
    },
    /// A payload that does not fit into one segment.
    TooLarge {
        /// Its length in bytes.
        bytes: usize,
    },
}

impl LogError {
    pub(super) fn io(doing: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let doing = doing.into();
        move |source| Self::Io { doing, source }
    }

    pub(super) fn corrupt(file: &str, offset: usize, what: impl Into<String>) -> Self {
        Self::Corrupt { file: file.to_owned(), offset: offset as u64, what: what.into() }
    }
}

impl fmt::Display for LogError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { doing, source } => write!(out, "log: {doing}: {source}"),
            Self::Corrupt { file, offset, what } => write!(
                out,
                "log: {file} is damaged at byte {offset}: {what}. Acknowledged writes may be \
                 missing from this copy, so it must not vote. Set this node's data directory \
                 aside, remove the node from the cell and let it join again empty: its peers \
                 hold everything. In a cell of one voter, restore a backup"
            ),
            Self::Poisoned { reason } => write!(
                out,
                "log: refused, because an earlier write failed ({reason}) and it is unknown what \
                 reached the disk. Restart the node: it reads the log again"
            ),
            Self::Gap { expected, given } => {
                write!(out, "log: entry {given} cannot follow: the next index is {expected}")
            }
            Self::Purged { purged } => {
                write!(out, "log: entries up to {purged} are purged and cannot be truncated")
            }
            Self::TooLarge { bytes } => {
                write!(out, "log: a payload of {bytes} bytes does not fit into one segment")
            }
        }
    }
}

impl std::error::Error for LogError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}
