//! The checkpoint in a sled database.

use std::io;
use std::path::{Path, PathBuf};

use super::content::{
    check_stamp, commit_at_once, fill, is_merging, merge, read_overlaid, read_record,
};
use super::delta::Delta;
use super::engine::{Engine, Failure};
use super::layout::check_sizes;
use super::stamp;
use super::swap;
use super::{Changes, CheckpointError, Head, Loaded, SetAside, StateStore, Whole};

/// A database may take this many bytes, and this many times its content, before it is rewritten:
/// sled gives space back only when a segment happens to empty.
const SLACK: (u64, u64) = (128 << 20, 8);

/// Deltas may take this many bytes before they are merged whether or not there is time.
const DELTA_BYTES: u64 = 128 << 20;

/// A [`StateStore`] on sled, in a directory of its own.
///
/// A commit that fits into one batch is one batch. A larger one is a delta, a file beside sled's,
/// which [`StateStore::settle`] merges. Every entry counts into a tally that is stored with the
/// revision and compared on load, so nothing goes missing unseen; a stamp outside of sled tells
/// when all of it went back in time.
pub struct Checkpoint {
    path: PathBuf,
    engine: Option<Engine>,
    /// Not yet merged, oldest first.
    deltas: Vec<Delta>,
    /// Found damaged when it was opened, not yet reported.
    aside: Option<SetAside>,
    /// The first disk error; everything is refused after it.
    failed: Option<String>,
    slack: (u64, u64),
}

impl Checkpoint {
    /// Opens the checkpoint in directory `path`, or makes an empty one. Beside it, names that
    /// begin with the same name and a dot belong to it too.
    ///
    /// A damaged one is set aside, and [`StateStore::load`] reports it.
    ///
    /// # Errors
    ///
    /// [`CheckpointError::Io`], also when another process has it open.
    ///
    /// # Panics
    ///
    /// Panics when sled would not fsync in this program (see the `fsync` crate).
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, CheckpointError> {
        fsync::assert_in_force();
        let path = path.into();
        swap::tidy(&path).map_err(|source| io_error("preparing its directory", source))?;
        let mut checkpoint = Self {
            path,
            engine: None,
            deltas: Vec::new(),
            aside: None,
            failed: None,
            slack: SLACK,
        };
        match checkpoint.start() {
            Ok(()) => {}
            Err(Failure::Io(source)) => return Err(io_error("opening", source)),
            Err(Failure::Damaged(reason)) => {
                checkpoint.aside = Some(checkpoint.set_aside(&reason)?);
            }
        }
        Ok(checkpoint)
    }

    /// Returns the directory.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Opens the database, checks that it is not an older one, and finishes an interrupted merge.
    fn start(&mut self) -> Result<(), Failure> {
        let mut engine = Engine::open(&self.path)?;
        swap::sync_parent(&self.path).map_err(Failure::Io)?;
        let merged = read_record(&mut engine)?.map(|record| record.head.revision);
        let (old, deltas): (Vec<_>, Vec<_>) = Delta::list(&self.path)
            .map_err(Failure::Io)?
            .into_iter()
            .partition(|delta| merged.is_some_and(|merged| delta.revision <= merged));
        remove(&old).map_err(Failure::Io)?;
        let newest = deltas.last().map(|delta| delta.revision).or(merged);
        check_stamp(newest, stamp::read(&self.path).map_err(Failure::Io)?)?;
        self.deltas = deltas;
        if is_merging(&mut engine)? {
            merge(&mut engine, &self.deltas)?;
            remove(&std::mem::take(&mut self.deltas)).map_err(Failure::Io)?;
        }
        self.engine = Some(engine);
        Ok(())
    }

    /// Runs an action on the database; damage that it meets sets the checkpoint aside.
    fn run<T>(
        &mut self,
        doing: &str,
        action: impl FnOnce(&mut Engine, &[Delta]) -> Result<T, Failure>,
    ) -> Result<T, CheckpointError> {
        if let Some(reason) = &self.failed {
            let source = io::Error::other(format!("refused after an earlier failure: {reason}"));
            return Err(io_error(doing, source));
        }
        let engine = self.engine.as_mut().expect("open unless it has failed");
        match action(engine, &self.deltas) {
            Ok(value) => Ok(value),
            Err(Failure::Damaged(reason)) => {
                Err(CheckpointError::SetAside(self.set_aside(&reason)?))
            }
            Err(Failure::Io(source)) => Err(self.fail(doing, source)),
        }
    }

    /// Refuses everything from now on.
    fn fail(&mut self, doing: &str, source: io::Error) -> CheckpointError {
        self.failed.get_or_insert_with(|| source.to_string());
        self.engine = None;
        io_error(doing, source)
    }

    /// Rewrites a database that takes far more space than its content.
    fn compact(&mut self) -> Result<(), CheckpointError> {
        let (bytes, times) = self.slack;
        let bloated = self.run("measuring", |engine, _| {
            let size = engine.size_on_disk()?;
            let content = read_record(engine)?.map_or(0, |record| record.tally.bytes);
            Ok(size > bytes + times * content)
        })?;
        if !bloated {
            return Ok(());
        }
        match self.run("reading", read_overlaid)? {
            Some(Whole { head, entries }) => self.replace(&head, &mut entries.into_iter()),
            None => Ok(()),
        }
    }
}

impl StateStore for Checkpoint {
    fn load(&mut self) -> Result<Loaded, CheckpointError> {
        if let Some(aside) = self.aside.take() {
            return Ok(Loaded::SetAside(aside));
        }
        match self.run("reading", read_overlaid) {
            Ok(Some(whole)) => Ok(Loaded::Whole(whole)),
            Ok(None) => Ok(Loaded::Empty),
            Err(CheckpointError::SetAside(aside)) => Ok(Loaded::SetAside(aside)),
            Err(error) => Err(error),
        }
    }

    fn commit(&mut self, head: &Head, changes: &Changes) -> Result<(), CheckpointError> {
        check_sizes(changes)?;
        let is_done = self.deltas.is_empty()
            && self.run("committing", |engine, _| commit_at_once(engine, head, changes))?;
        if !is_done {
            self.run("committing", |_, _| Ok(()))?;
            let delta = Delta::write(&self.path, head, changes);
            let delta = delta.map_err(|source| self.fail("committing", source))?;
            self.deltas.push(delta);
        }
        stamp::write(&self.path, head.revision).map_err(|source| self.fail("stamping", source))?;
        match self.deltas.iter().map(|delta| delta.bytes).sum::<u64>() {
            0 => self.compact(),
            DELTA_BYTES.. => self.settle(),
            _ => Ok(()),
        }
    }

    fn settle(&mut self) -> Result<(), CheckpointError> {
        if self.deltas.is_empty() {
            return Ok(());
        }
        self.run("merging", merge)?;
        let merged = std::mem::take(&mut self.deltas);
        remove(&merged).map_err(|source| self.fail("removing what was merged", source))?;
        self.compact()
    }

    fn replace(
        &mut self,
        head: &Head,
        entries: &mut dyn Iterator<Item = (Vec<u8>, Vec<u8>)>,
    ) -> Result<(), CheckpointError> {
        self.run("replacing", |_, _| Ok(()))?;
        let next = swap::next(&self.path).map_err(|source| io_error("replacing", source))?;
        match fill(&next, head, entries) {
            Ok(result) => result?,
            Err(Failure::Io(source)) => return Err(self.fail("replacing", source)),
            // It is new: if it is damaged already, the disk or sled is at fault.
            Err(Failure::Damaged(reason)) => {
                return Err(self.fail("replacing", io::Error::other(reason)));
            }
        }
        self.engine = None;
        swap::put_in_place(&self.path).map_err(|source| self.fail("replacing", source))?;
        match self.start() {
            Ok(()) => Ok(()),
            Err(Failure::Io(source)) => Err(self.fail("opening", source)),
            Err(Failure::Damaged(reason)) => {
                Err(CheckpointError::SetAside(self.set_aside(&reason)?))
            }
        }
    }

    fn set_aside(&mut self, reason: &str) -> Result<SetAside, CheckpointError> {
        self.engine = None;
        let moved = swap::set_aside(&self.path);
        let directory = moved.map_err(|source| self.fail("setting it aside", source))?;
        match self.start() {
            Ok(()) => Ok(SetAside { reason: reason.to_owned(), directory }),
            Err(Failure::Io(source)) => Err(self.fail("starting anew", source)),
            Err(Failure::Damaged(reason)) => {
                Err(self.fail("starting anew", io::Error::other(reason)))
            }
        }
    }
}

fn remove(deltas: &[Delta]) -> io::Result<()> {
    deltas.iter().try_for_each(Delta::remove)
}

fn io_error(doing: &str, source: io::Error) -> CheckpointError {
    CheckpointError::Io { doing: doing.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bloated_database_is_rewritten_and_keeps_its_content() {
        let directory = tempfile::tempdir().expect("temporary directory");
        let path = directory.path().join("state");
        let mut checkpoint = Checkpoint::open(&path).expect("open");
        let key = |n: u32| n.to_be_bytes().to_vec();
        let many: Changes = (0..9000).map(|n| (key(n), Some(vec![1; 1000]))).collect();
        let none: Changes = (1..9000).map(|n| (key(n), None)).collect();
        checkpoint.commit(&Head { revision: 1, ..Head::default() }, &many).expect("commit");
        let size = |path: &Path| std::fs::metadata(path.join("db")).expect("metadata").len();
        let before = size(&path);
        checkpoint.slack = (6 << 20, 1);
        let head = Head { revision: 2, ..Head::default() };
        checkpoint.commit(&head, &none).expect("commit");
        let after = size(&path);
        assert!(after <= before / 2, "{before} then {after}");
        let entries = vec![(key(0), vec![1; 1000])];
        let expected = Loaded::Whole(Whole { head, entries });
        assert_eq!(checkpoint.load().expect("load"), expected);
    }
}
