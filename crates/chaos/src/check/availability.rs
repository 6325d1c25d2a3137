//! C14: an idle run shows nothing, and a cell that was mended serves again.

use std::collections::BTreeMap;

use super::Found;
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

fn is_client(event: &Event) -> bool {
    event.proc.starts_with('c') && event.proc != "cell"
}
