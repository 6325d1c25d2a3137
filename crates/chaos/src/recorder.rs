//! Writes a run's history, line by line, as it happens.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::event::Event;

/// A handle; clones write one history.
#[derive(Clone)]
pub(crate) struct Recorder(Arc<Shared>);

struct Shared {
    began: Instant,
    written: Mutex<Written>,
}

struct Written {
    file: BufWriter<File>,
    events: Vec<Event>,
    failed: Option<io::Error>,
}

impl Recorder {
    pub(crate) fn create(path: &Path) -> Result<Self, String> {
        let file = File::create(path).map_err(|error| format!("{}: {error}", path.display()))?;
        let file = BufWriter::new(file);
        let written = Mutex::new(Written { file, events: Vec::new(), failed: None });
        Ok(Recorder(Arc::new(Shared { began: Instant::now(), written })))
    }

    /// Dates a line and writes it. Lines have their dates in their order: both come under one lock.
    pub(crate) fn write(&self, mut event: Event) -> u64 {
        let mut written = self.written();
        event.t = self.now_us();
        let t = event.t;
        let line = serde_json::to_writer(&mut written.file, &event).map_err(io::Error::from);
        if let Err(error) = line.and_then(|()| written.file.write_all(b"\n")) {
            written.failed.get_or_insert(error);
        }
        written.events.push(event);
        t
    }

    /// Microseconds since the run began.
    pub(crate) fn now_us(&self) -> u64 {
        u64::try_from(self.0.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    /// How many lines were written.
    pub(crate) fn lines(&self) -> usize {
        self.written().events.len()
    }

    /// All that was written.
    ///
    /// # Errors
    /// Some of it could not be.
    pub(crate) fn finish(&self) -> Result<Vec<Event>, String> {
        let mut written = self.written();
        let flushed = written.file.flush();
        let failed = written.failed.take();
        match failed.map_or(flushed, Err) {
            Ok(()) => Ok(written.events.clone()),
            Err(error) => Err(format!("the history cannot be written: {error}")),
        }
    }

    fn written(&self) -> MutexGuard<'_, Written> {
        self.0.written.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
