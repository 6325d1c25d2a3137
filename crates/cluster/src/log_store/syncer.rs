//! Group commit: everything that waits becomes durable with one sync.

use std::future::Future;
use std::io;
use std::thread;

use openraft::storage::IOFlushed;
use store::{Disk, Log};
use tokio::sync::{mpsc, oneshot, watch};

use crate::raft::TypeConfig;
use crate::runtime::Context;

/// Where work is done that blocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Threading {
    /// On threads of its own, so that a slow disk delays nothing else.
    Threads,
    /// On the runtime, so that a simulation has one order of events.
    Inline,
}

enum Waiting {
    Append(IOFlushed<TypeConfig>),
    Other(oneshot::Sender<io::Result<()>>),
}

impl Waiting {
    fn tell(self, failed: Option<&str>) {
        let result = failed.map_or(Ok(()), |why| Err(io::Error::other(why.to_owned())));
        match self {
            Waiting::Append(done) => done.io_completed(result),
            Waiting::Other(done) => drop(done.send(result)),
        }
    }
}

/// A handle; clones share one syncer, which ends with the last of them.
#[derive(Clone)]
pub(super) struct Syncer {
    line: mpsc::UnboundedSender<Waiting>,
    released: watch::Receiver<()>,
}

impl Syncer {
    pub(super) fn start<D: Disk>(log: Log<D>, threading: Threading) -> io::Result<Self> {
        let (line, waiting) = mpsc::unbounded_channel();
        let (running, released) = watch::channel(());
        match threading {
            Threading::Threads => {
                let name = "bailiwick-log".to_owned();
                thread::Builder::new().name(name).spawn(move || {
                    run_blocking(&log, waiting);
                    drop((log, running));
                })?;
            }
            Threading::Inline => drop(Context::spawn_current(async move {
                run(&log, waiting).await;
                drop((log, running));
            })),
        }
        Ok(Syncer { line, released })
    }

    /// Calls back when everything appended so far is durable.
    pub(super) fn sync_then(&self, done: IOFlushed<TypeConfig>) {
        if let Err(mpsc::error::SendError(waiting)) = self.line.send(Waiting::Append(done)) {
            waiting.tell(Some(STOPPED));
        }
    }

    /// Resolves when everything appended so far is durable.
    pub(super) fn synced(&self) -> impl Future<Output = io::Result<()>> + Send + use<> {
        let (sender, receiver) = oneshot::channel();
        // When the syncer is gone, the sender is dropped and the receiver says so.
        let _ = self.line.send(Waiting::Other(sender));
        async move { receiver.await.unwrap_or_else(|_| Err(io::Error::other(STOPPED))) }
    }

    pub(super) fn released(&self) -> impl Future<Output = ()> + Send + use<> {
        let mut released = self.released.clone();
        async move { while released.changed().await.is_ok() {} }
    }
}

const STOPPED: &str = "the writer of the log has stopped";

fn run_blocking<D: Disk>(log: &Log<D>, mut line: mpsc::UnboundedReceiver<Waiting>) {
    while let Some(first) = line.blocking_recv() {
        sync(log, first, &mut line);
    }
}

async fn run<D: Disk>(log: &Log<D>, mut line: mpsc::UnboundedReceiver<Waiting>) {
    while let Some(first) = line.recv().await {
        sync(log, first, &mut line);
    }
}

/// INVARIANT: the line is emptied before the sync begins, and whoever stands in it had appended
/// before, so nothing is called durable that this sync did not cover. After a failure the log
/// refuses everything, and so does every sync.
fn sync<D: Disk>(log: &Log<D>, first: Waiting, line: &mut mpsc::UnboundedReceiver<Waiting>) {
    let mut waiting = vec![first];
    while let Ok(next) = line.try_recv() {
        waiting.push(next);
    }
    let failed = log.sync().err().map(|error| {
        tracing::error!(%error, "the log cannot be written: this node stops");
        error.to_string()
    });
    for waiting in waiting {
        waiting.tell(failed.as_deref());
    }
    // The next segment is made ready in short steps, only while nobody waits.
    while failed.is_none() && line.is_empty() {
        match log.prepare() {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                tracing::warn!(%error, "the log's next segment cannot be made");
                break;
            }
        }
    }
}
