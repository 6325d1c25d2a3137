//! Histories with one thing wrong, for each check: what a checker cannot find, it does not check.

use serde_json::{Value, json};

use super::{Verdict, judge};
use crate::event::Event;

/// A short history in which everything holds: two writes, one of unknown fate, reads of every mode, a fault, a
/// revocation.
fn good() -> Vec<Value> {
    vec![
        json!({"t": 0, "proc": "run", "kind": "meta", "args": {
            "lags_ms": {"101": 50},
            "scenario": {"rate_min": 1.0, "fault": [{"kind": "kill"}],
                "revocation": {"ack": "committed", "bound_ms": 100}}}}),
        json!({"t": 1, "proc": "cell", "kind": "phase", "op": "traffic"}),
        invoke(1_000, "c1-1", "write", "create", &json!({"name": "ann", "path": "/a/"})),
        ok(2_000, "c1-1", 1, 10, &json!({"user": "/a/"})),
        invoke(3_000, "c1-2", "strong", "get", &json!("ann")),
        ok(4_000, "c1-2", 2, 10, &json!({"user": "/a/"})),
        invoke(5_000, "c2-1", "write", "delete", &json!({"name": "ann"})),
        json!({"t": 6_000, "proc": "c2", "node": 1, "life": 1, "kind": "info", "out": "gone", "id": "c2-1"}),
        json!({"t": 7_000, "proc": "nemesis", "kind": "fault", "op": "kill", "id": "f0-0"}),
        json!({"t": 7_000, "proc": "nemesis", "kind": "evidence", "op": "kill", "id": "f0-0"}),
        json!({"t": 8_000, "proc": "nemesis", "kind": "heal", "op": "kill", "id": "f0-0"}),
        // The replica begins with what it has, and shows each change 50 ms later.
        aged(invoke(9_000, "c1-3", "eventual", "get", &json!("ann")), None, 101),
        aged(ok(10_000, "c1-3", 1, 10, &json!({"user": "/a/"})), Some(9), 101),
        token(aged(invoke(90_000, "c1-4", "at-least", "list", &Value::Null), None, 101), 11),
        aged(ok(99_000, "c1-4", 1, 11, &json!({"users": {}})), Some(60), 101),
        victim(100_000, "v1-101-1", 101, "eventual", None),
        victim(101_000, "v1-101-1", 101, "", Some(json!("allowed"))),
        json!({"t": 110_000, "proc": "revoker", "node": 1, "kind": "invoke", "op": "revoke", "mode": "write",
            "args": {"principal": "victim-1"}, "id": "r1"}),
        json!({"t": 120_000, "proc": "revoker", "node": 1, "kind": "ok", "index": 12, "id": "r1",
            "out": {"propagation": ""}}),
        victim(150_000, "v1-101-2", 101, "eventual", None),
        victim(151_000, "v1-101-2", 101, "", Some(json!("allowed"))),
        victim(230_000, "v1-101-3", 101, "eventual", None),
        victim(231_000, "v1-101-3", 101, "", Some(json!({"denied": "AccessDenied"}))),
        json!({"t": 300_000, "proc": "cell", "kind": "phase", "op": "healed"}),
        json!({"t": 300_000, "proc": "cell", "kind": "phase", "op": "calm"}),
        json!({"t": 300_000, "proc": "cell", "kind": "phase", "op": "serving"}),
        json!({"t": 310_000, "proc": "cell", "kind": "state", "node": 1, "index": 12, "out": {"digest": "d"}}),
        json!({"t": 310_000, "proc": "cell", "kind": "state", "node": 2, "index": 12, "out": {"digest": "d"}}),
        json!({"t": 310_000, "proc": "cell", "kind": "phase", "op": "converged"}),
        json!({"t": 320_000, "proc": "log", "kind": "phase", "op": "log", "args": {"from": 1, "to": 12}}),
        json!({"t": 320_000, "proc": "log", "kind": "entry", "index": 10, "id": "c1-1", "args": {"client": 1}}),
        json!({"t": 320_000, "proc": "log", "kind": "entry", "index": 11, "id": "c2-1", "args": {"client": 2}}),
    ]
}

fn invoke(t: u64, id: &str, mode: &str, op: &str, args: &Value) -> Value {
    let proc = id.split('-').next().unwrap();
    json!({"t": t, "proc": proc, "node": 1, "life": 1, "kind": "invoke", "op": op, "args": args,
        "mode": mode, "id": id})
}

fn ok(t: u64, id: &str, node: u64, index: u64, out: &Value) -> Value {
    let proc = id.split('-').next().unwrap();
    json!({"t": t, "proc": proc, "node": node, "life": 1, "kind": "ok", "out": out, "index": index, "id": id})
}

fn aged(mut line: Value, age_ms: Option<u64>, node: u64) -> Value {
    line["node"] = json!(node);
    if let Some(age_ms) = age_ms {
        line["age_ms"] = json!(age_ms);
    }
    line
}

fn token(mut line: Value, revision: u64) -> Value {
    line["token"] = json!(revision);
    line
}

fn victim(t: u64, id: &str, node: u64, mode: &str, out: Option<Value>) -> Value {
    let kind = if out.is_some() { "ok" } else { "invoke" };
    json!({"t": t, "proc": "victim-1", "node": node, "kind": kind, "mode": mode, "id": id, "out": out, "index": 11})
}

fn judged(lines: Vec<Value>) -> Vec<Verdict> {
    let events: Vec<Event> =
        lines.into_iter().map(|line| serde_json::from_value(line).unwrap()).collect();
    judge(&events).unwrap()
}

/// The checks that find something once a line of the good history is changed.
fn found(change: impl FnOnce(&mut Vec<Value>)) -> Vec<&'static str> {
    let mut lines = good();
    change(&mut lines);
    let verdicts = judged(lines);
    verdicts.iter().filter(|verdict| !verdict.is_good()).map(|verdict| verdict.check).collect()
}

/// The line that ends a call, or begins it.
fn line<'a>(lines: &'a mut [Value], id: &str, kind: &str) -> &'a mut Value {
    let line = lines.iter_mut().find(|line| line["id"] == id && line["kind"] == kind);
    line.unwrap()
}

#[test]
fn in_a_good_history_everything_holds() {
    let verdicts = judged(good());
    for verdict in &verdicts {
        assert!(verdict.is_good(), "{verdict:?}");
        assert!(verdict.examined > 0, "{verdict:?}");
    }
    assert_eq!(verdicts.len(), 13);
}

#[test]
fn a_strong_read_of_the_past_is_found() {
    // It says what was true before the write that had been acknowledged.
    let found = found(|lines| {
        let read = line(lines, "c1-2", "ok");
        read["index"] = json!(9);
        read["out"] = json!({"fault": "NoSuchEntity"});
    });
    assert_eq!(found, ["C1 linearizable", "C2 black box"]);
}

#[test]
fn an_answer_that_no_order_explains_is_found_whatever_its_revision() {
    let found = found(|lines| {
        // The user was never deleted, and the read says that it was, at the revision of that.
        lines.retain(|line| line["id"] != "c2-1");
        line(lines, "c1-2", "ok")["out"] = json!({"fault": "NoSuchEntity"});
    });
    assert!(found.contains(&"C2 black box"), "{found:?}");
}

#[test]
fn a_lost_write_is_found() {
    let found = found(|lines| lines.retain(|line| line["kind"] != "entry" || line["index"] != 10));
    assert!(found.contains(&"C3 fates"), "{found:?}");
}

#[test]
fn a_write_of_nobody_is_found() {
    let found = found(|lines| line(lines, "c2-1", "entry")["id"] = json!(""));
    assert!(found.contains(&"C3 log"), "{found:?}");
}

#[test]
fn logs_that_disagree_are_found() {
    let disagree = json!({"t": 320_000, "proc": "log", "kind": "fail", "op": "disagree", "node": 2, "index": 11});
    assert_eq!(found(|lines| lines.push(disagree)), ["C3 log"]);
}

#[test]
fn a_torn_answer_is_found() {
    let found = found(|lines| line(lines, "c1-4", "ok")["out"] = json!({"users": {"ann": "/a/"}}));
    assert_eq!(found, ["C4 prefix"]);
}

#[test]
fn a_read_of_what_nobody_had_written_is_found() {
    let found = found(|lines| {
        // The unknown write began only after this read of it had ended.
        let read = line(lines, "c1-2", "ok");
        read["index"] = json!(11);
        read["out"] = json!({"fault": "NoSuchEntity"});
    });
    assert!(found.contains(&"C5 future"), "{found:?}");
}

#[test]
fn a_token_that_is_ignored_is_found() {
    let found = found(|lines| {
        let read = line(lines, "c1-4", "ok");
        read["index"] = json!(10);
        read["out"] = json!({"users": {"ann": "/a/"}});
    });
    assert_eq!(found, ["C7 sessions"]);
}

#[test]
fn a_client_that_sees_a_node_go_back_is_found() {
    let found = found(|lines| {
        let at =
            lines.iter().position(|line| line["id"] == "c1-4" && line["kind"] == "ok").unwrap();
        let back = ok(99_900, "c1-5", 101, 10, &json!({"user": "/a/"}));
        lines.insert(at + 1, aged(back, Some(95), 101));
        lines.insert(
            at + 1,
            aged(invoke(99_500, "c1-5", "eventual", "get", &json!("ann")), None, 101),
        );
    });
    assert_eq!(found, ["C7 sessions"]);
}

#[test]
fn an_age_that_is_too_small_is_found() {
    let found = found(|lines| {
        let read = line(lines, "c1-3", "ok");
        read["index"] = json!(9);
        read["out"] = json!({"fault": "NoSuchEntity"});
        // By 9 ms the write acknowledged at 2 ms was 7 ms old.
        read["age_ms"] = json!(3);
    });
    assert_eq!(found, ["C8 age"]);
}

#[test]
fn an_answer_may_travel() {
    // Made when the call began, it was 8 ms old; by its arrival it is older.
    let found = found(|lines| {
        let read = line(lines, "c1-3", "ok");
        read["index"] = json!(9);
        read["out"] = json!({"fault": "NoSuchEntity"});
        read["age_ms"] = json!(8);
        read["t"] = json!(12_000);
    });
    assert_eq!(found, [""; 0]);
}

#[test]
fn a_lag_that_is_too_short_is_found() {
    let found = found(|lines| {
        line(lines, "c1-4", "invoke")["t"] = json!(11_000);
        line(lines, "c1-4", "ok")["t"] = json!(12_000);
    });
    assert_eq!(found, ["C9 lag"]);
}

#[test]
fn a_right_that_is_honoured_after_its_revocation_is_found() {
    let allowed = json!("allowed");
    assert_eq!(found(|lines| line(lines, "v1-101-3", "ok")["out"] = allowed), ["C10 revocation"]);
    // A voter has no bound.
    let at_voter = |lines: &mut Vec<Value>| {
        line(lines, "v1-101-2", "invoke")["node"] = json!(1);
        line(lines, "v1-101-2", "ok")["node"] = json!(1);
    };
    assert_eq!(found(at_voter), ["C10 revocation"]);
    // Nor has a replica that was waited for.
    let barrier = |lines: &mut Vec<Value>| {
        lines[0]["args"]["scenario"]["revocation"]["ack"] = json!("all");
        line(lines, "r1", "ok")["out"]["propagation"] = json!("reached");
    };
    assert_eq!(found(barrier), ["C10 revocation"]);
    // A write may be asked for before, and has no place after.
    let write = |lines: &mut Vec<Value>| {
        line(lines, "v1-101-1", "invoke")["mode"] = json!("write");
        line(lines, "v1-101-1", "ok")["index"] = json!(13);
    };
    assert_eq!(found(write), ["C10 revocation"]);
}

#[test]
fn how_long_a_right_was_honoured_is_told() {
    let events: Vec<Event> =
        good().into_iter().map(|line| serde_json::from_value(line).unwrap()).collect();
    assert_eq!(super::revocation::longest_ms(&events), Some(30));
    assert_eq!(super::revocation::longest_ms(&events[..15]), None);
}

#[test]
fn a_revocation_that_nobody_tried_shows_nothing() {
    let found = found(|lines| lines.retain(|line| line["proc"] != "victim-1"));
    assert_eq!(found, ["C10 revocation"]);
}

#[test]
fn states_that_differ_are_found() {
    let last =
        |lines: &mut Vec<Value>| lines.iter().rposition(|line| line["kind"] == "state").unwrap();
    let digest = |lines: &mut Vec<Value>| {
        let at = last(lines);
        lines[at]["out"]["digest"] = json!("e");
    };
    assert_eq!(found(digest), ["C11 convergence"]);
    let behind = |lines: &mut Vec<Value>| {
        let at = last(lines);
        lines[at]["index"] = json!(11);
    };
    assert_eq!(found(behind), ["C11 convergence"]);
    let sample = json!({"t": 50, "proc": "watch", "kind": "node", "op": "status", "node": 2, "index": 12,
        "out": {"digest": "other"}});
    assert_eq!(found(|lines| lines.push(sample)), ["C11 convergence"]);
}

#[test]
fn an_idle_run_is_found() {
    let idle = |lines: &mut Vec<Value>| lines[0]["args"]["scenario"]["rate_min"] = json!(100.0);
    assert_eq!(found(idle), ["C14 availability"]);
}

#[test]
fn a_cell_that_does_not_recover_is_found() {
    let vain = json!({"t": 309_000, "proc": "cell", "kind": "fail", "op": "recovery", "node": 2, "out": "no write"});
    assert_eq!(found(|lines| lines.push(vain)), ["C14 availability"]);
}

#[test]
fn a_replica_that_does_not_answer_without_reason_is_found() {
    let silent = |targets: Value| {
        move |lines: &mut Vec<Value>| {
            line(lines, "f0-0", "fault")["args"] = json!({"targets": targets});
            let begin = invoke(7_500, "c3-1", "eventual", "list", &Value::Null);
            lines.push(aged(begin, None, 101));
            let end = json!({"t": 7_900, "proc": "c3", "node": 101, "kind": "fail", "id": "c3-1", "out": "no"});
            lines.push(end);
        }
    };
    assert_eq!(found(silent(json!([1]))), ["C14 availability"]);
    assert_eq!(found(silent(json!([101]))), [""; 0]);
}

#[test]
fn a_client_that_is_refused_is_found() {
    let refused = |lines: &mut Vec<Value>| {
        lines.push(invoke(200_000, "c3-1", "write", "delete", &json!({"name": "ann"})));
        lines.push(json!({"t": 201_000, "proc": "c3", "node": 2, "kind": "fail", "id": "c3-1",
            "out": {"fault": "AccessDenied"}}));
    };
    assert_eq!(found(refused), ["C14 availability"]);
}

#[test]
fn a_fault_that_did_nothing_is_found() {
    assert_eq!(found(|lines| lines.retain(|line| line["kind"] != "evidence")), ["faults"]);
    assert_eq!(found(|lines| lines.retain(|line| line["proc"] != "nemesis")), ["faults"]);
    let skipped = |lines: &mut Vec<Value>| {
        lines.retain(|line| line["proc"] != "nemesis");
        lines.push(json!({"t": 9, "proc": "nemesis", "kind": "skip", "op": "kill", "id": "f0", "out": "why"}));
    };
    assert_eq!(found(skipped), [""; 0]);
}

#[test]
fn lines_that_make_no_sense_are_told() {
    let mut lines = good();
    line(&mut lines, "c1-2", "ok")["index"] = Value::Null;
    let events: Vec<Event> =
        lines.into_iter().map(|line| serde_json::from_value(line).unwrap()).collect();
    assert!(judge(&events).unwrap_err().contains("c1-2"));
}

#[test]
fn a_run_that_was_interrupted_is_not_judged() {
    let mut lines = good();
    lines.retain(|line| line["proc"] != "log");
    let events: Vec<Event> =
        lines.into_iter().map(|line| serde_json::from_value(line).unwrap()).collect();
    assert!(judge(&events).unwrap_err().contains("interrupted"));
}
