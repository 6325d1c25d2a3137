//! C11: equal revisions have equal states, at any time; and in the end every node is at one revision.

use std::collections::BTreeMap;

use super::Found;
use crate::event::{Event, Kind};

pub(super) fn whole(events: &[Event]) -> Found {
    let mut found = Vec::new();
    let mut digests: BTreeMap<u64, (&str, u64)> = BTreeMap::new();
    let mut samples = 0;
    for event in events.iter().filter(|event| matches!(event.kind, Kind::Node | Kind::State)) {
        let (Some(index), Some(digest)) = (event.index, event.out["digest"].as_str()) else {
            continue;
        };
        samples += 1;
        let node = event.node.unwrap_or(0);
        let (known, by) = *digests.entry(index).or_insert((digest, node));
        if known != digest {
            found.push(format!("at revision {index} nodes {by} and {node} have different states"));
        }
    }
    let ends: Vec<&Event> = events.iter().filter(|event| event.kind == Kind::State).collect();
    if ends.is_empty() {
        found.push("nobody said where the nodes were in the end".to_owned());
    }
    for pair in ends.windows(2) {
        if pair[0].index.is_none() || pair[0].index != pair[1].index {
            found.push(format!(
                "in the end node {} is at {:?} and node {} at {:?}",
                pair[0].node.unwrap_or(0),
                pair[0].index,
                pair[1].node.unwrap_or(0),
                pair[1].index
            ));
        }
    }
    (samples, found)
}
