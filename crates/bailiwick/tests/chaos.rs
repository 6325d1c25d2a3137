//! One short scenario with real processes: a leader is killed under load, and every check of the history holds.

use std::process::Command;

use serde_json::Value;

const SCENARIO: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/scenarios/leader-kill-loop.toml");

#[test]
fn a_killed_leader_costs_nothing_that_was_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("run");
    let run = Command::new(env!("CARGO_BIN_EXE_bailiwick"))
        .args(["chaos", "run", SCENARIO, "--duration", "5", "--seed", "1", "--json", "--out"])
        .arg(&out)
        .output()
        .unwrap();
    let (said, errors) =
        (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success(), "{said}\n{errors}");
    let said: Value = serde_json::from_str(&said).unwrap();
    let summary = &said["Runs"][0];
    assert!(summary["faults"]["kill"].as_u64().unwrap() >= 1, "{summary}");
    let idle = summary["checks"].as_array().unwrap().iter().find(|check| {
        // Nothing is revoked in this scenario, and no replica lags.
        let quiet = ["C9 lag", "C10 revocation"].iter().any(|name| check["check"] == *name);
        !quiet && check["examined"] == 0
    });
    assert_eq!(idle, None);
    let report = std::fs::read_to_string(out.join("report.html")).unwrap();
    assert!(report.contains("leader-kill-loop"));
    // The same history says the same again.
    let check = Command::new(env!("CARGO_BIN_EXE_bailiwick"))
        .args(["chaos", "check"])
        .arg(out.join("history.jsonl"))
        .output()
        .unwrap();
    assert!(check.status.success(), "{}", String::from_utf8_lossy(&check.stdout));
}
