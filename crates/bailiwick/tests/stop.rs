//! A node that is asked to end ends, though the parent that it watches lives on.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Killed with the test, whatever happens.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn sigterm_ends_a_node_whose_standard_input_stays_open() {
    let folder = tempfile::tempdir().unwrap();
    let (key, config) = (folder.path().join("master.key"), folder.path().join("voter.toml"));
    std::fs::write(&key, "0123456789abcdef".repeat(4)).unwrap();
    let settings = format!(
        "id = 1\ndata = {:?}\nlisten = \"127.0.0.1:0\"\npeer_listen = \"127.0.0.1:0\"\nmaster_key_file = {key:?}\n",
        folder.path().join("data")
    );
    std::fs::write(&config, settings).unwrap();
    let mut node = Command::new(env!("CARGO_BIN_EXE_bailiwick"));
    node.args(["server", "--until-stdin-closes", "--config"]).arg(&config);
    let node = node.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
    let mut node = Process(node.unwrap());
    let mut line = String::new();
    BufReader::new(node.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("endpoint"), "the node said `{line}`");
    let asked = Command::new("kill").arg(node.0.id().to_string()).status().unwrap();
    assert!(asked.success());
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        if let Some(ended) = node.0.try_wait().unwrap() {
            assert!(ended.success(), "{ended}");
            return;
        }
        assert!(Instant::now() < deadline, "the node was asked to end and does not");
        std::thread::sleep(Duration::from_millis(20));
    }
}
