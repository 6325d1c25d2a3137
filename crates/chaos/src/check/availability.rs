//! C14: an idle run shows nothing, a cell that was mended serves again, and a replica to whom nothing is done answers.

use std::collections::BTreeMap;

use super::Found;
use crate::cell::FIRST_REPLICA;
use crate::event::{Event, Kind};

/// Codes that no client of a run may be answered: all of them may do everything, and their keys are known everywhere
/// before they begin.
const REFUSALS: [&str; 5] = [
    "AccessDenied",
    "InvalidClientTokenId",
    "SignatureDoesNotMatch",
    "ServiceFailure",
    "MalformedInput",
];

/// How long what was done to a node may be felt after it has ended, microseconds.
const AFTERMATH_US: u64 = 2_000_000;

pub(super) fn enough(events: &[Event]) -> Found {
    let mut found = Vec::new();
    let meta = events.iter().find(|event| event.kind == Kind::Meta);
    let rate_min = meta.and_then(|event| event.args["scenario"]["rate_min"].as_f64());
    let answered = events.iter().filter(|event| is_client(event) && event.kind == Kind::Ok).count();
    let time = |name: &str| {
        let phase = events.iter().find(|event| event.kind == Kind::Phase && event.op == name);
        phase.map(|event| event.t)
    };
    match (rate_min, time("traffic"), time("calm")) {
        (Some(rate_min), Some(from), Some(to)) if to > from => {
            let rate = answered as f64 / ((to - from) as f64 / 1e6);
            if rate < rate_min {
                found.push(format!(
                    "{rate:.1} calls were answered per second; below {rate_min} a run shows nothing"
                ));
            }
        }
        _ => found.push("there was no traffic".to_owned()),
    }
    for event in events.iter().filter(|event| event.op == "recovery" && event.kind == Kind::Fail) {
        let why = event.out.as_str().unwrap_or_default();
        found.push(format!("node {}: {why}", event.node.unwrap_or(0)));
    }
    if time("converged").is_none() {
        found.push("the run did not come to its end".to_owned());
    }
    found.extend(alone(events));
    let mut refused: BTreeMap<(&str, u64), (&str, usize)> = BTreeMap::new();
    for event in events.iter().filter(|event| is_client(event)) {
        let code = event.out["fault"].as_str().unwrap_or_default();
        if REFUSALS.contains(&code) {
            let key = (code, event.node.unwrap_or(0));
            refused.entry(key).or_insert((&event.id, 0)).1 += 1;
        }
    }
    for ((code, node), (id, count)) in refused {
        found
            .push(format!("{id} was answered {code} by node {node}, as were {count} calls in all"));
    }
    (answered, found)
}

/// Static stability: eventual reads that a replica did not answer although nothing was being done to it.
fn alone(events: &[Event]) -> Vec<String> {
    let of = |kind| events.iter().filter(move |event| event.kind == kind);
    let mut done: Vec<(u64, u64, &Event)> = Vec::new();
    for fault in of(Kind::Fault) {
        let healed = of(Kind::Heal).find(|event| event.id == fault.id);
        done.push((fault.t, healed.map_or(u64::MAX, |event| event.t + AFTERMATH_US), fault));
    }
    let begun: BTreeMap<&str, &Event> =
        of(Kind::Invoke).map(|event| (event.id.as_str(), event)).collect();
    let mut found = Vec::new();
    for event in of(Kind::Fail).filter(|event| is_client(event)) {
        let (Some(begin), Some(node)) = (begun.get(event.id.as_str()), event.node) else {
            continue;
        };
        let suffers = done.iter().any(|(from, to, fault)| {
            let targets = fault.args["targets"].as_array();
            let target = targets.is_some_and(|targets| targets.iter().any(|it| *it == node));
            target && *from < event.t && begin.t < *to
        });
        if begin.mode == "eventual" && node >= FIRST_REPLICA && !suffers {
            found.push(format!(
                "{} was not answered by replica {node}, to whom nothing was done: {}",
                event.id, event.out
            ));
        }
    }
    found
}

fn is_client(event: &Event) -> bool {
    event.proc.starts_with('c') && event.proc != "cell"
}
