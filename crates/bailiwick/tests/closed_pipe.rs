//! Whoever reads only the beginning of an answer gets it, and no complaint.

use std::io::Write;
use std::process::{Command, Stdio};

#[test]
fn a_reader_who_leaves_ends_the_program_quietly() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_bailiwick"));
    program.args(["iam", "--help"]).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut program = program.spawn().unwrap();
    // Before the program has come as far as its first line; if it has not, there is nothing to complain about.
    drop(program.stdout.take());
    let ended = program.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
    assert!(ended.status.success(), "{}", ended.status);
}

#[test]
fn a_validated_policy_is_not_complained_about_to_nobody() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_bailiwick"));
    program.args(["policy", "validate", "-"]);
    program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut program = program.spawn().unwrap();
    drop(program.stdout.take());
    // It says nothing before it has the policy.
    let policy = br#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}"#;
    program.stdin.take().unwrap().write_all(policy).unwrap();
    let ended = program.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
    assert!(ended.status.success(), "{}", ended.status);
}
