//! Recorded logs replay to the states they once led to, forever: a node may be restarted, or join, under a newer
//! version and must come to the same state as its peers.
//!
//! A change of behaviour is gated by the stamp's feature level; it never changes how a recorded entry replays. So a
//! recorded log is never recorded again once a version that wrote such entries has been released: operations that are
//! new go into a new one (`log-v2`). Until then `BLESS=1 cargo test -p bailiwick-ops golden` records.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use model::{State, v1};
use prost::Message;
use schema::Kind;

use crate::cell::Cell;
use crate::scenario;

const LOG: &[u8] = include_bytes!("../golden/log-v1.bin");
/// A line for each entry: its revision, operation, outcome and the digest of the state after it.
const REPLAYED: &str = include_str!("../golden/log-v1.txt");
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden");
const MAX_LEN: usize = 60 * 1024;

#[test]
fn a_recorded_log_replays_to_the_same_states() {
    if is_recording() {
        return bless();
    }
    assert!(LOG.len() <= MAX_LEN, "{} bytes", LOG.len());
    let entries = entries(LOG);
    let replayed = replay(&entries);
    for (now, then) in replayed.lines().zip(REPLAYED.lines()) {
        assert_eq!(now, then, "an entry replays differently");
    }
    assert_eq!(replayed.lines().count(), REPLAYED.lines().count());
}

#[test]
fn it_holds_every_writing_operation() {
    let answered: BTreeSet<&str> = REPLAYED
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ').skip(1);
            let (operation, outcome) = (words.next()?, words.next()?);
            (outcome == "ok").then_some(operation)
        })
        .collect();
    for operation in schema::all_operations().iter().filter(|it| it.kind == Kind::Write) {
        assert!(answered.contains(operation.name), "{} is in no recorded log", operation.name);
    }
}

/// The life that the log was recorded from is still the same life: nothing is drawn from outside.
#[test]
fn a_life_lived_again_leaves_the_same_log() {
    let cell = scenario::live();
    assert!(is_recording() || record(&cell) == LOG, "record the log again, if it may be");
    assert_eq!(cell.replica.digest(), cell.state.digest());
}

fn entries(mut log: &[u8]) -> Vec<v1::Entry> {
    let mut entries = Vec::new();
    while !log.is_empty() {
        entries.push(v1::Entry::decode_length_delimited(&mut log).expect("an entry"));
    }
    entries
}

fn replay(entries: &[v1::Entry]) -> String {
    let (mut state, mut lines) = (State::default(), String::new());
    for (entry, revision) in entries.iter().zip(1..) {
        let applied = ops::apply(state, entry, revision);
        state = applied.state;
        let index = u16::try_from(entry.operation).expect("an operation's number");
        let name = schema::operation_by_index(index).expect("an operation").name;
        let outcome = applied.outcome.map_or_else(|fault| fault.code.to_string(), |_| "ok".into());
        write!(lines, "{revision} {name} {outcome} ").expect("a line");
        for byte in state.digest() {
            write!(lines, "{byte:02x}").expect("a line");
        }
        lines.push('\n');
    }
    lines
}

fn record(cell: &Cell) -> Vec<u8> {
    cell.log.iter().flat_map(|(entry, _)| entry.encode_length_delimited_to_vec()).collect()
}

fn is_recording() -> bool {
    std::env::var_os("BLESS").is_some()
}

fn bless() {
    let log = record(&scenario::live());
    let replayed = replay(&entries(&log));
    std::fs::write(format!("{FOLDER}/log-v1.bin"), log).expect("the log is written");
    std::fs::write(format!("{FOLDER}/log-v1.txt"), replayed).expect("its replay is written");
}
