//! C3, by the logs themselves: voters agree on every entry, and no entry is nobody's.

use super::Found;
use crate::event::{Event, Kind};

pub(super) fn agreed(events: &[Event]) -> Found {
    let mut found = Vec::new();
    let entries = events.iter().filter(|event| event.kind == Kind::Entry);
    let mut count = 0;
    for entry in entries {
        count += 1;
        if entry.id.is_empty() {
            let index = entry.index.unwrap_or(0);
            found.push(format!(
                "the entry at {index} (request {}) is by client {} and none of its calls",
                entry.req_id, entry.args["client"]
            ));
        }
    }
    for event in events.iter().filter(|event| event.proc == "log") {
        match (event.kind, event.op.as_str()) {
            (Kind::Fail, "disagree") => found.push(format!(
                "voter {} has another entry at {} than the voter before it",
                event.node.unwrap_or(0),
                event.index.unwrap_or(0)
            )),
            // Only what comes after the first call has to be there; a cell's own beginning may be gone.
            (Kind::Phase, "log") => {
                let from = event.args["from"].as_u64().unwrap_or(0);
                let first = events.iter().filter(|it| it.mode == "write" || it.index.is_some());
                let oldest = first.filter(|it| it.proc.starts_with('c') && it.kind == Kind::Ok);
                if oldest.filter_map(|it| it.index).min().is_some_and(|oldest| oldest < from) {
                    found.push(format!("the logs go back only to {from}: the run was too long"));
                }
            }
            _ => {}
        }
    }
    (count, found)
}
