//! Whoever reads only the beginning of an answer gets it, and no complaint.

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
