//! Three `bailiwick server` processes on loopback, killed with the test whatever happens.
#![allow(dead_code, reason = "a helper of several tests")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use client::{Client, Credentials};
use schema::cluster::v1::{StatusRequest, StatusResponse};
use serde_json::Value;

const PROGRAM: &str = env!("CARGO_BIN_EXE_bailiwick");

/// Waits for a condition, with a deadline.
pub async fn wait_for<F: Future<Output = bool>>(what: &str, condition: impl Fn() -> F) {
    let began = Instant::now();
    while !condition().await {
        assert!(began.elapsed() < Duration::from_secs(60), "waited in vain until {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A voter's process and where it listens.
struct Voter {
    config: PathBuf,
    process: Option<Child>,
    endpoint: String,
    peer: String,
}

impl Drop for Voter {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.take() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// Three voters and the operator's credential.
pub struct Cell {
    voters: Vec<Voter>,
    operator: Credentials,
    _folder: tempfile::TempDir,
}

impl Cell {
    /// Starts voters on ports of the kernel's choice, makes the cell.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("master.key"), "0123456789abcdef".repeat(4))
            .expect("a key file");
        let mut voters: Vec<Voter> = (1..=3).map(|id| Voter::start(folder.path(), id)).collect();
        for (position, voter) in voters.iter_mut().enumerate() {
            // From now on at the same address: the others know it by that.
            voter.settle(folder.path(), position + 1);
        }
        let members: Vec<String> = voters
            .iter()
            .enumerate()
            .map(|(position, voter)| format!("{}={}={}", position + 1, voter.peer, voter.endpoint))
            .collect();
        let made = init(&voters[0].config, &members);
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let operator = &made["Operator"];
        let operator =
            Credentials::new(text(&operator["AccessKeyId"]), text(&operator["SecretAccessKey"]));
        Cell { voters, operator, _folder: folder }
    }

    /// A new account: its root's key.
    pub async fn account(&self, number: usize) -> Credentials {
        let request = schema::admin::v1::CreateAccountRequest {
            email: format!("root-{number}@example.com"),
            root_access_key: true,
            ..Default::default()
        };
        let client = self.client(&self.operator, 0..3);
        let path = "/bailiwick.admin.v1.Admin/CreateAccount";
        let answer = client.send(path, &request, false).await.expect("an account");
        let made: schema::admin::v1::CreateAccountResponse = answer.message;
        Credentials::new(made.access_key_id(), made.secret_access_key())
    }

    /// A client of some voters.
    pub fn client(&self, credentials: &Credentials, nodes: std::ops::Range<usize>) -> Client {
        let urls: Vec<String> =
            self.voters[nodes].iter().map(|voter| voter.endpoint.clone()).collect();
        Client::new(&urls, Some(credentials.clone()))
            .expect("URLs")
            .with_deadline(Duration::from_secs(10))
    }

    /// What each voter says of itself; `None` where it does not answer.
    pub async fn statuses(&self) -> Vec<Option<StatusResponse>> {
        let mut statuses = Vec::new();
        for node in 0..self.voters.len() {
            let client =
                self.client(&self.operator, node..node + 1).with_deadline(Duration::from_secs(2));
            let path = "/bailiwick.cluster.v1.Cluster/Status";
            let answer = client.send::<_, StatusResponse>(path, &StatusRequest {}, true).await;
            statuses.push(answer.ok().map(|answer| answer.message));
        }
        statuses
    }

    /// `kill -9`
    pub fn kill(&mut self, node: usize) {
        if let Some(mut process) = self.voters[node].process.take() {
            process.kill().expect("it can be killed");
            process.wait().expect("it ends");
        }
    }

    /// Starts a killed voter again on its data.
    pub async fn restart(&mut self, node: usize) {
        let voter = &mut self.voters[node];
        let (process, _, _) = launch(&voter.config);
        voter.process = Some(process);
    }
}

impl Voter {
    fn start(folder: &Path, id: usize) -> Self {
        let config = folder.join(format!("voter-{id}.toml"));
        write(&config, folder, id, "127.0.0.1:0", "127.0.0.1:0");
        let (process, endpoint, peer) = launch(&config);
        Voter { config, process: Some(process), endpoint, peer }
    }

    fn settle(&mut self, folder: &Path, id: usize) {
        let listen = self.endpoint.trim_start_matches("http://").to_owned();
        write(&self.config, folder, id, &listen, &self.peer);
    }
}

fn write(config: &Path, folder: &Path, id: usize, listen: &str, peer: &str) {
    let (data, key) = (folder.join(format!("voter-{id}")), folder.join("master.key"));
    let text = format!(
        "id = {id}\ndata = {data:?}\nlisten = {listen:?}\npeer_listen = {peer:?}\nmaster_key_file = {key:?}\n\
         [log]\nlevel = \"error\"\n"
    );
    std::fs::write(config, text).expect("a settings file");
}

fn launch(config: &Path) -> (Child, String, String) {
    let mut process = Command::new(PROGRAM)
        .args(["server", "--until-stdin-closes", "--config"])
        .arg(config)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut line = String::new();
    let stdout = process.stdout.take().expect("a pipe");
    BufReader::new(stdout).read_line(&mut line).expect("a first line");
    let said: Value =
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("the voter said `{line}`"));
    let text = |name: &str| said[name].as_str().expect("a text").to_owned();
    (process, text("endpoint"), text("peer"))
}

fn init(config: &Path, members: &[String]) -> Value {
    let mut command = Command::new(PROGRAM);
    command.args(["cluster", "init", "--json", "--config"]).arg(config);
    for member in members {
        command.args(["--member", member]);
    }
    let done = command.output().expect("the program runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    serde_json::from_slice(&done.stdout).expect("JSON")
}
