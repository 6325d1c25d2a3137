//! Checkpoints: the state on disk, so that a restart need not replay the whole log and the log need
//! not grow for ever.

mod key;

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use model::State;
use prost::Message;
use schema::model::v1 as stored;
use schema::peer::v1::{self as peer, RevisionChanges};
use store::{CheckpointError, Head, Loaded, StateStore, Whole};

use crate::log_store::Threading;
use crate::machine::Machine;
use crate::raft::SnapshotMeta;
use crate::wire;

/// Reads the state last checkpointed, or an empty one. A damaged checkpoint is set aside: it costs
/// time, not data.
///
/// # Errors
/// The store cannot be read at all.
pub(crate) fn load(store: &mut dyn StateStore) -> Result<(SnapshotMeta, State), CheckpointError> {
    let aside = match store.load()? {
        Loaded::Empty => return Ok(Default::default()),
        Loaded::Whole(whole) => match restore(&whole) {
            Ok(restored) => return Ok(restored),
            Err(why) => store.set_aside(&why)?,
        },
        Loaded::SetAside(aside) => aside,
    };
    let (reason, kept) = (aside.reason, aside.directory);
    tracing::error!(reason, ?kept, "a damaged checkpoint was set aside");
    Ok(Default::default())
}

/// The store verified every byte; here the meaning is verified: the state's digest, and its place
/// in the log.
fn restore(whole: &Whole) -> Result<(SnapshotMeta, State), String> {
    fn text(error: impl fmt::Display) -> String {
        error.to_string()
    }
    let head = &whole.head;
    let mark = peer::SnapshotMark::decode(head.meta.as_slice()).map_err(text)?;
    let meta = wire::read_mark(mark).map_err(text)?;
    let mut state = State::default();
    for (_, entity) in &whole.entries {
        state.put(stored::Entity::decode(entity.as_slice()).map_err(text)?).map_err(text)?;
    }
    let state = state.advanced(head.revision, head.time_ms);
    if state.digest() != head.digest {
        return Err("the digest differs".into());
    }
    if meta.last_log_id.map(|id| id.index) != Some(head.revision) {
        return Err("the mark names another revision".into());
    }
    Ok((meta, state))
}

/// Revisions remembered for the next checkpoint. A store that fails for longer than this gets the
/// whole state once it works again.
const UNSAVED_MAX: usize = 262_144;

/// A store that is taken out when the node stops, which lets go of its files.
type Slot = Mutex<Option<Box<dyn StateStore>>>;

/// Remembers what changed since the last checkpoint and writes the next.
pub(crate) struct Keeper {
    store: Option<Arc<Slot>>,
    threading: Threading,
    unsaved: Mutex<Unsaved>,
    /// The state of the last checkpoint. Held while one is written, so that there is one writer.
    last: tokio::sync::Mutex<Arc<State>>,
    saved_revision: AtomicU64,
    /// The store may have put work off.
    unsettled: AtomicBool,
}

#[derive(Default)]
struct Unsaved {
    revisions: Vec<Arc<RevisionChanges>>,
    /// Some were forgotten: the next checkpoint is written whole.
    forgotten: bool,
}

impl Keeper {
    /// `last` is the state that was loaded.
    pub(crate) fn new(
        store: Option<Box<dyn StateStore>>,
        threading: Threading,
        last: State,
    ) -> Self {
        Keeper {
            store: store.map(|store| Arc::new(Mutex::new(Some(store)))),
            threading,
            unsaved: Mutex::default(),
            saved_revision: AtomicU64::new(last.revision()),
            // What was put off before a restart.
            unsettled: AtomicBool::new(true),
            last: tokio::sync::Mutex::new(Arc::new(last)),
        }
    }

    /// Is there a store?
    pub(crate) fn is_durable(&self) -> bool {
        self.store.is_some()
    }

    /// Revision of the checkpoint on disk; 0 when there is none.
    pub(crate) fn saved_revision(&self) -> u64 {
        self.saved_revision.load(Ordering::Acquire)
    }

    /// Must be called before the state that holds these changes can be seen.
    pub(crate) fn remember(&self, changes: &[Arc<RevisionChanges>]) {
        if !self.is_durable() {
            return;
        }
        let mut unsaved = self.unsaved();
        unsaved.revisions.extend(changes.iter().filter(|c| !c.changes.is_empty()).cloned());
        if unsaved.revisions.len() > UNSAVED_MAX {
            *unsaved = Unsaved { forgotten: true, ..Unsaved::default() };
        }
    }

    /// Writes a checkpoint of the newest state; gives its revision.
    ///
    /// # Errors
    /// The store's. What was not saved is remembered for the next attempt.
    pub(crate) async fn save(&self, machine: &Machine) -> io::Result<u64> {
        let mut last = self.last.lock().await;
        let (meta, state) = machine.marked();
        if state.revision() <= last.revision() {
            return Ok(last.revision());
        }
        let unsaved = Arc::new(self.take_upto(state.revision()));
        let (head, whole, before) = (head(&meta, &state), Arc::clone(&state), Arc::clone(&last));
        let taken = Arc::clone(&unsaved);
        let saved = self.with_store(move |store| {
            let changes = (!taken.forgotten).then(|| key::collapse(&before, &taken.revisions));
            match changes.map(|changes| store.commit(&head, &changes)) {
                // Damage found while writing: the state in memory is whole, so is what is written now.
                None | Some(Err(CheckpointError::SetAside(_))) => {
                    store.replace(&head, &mut entries(&whole))
                }
                Some(done) => done,
            }
        });
        if let Err(error) = saved.await {
            self.give_back(&unsaved);
            return Err(error);
        }
        self.saved_revision.store(state.revision(), Ordering::Release);
        self.unsettled.store(true, Ordering::Relaxed);
        *last = state;
        Ok(last.revision())
    }

    /// Lets the store do what it has put off.
    ///
    /// # Errors
    /// The store's. The next checkpoint is due at once, and is written whole.
    pub(crate) async fn settle(&self) -> io::Result<()> {
        if !self.unsettled.swap(false, Ordering::Relaxed) {
            return Ok(());
        }
        let mut last = self.last.lock().await;
        let settled = self.with_store(|store| store.settle()).await;
        if settled.is_err() {
            self.unsaved().forgotten = true;
            self.saved_revision.store(0, Ordering::Release);
            *last = Arc::default();
        }
        settled
    }

    /// Writes a checkpoint of a state that comes from elsewhere.
    ///
    /// # Errors
    /// The store's.
    pub(crate) async fn replace(&self, meta: &SnapshotMeta, state: &Arc<State>) -> io::Result<()> {
        let mut last = self.last.lock().await;
        let (head, whole) = (head(meta, state), Arc::clone(state));
        self.with_store(move |store| store.replace(&head, &mut entries(&whole))).await?;
        *self.unsaved() = Unsaved::default();
        self.saved_revision.store(state.revision(), Ordering::Release);
        *last = Arc::clone(state);
        Ok(())
    }

    async fn with_store(
        &self,
        work: impl FnOnce(&mut dyn StateStore) -> Result<(), CheckpointError> + Send + 'static,
    ) -> io::Result<()> {
        let Some(store) = self.store.clone() else { return Ok(()) };
        let work = move || {
            let mut store = store.lock().unwrap_or_else(PoisonError::into_inner);
            let store = store.as_deref_mut().ok_or_else(|| io::Error::other("closed"))?;
            work(store).map_err(io::Error::other)
        };
        self.blocking(work).await
    }

    /// Lets go of the store's files.
    pub(crate) async fn close(&self) {
        let _last = self.last.lock().await;
        let Some(store) = self.store.clone() else { return };
        let take = move || {
            drop(store.lock().unwrap_or_else(PoisonError::into_inner).take());
            Ok(())
        };
        if let Err(error) = self.blocking(take).await {
            tracing::warn!(%error, "the checkpoint did not close in order");
        }
    }

    async fn blocking(
        &self,
        work: impl FnOnce() -> io::Result<()> + Send + 'static,
    ) -> io::Result<()> {
        match self.threading {
            Threading::Inline => work(),
            Threading::Threads => {
                let done = tokio::task::spawn_blocking(work).await;
                done.unwrap_or_else(|panic| Err(io::Error::other(panic)))
            }
        }
    }

    fn take_upto(&self, revision: u64) -> Unsaved {
        let mut unsaved = self.unsaved();
        let count = unsaved.revisions.partition_point(|changes| changes.revision <= revision);
        let revisions = unsaved.revisions.drain(..count).collect();
        Unsaved { revisions, forgotten: std::mem::take(&mut unsaved.forgotten) }
    }

    fn give_back(&self, taken: &Unsaved) {
        let mut unsaved = self.unsaved();
        unsaved.revisions.splice(0..0, taken.revisions.iter().cloned());
        unsaved.forgotten |= taken.forgotten;
    }

    fn unsaved(&self) -> MutexGuard<'_, Unsaved> {
        self.unsaved.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn head(meta: &SnapshotMeta, state: &State) -> Head {
    Head {
        revision: state.revision(),
        time_ms: state.time_ms(),
        digest: state.digest(),
        meta: wire::mark(meta).encode_to_vec(),
    }
}

fn entries(state: &State) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> {
    state.entities().filter_map(key::entry)
}
