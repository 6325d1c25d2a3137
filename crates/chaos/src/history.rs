//! A history file as the checkers of the simulation know histories.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sim::history::{Asked, Call, Ending, History, Life, Logged, Mode, Moment};

use crate::event::{Event, Kind};

/// Reads the lines of a history.
///
/// # Errors
/// The file cannot be read, or a line is none of a history.
pub fn read(path: &Path) -> Result<Vec<Event>, String> {
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
    let lines = text.lines().enumerate();
    let events = lines.map(|(number, line)| {
        serde_json::from_str(line)
            .map_err(|error| format!("{} line {}: {error}", path.display(), number + 1))
    });
    events.collect()
}

/// The calls of clients and the log they were matched with.
///
/// # Errors
/// A line does not say what its kind must.
pub fn assemble(events: &[Event]) -> Result<History, String> {
    let mut history = History { lags: lags(events), ..History::default() };
    let mut begun: BTreeMap<&str, (Moment, &Event)> = BTreeMap::new();
    for (order, event) in (0..).zip(events) {
        let now = Moment { order, at_us: event.t };
        match event.kind {
            Kind::Invoke if is_call(event) => drop(begun.insert(&event.id, (now, event))),
            Kind::Ok | Kind::Fail | Kind::Info if is_call(event) => {
                let begin = begun.get(event.id.as_str());
                let (called, invoked) =
                    begin.ok_or_else(|| format!("{} ends and never began", event.id))?;
                history.calls.push(call(*called, invoked, now, event)?);
            }
            Kind::Entry => {
                let begin = begun.get(event.id.as_str());
                let first = begin.map_or(Moment { order: 0, at_us: 0 }, |(called, _)| *called);
                let (entry, state) = ([0; 32], [0; 32]);
                let logged = Logged { request_id: event.id.clone(), entry, state, first };
                // Whose call it was is for another check.
                if let Some(revision) = event.index.filter(|_| !event.id.is_empty()) {
                    history.log.insert(revision, logged);
                }
            }
            _ => {}
        }
    }
    Ok(history)
}

/// Whether it is a line of a client whose answers the model knows.
fn is_call(event: &Event) -> bool {
    event.proc.starts_with('c') && event.proc != "cell"
}

fn lags(events: &[Event]) -> BTreeMap<u64, Duration> {
    let meta = events.iter().find(|event| event.kind == Kind::Meta);
    let lags = meta.and_then(|event| event.args["lags_ms"].as_object());
    let lags = lags.into_iter().flatten();
    lags.filter_map(|(node, ms)| Some((node.parse().ok()?, Duration::from_millis(ms.as_u64()?))))
        .collect()
}

fn call(called: Moment, invoked: &Event, returned: Moment, event: &Event) -> Result<Call, String> {
    let id = &event.id;
    let client = event.proc.trim_start_matches('c').parse();
    let client = client.map_err(|_| format!("{id}: `{}` is no client", event.proc))?;
    let spoken = || match &invoked.args {
        Value::Null => json!({"op": invoked.op}),
        args => json!({"op": invoked.op, "args": args}),
    };
    let token = || invoked.token.ok_or_else(|| format!("{id}: no token"));
    let asked = match invoked.mode.as_str() {
        "write" => Asked::Write(decode(id, spoken())?),
        "strong" => Asked::Read(Mode::Strong, decode(id, spoken())?),
        "eventual" => Asked::Read(Mode::Eventual, decode(id, spoken())?),
        "at-least" => Asked::Read(Mode::AtLeast(token()?), decode(id, spoken())?),
        "exact" => Asked::Read(Mode::Exact(token()?), decode(id, spoken())?),
        mode => return Err(format!("{id}: `{mode}` is no mode")),
    };
    let ending = match event.kind {
        Kind::Ok => Ending::Answered {
            revision: event.index.ok_or_else(|| format!("{id}: no revision"))?,
            age_ms: event.age_ms.unwrap_or(u64::MAX),
            // No scenario has lags by class.
            reaches: None,
            said: decode(id, event.out.clone())?,
        },
        Kind::Fail => Ending::NothingDone(event.out.to_string()),
        _ => Ending::Unknown(event.out.to_string()),
    };
    let life = Life { node: event.node.unwrap_or(0), nth: event.life.unwrap_or(0) };
    // An answer travels; it was made after it was asked for, and that is all that is known.
    let made_us = called.at_us;
    Ok(Call { client, request_id: id.clone(), life, asked, called, returned, made_us, ending })
}

fn decode<T: DeserializeOwned>(id: &str, value: Value) -> Result<T, String> {
    serde_json::from_value(value).map_err(|error| format!("{id}: {error}"))
}

#[cfg(test)]
mod tests {
    use sim::world::{Question, Said};

    use super::*;

    #[test]
    fn a_call_and_its_entry_are_put_together() {
        let text = r#"{"t":0,"proc":"run","kind":"meta","args":{"lags_ms":{"101":250}}}
{"t":5,"proc":"c1","node":1,"kind":"invoke","op":"create","args":{"name":"ann","path":"/a/"},"mode":"write","id":"c1-1"}
{"t":6,"proc":"c2","node":101,"life":1,"kind":"invoke","op":"list","mode":"at-least","token":9,"id":"c2-1"}
{"t":7,"proc":"c1","node":1,"life":1,"kind":"info","out":"gone","id":"c1-1"}
{"t":9,"proc":"c2","node":101,"life":1,"kind":"ok","out":{"users":{"ann":"/a/"}},"index":9,"age_ms":3,"id":"c2-1"}
{"t":10,"proc":"log","kind":"entry","index":9,"id":"c1-1"}"#;
        let events: Vec<Event> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let history = assemble(&events).unwrap();
        assert_eq!(history.lags[&101], Duration::from_millis(250));
        assert!(matches!(history.calls[0].ending, Ending::Unknown(_)));
        let read = history.calls[1].read().unwrap();
        let users = Said::Users([("ann".to_owned(), "/a/".to_owned())].into());
        assert_eq!(read, (Mode::AtLeast(9), &Question::List, 9, 3, &users));
        assert_eq!(history.log[&9].first.at_us, 5);
        assert!(sim::check::all(&history).is_empty(), "{:?}", sim::check::all(&history));
    }
}
