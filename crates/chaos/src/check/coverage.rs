//! Coverage: a fault that did nothing shows nothing.

use std::collections::BTreeSet;

use super::Found;
use crate::event::{Event, Kind};

pub(super) fn happened(events: &[Event]) -> Found {
    let mut found = Vec::new();
    let of = |kind| {
        let lines =
            events.iter().filter(move |event| event.kind == kind && event.proc == "nemesis");
        lines.map(|event| (event.id.as_str(), event.op.as_str())).collect::<BTreeSet<_>>()
    };
    let (faults, bit, skipped) = (of(Kind::Fault), of(Kind::Evidence), of(Kind::Skip));
    for (id, op) in faults.difference(&bit) {
        found.push(format!("{id}: the fault `{op}` did nothing that could be seen"));
    }
    let meta = events.iter().find(|event| event.kind == Kind::Meta);
    let planned = meta.and_then(|event| event.args["scenario"]["fault"].as_array());
    for (place, fault) in planned.into_iter().flatten().enumerate() {
        let began = |(id, _): &(&str, &str)| {
            id.strip_prefix(&format!("f{place}"))
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        if !faults.iter().chain(&skipped).any(began) {
            found.push(format!("the fault {} never began", fault["kind"]));
        }
    }
    for event in events.iter().filter(|event| event.proc == "nemesis" && event.kind == Kind::Fail) {
        found.push(event.out.as_str().unwrap_or_default().to_owned());
    }
    (faults.len(), found)
}
