//! After the faults: everything is mended, and then the cell must live up to it.

use std::path::Path;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};
use sim::history::{Asked, Mode};
use sim::world::{Question, Write};
use tokio::time::{Instant, sleep};

use crate::cell::{Cell, VOTERS};
use crate::event::{Event, Kind};
use crate::fates::{Sent, read_log};
use crate::watch;
use crate::workload::{Client, PATH};

const PAUSE: Duration = Duration::from_millis(50);

/// Ends all bad weather and starts whoever is down.
pub(crate) async fn heal(cell: &Cell) {
    cell.links.heal();
    for id in cell.ids() {
        let _ = cell.node(id).await.signal(Signal::CONT);
    }
    phase(cell, "healed");
}

/// A write and a strong read that sees it at every node; then one state everywhere. Gives what was in vain.
pub(crate) async fn recover(cell: &Cell, client: &mut Client, patience: Duration) {
    let deadline = Instant::now() + patience;
    for id in cell.ids() {
        let mut last = Ok(());
        while Instant::now() < deadline {
            last = cell.revive(id).await;
            if last.is_ok() {
                break;
            }
            sleep(PAUSE).await;
        }
        if let Err(error) = last {
            vain(cell, id, error);
        }
    }
    for id in cell.ids() {
        let (name, path) = (format!("last-{id}"), format!("{PATH}last-{id}/"));
        let write = Asked::Write(Write::Create { name: name.clone(), path });
        let read = Asked::Read(Mode::Strong, Question::Get(name));
        for (what, asked) in [("write", write), ("strong read", read)] {
            let mut answered = false;
            while !answered && Instant::now() < deadline {
                answered = client.ask(id, asked.clone()).await;
                if !answered {
                    sleep(PAUSE).await;
                }
            }
            if !answered {
                vain(cell, id, format!("no {what} in time"));
            }
        }
    }
    phase(cell, "serving");
    converge(cell, deadline).await;
}

/// Waits until every node is at one revision, and writes down where each of them is.
async fn converge(cell: &Cell, deadline: Instant) {
    loop {
        let asked = cell
            .ids()
            .map(|id| async move { (id, watch::ask(cell, id, Duration::from_secs(2)).await) });
        let told = futures::future::join_all(asked).await;
        let first = told.first().and_then(|(_, status)| status.clone());
        let same = told.iter().all(|(_, status)| {
            status.as_ref().map(|it| (it.applied_revision, &it.digest))
                == first.as_ref().map(|it| (it.applied_revision, &it.digest))
        });
        if (same && first.is_some()) || Instant::now() >= deadline {
            for (id, status) in told {
                let mut event = Event::new("cell", Kind::State).at(id);
                if let Some(status) = status {
                    event.index = Some(status.applied_revision);
                    event.out = json!({"digest": status.digest});
                }
                cell.recorder.write(event);
            }
            phase(cell, "converged");
            return;
        }
        sleep(PAUSE).await;
    }
}

/// Reads the logs of the voters, which have ended, and matches them with what clients sent.
///
/// # Errors
/// A log cannot be read.
pub(crate) async fn read_logs(cell: &Cell, sent: &Sent, folder: &Path) -> Result<(), String> {
    let events = cell.recorder.finish()?;
    let ends = events.iter().filter(|event| event.kind == Kind::State);
    // What all voters hold by now is committed.
    let newest = ends.filter_map(|event| event.index).min().unwrap_or(0);
    let mut told = std::collections::BTreeMap::new();
    let mut open = Vec::new();
    for event in events.iter().filter(|event| event.proc.starts_with('c') && !event.id.is_empty()) {
        if !event.req_id.is_empty() {
            told.insert(event.req_id.clone(), event.id.clone());
        }
        if event.kind == Kind::Info {
            open.push(event.id.clone());
        }
    }
    let mut longest: Option<(u64, std::collections::BTreeMap<u64, _>)> = None;
    for id in VOTERS {
        let log = folder.join(format!("voter-{id}")).join("data").join("log");
        let (start, entries) = read_log(&log, newest)?;
        if let Some((known_start, known)) = &longest {
            let from = start.max(*known_start);
            let differs = (from..=newest).find(|index| known.get(index) != entries.get(index));
            if let Some(index) = differs {
                let mut event = Event::new("log", Kind::Fail).at(id).op("disagree", Value::Null);
                event.index = Some(index);
                cell.recorder.write(event);
            }
        }
        if longest.as_ref().is_none_or(|(known, _)| start < *known) {
            longest = Some((start, entries));
        }
    }
    let (start, log) = longest.unwrap_or_default();
    let mut event = Event::new("log", Kind::Phase).op("log", json!({"from": start, "to": newest}));
    event.out = json!({"entries": log.len()});
    cell.recorder.write(event);
    for event in sent.match_log(&log, &told, &open) {
        cell.recorder.write(event);
    }
    Ok(())
}

fn phase(cell: &Cell, name: &str) {
    cell.recorder.write(Event::new("cell", Kind::Phase).op(name, Value::Null));
}

fn vain(cell: &Cell, node: u64, why: String) {
    let mut event = Event::new("cell", Kind::Fail).at(node).op("recovery", Value::Null);
    event.out = json!(why);
    cell.recorder.write(event);
}
