//! A run's report: one HTML file that needs no network.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::cell::{FIRST_REPLICA, VOTERS};
use crate::event::{Event, Kind};
use crate::summary::Summary;

const PAGE: &str = include_str!("report/page.html");
const STYLE: &str = include_str!("report/page.css");
const SCRIPT: &str = include_str!("report/page.js");

/// The report of a run as a page of HTML.
pub fn page(events: &[Event], summary: &Summary) -> String {
    let data = data(events, summary).to_string();
    // Nothing in the data may end the script that holds it.
    let data = data.replace("</", "<\\/").replace("<!--", "<\\!--");
    let title = escape(&format!("{} · bailiwick chaos", summary.scenario));
    // The data come last: they may hold anything, also the marks of other parts.
    PAGE.replace("{title}", &title)
        .replace("{style}", STYLE)
        .replace("{script}", SCRIPT)
        .replace("{data}", &data)
}

fn data(events: &[Event], summary: &Summary) -> Value {
    let meta = events.iter().find(|event| event.kind == Kind::Meta);
    let meta = meta.map_or(Value::Null, |event| event.args.clone());
    json!({
        "summary": summary,
        "proves": meta["scenario"]["proves"],
        "nodes": nodes(&meta),
        "calls": calls(events),
        "faults": faults(events),
        "status": statuses(events),
        "lives": lives(events),
        "phases": phases(events),
    })
}

/// Number, name and lag of every node.
fn nodes(meta: &Value) -> Vec<Value> {
    let voters =
        VOTERS.into_iter().map(|id| json!({"id": id, "name": format!("voter-{id}"), "lag": 0}));
    let lags = meta["lags_ms"].as_object().into_iter().flatten();
    let replicas = lags.filter_map(|(id, lag)| {
        let id: u64 = id.parse().ok()?;
        let name = format!("replica-{}", id.saturating_sub(FIRST_REPLICA - 1));
        Some(json!({"id": id, "name": name, "lag": lag, "replica": true}))
    });
    voters.chain(replicas).collect()
}

/// Every call, from its beginning to its end.
fn calls(events: &[Event]) -> Vec<Value> {
    let mut begun: BTreeMap<&str, &Event> = BTreeMap::new();
    let mut calls = Vec::new();
    let made = |event: &&Event| {
        !event.id.is_empty() && !matches!(event.proc.as_str(), "nemesis" | "log" | "cell")
    };
    for event in events.iter().filter(made) {
        if event.kind == Kind::Invoke {
            begun.insert(&event.id, event);
            continue;
        }
        let Some(begin) = begun.get(event.id.as_str()) else { continue };
        calls.push(json!({
            "id": event.id, "who": event.proc, "node": event.node, "from": begin.t, "to": event.t,
            "kind": event.kind, "mode": begin.mode, "op": begin.op, "args": begin.args,
            "token": begin.token, "out": event.out, "index": event.index, "age": event.age_ms,
            "via": begin.out["protocol"],
        }));
    }
    calls
}

/// Every time that something was broken, from its beginning to its end.
fn faults(events: &[Event]) -> Vec<Value> {
    let of = |kind| events.iter().filter(move |event| event.kind == kind);
    let last = events.last().map_or(0, |event| event.t);
    let faults = of(Kind::Fault).map(|fault| {
        let heal = of(Kind::Heal).find(|event| event.id == fault.id);
        let bit: Vec<&Value> =
            of(Kind::Evidence).filter(|it| it.id == fault.id).map(|it| &it.out).collect();
        json!({
            "id": fault.id, "op": fault.op, "from": fault.t, "to": heal.map_or(last, |it| it.t),
            "targets": fault.args["targets"], "evidence": bit,
        })
    });
    faults.collect()
}

/// What each node said of itself, by node: time, what it showed, what it knew to be committed, age, term, role.
fn statuses(events: &[Event]) -> BTreeMap<u64, Vec<Value>> {
    let mut statuses: BTreeMap<u64, Vec<Value>> = BTreeMap::new();
    for event in events.iter().filter(|event| event.op == "status") {
        let node = event.node.unwrap_or(0);
        statuses.entry(node).or_default().push(json!([
            event.t,
            event.index,
            event.out["commit"],
            event.age_ms,
            event.term,
            event.args["role"]
        ]));
    }
    statuses
}

fn lives(events: &[Event]) -> Vec<Value> {
    let starts = events.iter().filter(|event| event.kind == Kind::Node && event.op == "start");
    starts.map(|event| json!([event.t, event.node, event.life])).collect()
}

fn phases(events: &[Event]) -> Vec<Value> {
    let phases = events.iter().filter(|event| event.kind == Kind::Phase && event.op != "log");
    let mut known = BTreeSet::new();
    phases.filter(|event| known.insert(&event.op)).map(|it| json!([it.t, it.op])).collect()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_stands_alone_and_nothing_breaks_out_of_it() {
        let mut meta = Event::new("run", Kind::Meta);
        meta.args = json!({
            "name": "n", "seed": 1, "again": "</script><script>alert(1)</script>",
            "scenario": {"title": "<b>", "rate_min": 1.0}, "lags_ms": {"101": 5},
        });
        let mut begin = Event::new("c1", Kind::Invoke).at(1).op("list", Value::Null);
        (begin.id, begin.mode) = ("c1-1".to_owned(), "strong".to_owned());
        let mut end = Event::new("c1", Kind::Ok).at(1);
        (end.id, end.index, end.out) = ("c1-1".to_owned(), Some(7), json!({"users": {}}));
        let log = Event::new("log", Kind::Phase).op("log", Value::Null);
        let events = [meta, begin, end, log];
        let page = page(&events, &Summary::of(&events).unwrap());
        assert!(!page.contains("alert(1)</script>"));
        assert_eq!(page.matches("</script>").count(), 2);
        assert!(!page.contains("://"), "it names an address");
        assert!(page.contains("replica-1") && page.contains("c1-1"));
        let held =
            page.split("id=\"data\">").nth(1).and_then(|rest| rest.split("</script>").next());
        let data: Value = serde_json::from_str(held.unwrap()).unwrap();
        assert_eq!(data["calls"][0]["index"], 7);
    }
}
