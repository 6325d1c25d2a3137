//! What became of every write, by the voters' logs. They are read once the nodes have ended, so that also a write of
//! which no client knows the fate has its place in history, or none.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use prost::Message as _;
use schema::model::v1::Entry;
use schema::peer::v1::{LogEntry, log_entry};
use serde_json::json;
use sim::words::Message;
use store::{Log, LogOptions, RealDisk};

use crate::event::{Event, Kind};

/// Writes that clients sent, as the log may hold them. Clones share one list.
#[derive(Clone, Default)]
pub(crate) struct Sent(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    /// Clients by the ids of their keys.
    keys: BTreeMap<String, u64>,
    /// Ids of calls by who sent what, in the order of sending.
    calls: BTreeMap<(u64, u32, Bytes), Vec<String>>,
}

impl Sent {
    /// A client signs with a key.
    pub(crate) fn known(&self, key_id: &str, client: u64) {
        self.state().keys.insert(key_id.to_owned(), client);
    }

    /// A client sends a write.
    pub(crate) fn add(&self, id: &str, client: u64, message: &Message) {
        let what = (client, u32::from(message.operation), message.bytes.clone());
        self.state().calls.entry(what).or_default().push(id.to_owned());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Finds the call of each entry: by the id that the answer named, else by who sent what. `told` are the ids that
    /// the cell gave to calls, `open` calls whose fate is not known. Gives lines for the history, in the log's order.
    pub(crate) fn match_log(
        &self,
        log: &BTreeMap<u64, Entry>,
        told: &BTreeMap<String, String>,
        open: &[String],
    ) -> Vec<Event> {
        let mut state = self.state();
        let State { keys, calls } = &mut *state;
        let mut events = Vec::new();
        for (revision, entry) in log {
            let caller = entry.caller.as_ref().map_or("", |caller| caller.access_key_id.as_str());
            let Some(client) = keys.get(caller) else { continue };
            let what = (*client, entry.operation, entry.request.clone());
            let id = told.get(&entry.request_id).cloned().or_else(|| {
                let candidates = calls.get_mut(&what)?;
                let unknown = candidates.iter().position(|id| open.contains(id));
                let unnamed = || candidates.iter().position(|id| !told.values().any(|it| it == id));
                let at = unknown.or_else(unnamed)?;
                Some(candidates.remove(at))
            });
            let mut event = Event::new("log", Kind::Entry).op("entry", json!(null));
            (event.index, event.req_id) = (Some(*revision), entry.request_id.clone());
            event.args = json!({"client": client});
            event.id = id.unwrap_or_default();
            events.push(event);
        }
        events
    }
}

/// The entries of a voter's log up to a revision, and from which revision on it has them.
///
/// # Errors
/// The log is damaged or in use.
pub(crate) fn read_log(folder: &Path, newest: u64) -> Result<(u64, BTreeMap<u64, Entry>), String> {
    let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", folder.display());
    let disk = RealDisk::new(folder).map_err(|error| wrong(&error))?;
    let (log, found) = Log::open(disk, LogOptions::default()).map_err(|error| wrong(&error))?;
    let there = log.read(found.entries.start..newest + 1).map_err(|error| wrong(&error))?;
    let mut entries = BTreeMap::new();
    for (revision, record) in there {
        let entry = LogEntry::decode(record).map_err(|error| wrong(&error))?;
        if let Some(log_entry::Payload::Entry(bytes)) = entry.payload {
            entries.insert(revision, Entry::decode(bytes).map_err(|error| wrong(&error))?);
        }
    }
    Ok((found.entries.start, entries))
}

#[cfg(test)]
mod tests {
    use schema::model::v1::Caller;

    use super::*;

    fn entry(key: &str, request_id: &str, request: &'static [u8]) -> Entry {
        Entry {
            request_id: request_id.to_owned(),
            operation: 5,
            request: Bytes::from_static(request),
            caller: Some(Caller { access_key_id: key.to_owned(), kind: None }),
            ..Entry::default()
        }
    }

    #[test]
    fn entries_find_their_calls() {
        let sent = Sent::default();
        sent.known("KEY", 1);
        let message = Message { operation: 5, bytes: Bytes::from_static(b"a") };
        for id in ["c1-1", "c1-2", "c1-3"] {
            sent.add(id, 1, &message);
        }
        let log = [
            (10, entry("KEY", "r1", b"a")),
            (11, entry("KEY", "r9", b"a")),
            (12, entry("KEY", "r8", b"b")),
            (13, entry("OTHER", "r7", b"a")),
            (14, entry("KEY", "r6", b"a")),
            (15, entry("KEY", "r5", b"a")),
        ];
        let told = [("r1".to_owned(), "c1-1".to_owned())].into();
        let events = sent.match_log(&log.into(), &told, &["c1-3".to_owned()]);
        let ids: Vec<_> = events.iter().map(|event| event.id.as_str()).collect();
        // The second is the one of unknown fate; then the one of which nothing should have been done; then nobody's.
        assert_eq!(ids, ["c1-1", "c1-3", "", "c1-2", ""]);
    }
}
