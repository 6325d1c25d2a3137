//! C10: what was revoked is honoured by nobody, from the acknowledgement on, or from the bound on where replicas were
//! not waited for.

use std::collections::BTreeMap;

use super::Found;
use crate::cell::FIRST_REPLICA;
use crate::event::{Event, Kind};

/// A revocation that was acknowledged.
struct Revoked<'a> {
    by: &'a str,
    revision: u64,
    at_us: u64,
    /// Every replica was waited for.
    everywhere: bool,
}

pub(super) fn honoured(events: &[Event]) -> Found {
    let mut found = Vec::new();
    let meta = events.iter().find(|event| event.kind == Kind::Meta);
    let Some(wanted) = meta.map(|event| &event.args["scenario"]["revocation"]) else {
        return (0, found);
    };
    if wanted.is_null() {
        return (0, found);
    }
    let bound_us = wanted["bound_ms"].as_u64().unwrap_or(0) * 1000;
    let begun: BTreeMap<&str, &Event> =
        invocations(events).map(|event| (event.id.as_str(), event)).collect();
    let revoked = revocations(events, &begun, wanted["ack"].as_str() == Some("all"));
    let mut judged: BTreeMap<&str, usize> = BTreeMap::new();
    for event in events.iter().filter(|event| event.proc.starts_with("victim-")) {
        let (Some(begin), Some(revoked)) =
            (begun.get(event.id.as_str()), revoked.get(event.proc.as_str()))
        else {
            continue;
        };
        if event.kind != Kind::Ok {
            continue;
        }
        let node = event.node.unwrap_or(0);
        let replica = node >= FIRST_REPLICA;
        let writes = begin.mode == "write";
        let bound_us = if replica && !revoked.everywhere && !writes { bound_us } else { 0 };
        let due = revoked.at_us + bound_us;
        if begin.t < due {
            continue;
        }
        *judged.entry(event.proc.as_str()).or_default() += 1;
        if event.out == "allowed" {
            found.push(format!(
                "{} was allowed at node {node} (revision {}), {} ms after {} had revoked it at revision {}",
                event.id,
                event.index.unwrap_or(0),
                (begin.t - revoked.at_us) / 1000,
                revoked.by,
                revoked.revision
            ));
        }
    }
    // A write has its place in history: whenever it was asked for, it may not come after the revocation.
    for event in events.iter().filter(|event| event.kind == Kind::Ok && event.out == "allowed") {
        let writes = begun.get(event.id.as_str()).is_some_and(|begin| begin.mode == "write");
        let Some(revoked) = revoked.get(event.proc.as_str()).filter(|_| writes) else { continue };
        if let Some(index) = event.index.filter(|index| *index > revoked.revision) {
            found.push(format!(
                "{} wrote at revision {index}, after {} had revoked it at {}",
                event.id, revoked.by, revoked.revision
            ));
        }
    }
    if judged.is_empty() {
        found.push("nobody used a right that had been taken away: this shows nothing".to_owned());
    }
    (judged.values().sum(), found)
}

/// How long after its acknowledgement a revocation was still not honoured somewhere, milliseconds; nothing when nobody
/// revoked anything.
pub(crate) fn longest_ms(events: &[Event]) -> Option<u64> {
    let begun: BTreeMap<&str, &Event> =
        invocations(events).map(|event| (event.id.as_str(), event)).collect();
    let revoked = revocations(events, &begun, false);
    let allowed = events.iter().filter(|event| event.kind == Kind::Ok && event.out == "allowed");
    let after = allowed.filter_map(|event| {
        let (begin, revoked) = (begun.get(event.id.as_str())?, revoked.get(event.proc.as_str())?);
        begin.t.checked_sub(revoked.at_us)
    });
    let longest_us = after.max().unwrap_or(0);
    (!revoked.is_empty()).then_some(longest_us / 1000)
}

fn invocations(events: &[Event]) -> impl Iterator<Item = &Event> {
    events.iter().filter(|event| event.kind == Kind::Invoke)
}

/// Acknowledged revocations, by whose rights they took.
fn revocations<'a>(
    events: &'a [Event],
    begun: &BTreeMap<&str, &'a Event>,
    all: bool,
) -> BTreeMap<&'a str, Revoked<'a>> {
    let lines = events.iter().filter(|event| event.proc == "revoker" && event.kind == Kind::Ok);
    let revoked = lines.filter_map(|event| {
        let begin = begun.get(event.id.as_str())?;
        let principal = begin.args["principal"].as_str()?;
        let everywhere = all && event.out["propagation"] == "reached";
        let revision = event.index?;
        Some((principal, Revoked { by: &event.id, revision, at_us: event.t, everywhere }))
    });
    revoked.collect()
}
