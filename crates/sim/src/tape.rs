//! What one run writes down: the trace, the log as it is applied, counts of what happened, and what went wrong.
//!
//! It belongs to the thread, since the product applies entries through a plain function. One run, one thread.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

use model::State;
use ops::Applied;
use prost::Message;
use schema::model::v1::Entry;
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use crate::history::{Logged, Moment};
use crate::integrity::Integrity;

/// Events without any time passing, after which a run is taken to be stuck.
const STUCK: u64 = 2_000_000;

thread_local! {
    static TAPE: RefCell<Option<Tape>> = const { RefCell::new(None) };
}

/// The record of a run.
pub(crate) struct Tape {
    start: Instant,
    order: u64,
    hash: Sha256,
    keep_lines: bool,
    since_us: (u64, u64),
    integrity: Integrity,
    pub(crate) lines: Vec<String>,
    pub(crate) log: BTreeMap<u64, Logged>,
    pub(crate) counts: BTreeMap<&'static str, u64>,
    pub(crate) violations: Vec<String>,
}

/// Begins the record of this thread's run. Must be called within its runtime.
pub(crate) fn begin(keep_lines: bool) {
    let tape = Tape {
        start: Instant::now(),
        order: 0,
        hash: Sha256::new(),
        keep_lines,
        since_us: (0, 0),
        integrity: Integrity::default(),
        lines: Vec::new(),
        log: BTreeMap::new(),
        counts: BTreeMap::new(),
        violations: Vec::new(),
    };
    TAPE.set(Some(tape));
}

/// Ends the record; gives it and its hash.
pub(crate) fn end() -> (Tape, [u8; 32]) {
    let mut tape = TAPE.take().expect("a run has begun");
    let hash = std::mem::take(&mut tape.hash).finalize().into();
    (tape, hash)
}

/// Writes an event down; gives its moment.
pub(crate) fn event(what: fmt::Arguments<'_>) -> Moment {
    with(|tape| tape.event(what))
}

/// Counts something that should happen in some run.
pub(crate) fn count(what: &'static str) {
    with(|tape| *tape.counts.entry(what).or_default() += 1);
}

/// Writes down what must not happen.
pub(crate) fn violation(what: String) {
    event(format_args!("VIOLATION {what}"));
    with(|tape| tape.violations.push(what));
}

/// Assertions of debug builds that fail where a release rightly goes on.
///
/// openraft 0.10.0-alpha.37: the replication task of a leader that was just replaced sees the end of its successor's
/// log, which may be lower than what it sent. A release looks for a new leader next, and ends the task
/// (docs/adr/0003-openraft.md).
const HARMLESS: [&str; 1] = ["read_log_entries received reversed range"];

/// A panic in this thread, if it belongs to a run.
pub(crate) fn panicked(what: String) {
    TAPE.with(|tape| {
        // A panic while the tape was held cannot be written on it.
        if let Ok(mut tape) = tape.try_borrow_mut()
            && let Some(tape) = tape.as_mut()
        {
            match HARMLESS.iter().any(|harmless| what.contains(harmless)) {
                true => *tape.counts.entry("harmless assertion").or_default() += 1,
                false => tape.violations.push(what),
            }
        }
    });
}

/// [`ops::apply`], written down.
pub(crate) fn apply(state: State, entry: &Entry, revision: u64) -> Applied {
    let applied = ops::apply(state, entry, revision);
    let hash: [u8; 32] = Sha256::digest(entry.encode_to_vec()).into();
    with(|tape| tape.applied(revision, entry, hash, &applied.state));
    applied
}

fn with<T>(use_it: impl FnOnce(&mut Tape) -> T) -> T {
    TAPE.with_borrow_mut(|tape| use_it(tape.as_mut().expect("a run has begun")))
}

impl Tape {
    fn event(&mut self, what: fmt::Arguments<'_>) -> Moment {
        let at_us = u64::try_from(self.start.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.order += 1;
        if self.since_us.0 != at_us {
            self.since_us = (at_us, self.order);
        }
        assert!(self.order - self.since_us.1 < STUCK, "no time passes: {what}");
        let line = format!("{at_us} {what}\n");
        tracing::trace!("{}", line.trim_end());
        self.hash.update(line.as_bytes());
        if self.keep_lines {
            self.lines.push(line);
        }
        Moment { order: self.order, at_us }
    }

    fn applied(&mut self, revision: u64, entry: &Entry, hash: [u8; 32], whole: &State) {
        let state = whole.digest();
        let first = self.event(format_args!("apply {revision} {}", entry.request_id));
        match self.log.get(&revision) {
            None => {
                let request_id = entry.request_id.clone();
                self.log.insert(revision, Logged { request_id, entry: hash, state, first });
                let broken = self.integrity.check(whole).into_iter();
                self.violations
                    .extend(broken.map(|what| format!("C13 integrity: at {revision} {what}")));
            }
            Some(known) if known.entry != hash => self.violations.push(format!(
                "two entries at revision {revision}: {} and {}",
                known.request_id, entry.request_id
            )),
            Some(known) if known.state != state => {
                self.violations.push(format!("two states at revision {revision}"));
            }
            Some(_) => {}
        }
    }
}
