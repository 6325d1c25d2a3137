//! A checkpoint in memory, for simulation: a handle that outlives the node that crashed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Changes, CheckpointError, Head, Loaded, SetAside, StateStore, Whole};

/// A [`StateStore`] whose commits are durable at once. Clones share one checkpoint.
#[derive(Clone, Debug, Default)]
pub struct MemoryState {
    inner: Arc<Mutex<Inner>>,
}

type Entries = BTreeMap<Vec<u8>, Vec<u8>>;

#[derive(Debug, Default)]
struct Inner {
    stored: Option<(Head, Entries)>,
    damage: Option<String>,
    set_aside: u64,
}

impl MemoryState {
    /// Makes the next access find the checkpoint damaged.
    pub fn damage(&self, reason: &str) {
        self.lock().damage = Some(reason.to_owned());
    }

    /// Returns the stored revision, if there is a checkpoint.
    pub fn revision(&self) -> Option<u64> {
        self.lock().stored.as_ref().map(|(head, _)| head.revision)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn set_aside(&mut self, reason: &str) -> SetAside {
        self.stored = None;
        self.set_aside += 1;
        let directory = PathBuf::from(format!("memory.broken-{}", self.set_aside));
        SetAside { reason: reason.to_owned(), directory }
    }

    fn check(&mut self) -> Result<(), CheckpointError> {
        match self.damage.take() {
            Some(reason) => Err(CheckpointError::SetAside(self.set_aside(&reason))),
            None => Ok(()),
        }
    }
}

impl StateStore for MemoryState {
    fn load(&mut self) -> Result<Loaded, CheckpointError> {
        let mut inner = self.lock();
        if let Err(CheckpointError::SetAside(aside)) = inner.check() {
            return Ok(Loaded::SetAside(aside));
        }
        Ok(match &inner.stored {
            None => Loaded::Empty,
            Some((head, entries)) => Loaded::Whole(Whole {
                head: head.clone(),
                entries: entries.clone().into_iter().collect(),
            }),
        })
    }

    fn commit(&mut self, head: &Head, changes: &Changes) -> Result<(), CheckpointError> {
        super::layout::check_sizes(changes)?;
        let mut inner = self.lock();
        inner.check()?;
        let (stored, entries) = inner.stored.get_or_insert_default();
        *stored = head.clone();
        for (key, value) in changes {
            match value {
                Some(value) => entries.insert(key.clone(), value.clone()),
                None => entries.remove(key),
            };
        }
        Ok(())
    }

    fn replace(
        &mut self,
        head: &Head,
        entries: &mut dyn Iterator<Item = (Vec<u8>, Vec<u8>)>,
    ) -> Result<(), CheckpointError> {
        let entries: Entries = entries.collect();
        for (key, value) in &entries {
            super::layout::check_size(key, value)?;
        }
        let mut inner = self.lock();
        inner.check()?;
        inner.stored = Some((head.clone(), entries));
        Ok(())
    }

    fn set_aside(&mut self, reason: &str) -> Result<SetAside, CheckpointError> {
        Ok(self.lock().set_aside(reason))
    }
}
