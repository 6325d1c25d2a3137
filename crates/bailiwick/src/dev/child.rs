//! One node of a `dev` cell: a process, its log, and where it listens.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child as Process, ChildStdin, Command};

const ANNOUNCE_TIMEOUT: Duration = Duration::from_secs(30);
const END_TIMEOUT: Duration = Duration::from_secs(20);

/// A running node.
pub struct Child {
    name: String,
    command: &'static str,
    folder: PathBuf,
    config: PathBuf,
    process: Option<Process>,
    /// The child's lease on life: it ends with us, however we end. Kept apart, since waiting for a process closes the
    /// standard input that it still holds.
    lease: Option<ChildStdin>,
    said: Announcement,
}

/// What a node says first.
#[derive(Clone, Deserialize, Default)]
struct Announcement {
    endpoint: String,
    peer: Option<String>,
}

impl Child {
    /// Starts a node and waits until it listens.
    pub async fn start(
        name: &str,
        command: &'static str,
        folder: &Path,
        config: &Path,
    ) -> Result<Self, String> {
        let mut child = Child {
            name: name.to_owned(),
            command,
            folder: folder.to_owned(),
            config: config.to_owned(),
            process: None,
            lease: None,
            said: Announcement::default(),
        };
        child.restart().await?;
        Ok(child)
    }

    /// Starts the node again where it was.
    pub async fn restart(&mut self) -> Result<(), String> {
        let program =
            std::env::current_exe().map_err(|error| format!("where is the program? {error}"))?;
        let log = File::options().create(true).append(true).open(self.log());
        let log = log.map_err(|error| format!("{}: {error}", self.log().display()))?;
        let mut process = Command::new(program)
            .args([self.command, "--until-stdin-closes", "--config"])
            .arg(&self.config)
            // The allocator keeps what a burst took, instead of giving it back and taking it again, zeroed
            // (docs/adr/0007-threads-and-memory.md).
            .env("MIMALLOC_PURGE_DELAY", "-1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("{} cannot start: {error}", self.name))?;
        let mut line = String::new();
        if let Some(stdout) = process.stdout.take() {
            let mut reader = BufReader::new(stdout);
            let read = tokio::time::timeout(ANNOUNCE_TIMEOUT, reader.read_line(&mut line));
            let _ =
                read.await.map_err(|_| format!("{} does not say where it listens", self.name))?;
        }
        self.said = serde_json::from_str(&line).map_err(|_| self.last_words())?;
        if let Some(pid) = process.id() {
            let file = self.folder.join("pid");
            std::fs::write(&file, pid.to_string())
                .map_err(|error| format!("{}: {error}", file.display()))?;
        }
        self.lease = process.stdin.take();
        self.process = Some(process);
        Ok(())
    }

    /// `voter-1`
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The voter's number, or the replica's name.
    pub fn id(&self) -> &str {
        self.name.strip_prefix("voter-").unwrap_or(&self.name)
    }

    /// Where clients connect.
    pub fn endpoint(&self) -> &str {
        &self.said.endpoint
    }

    /// Where peers connect.
    pub fn peer(&self) -> Option<&str> {
        self.said.peer.as_deref()
    }

    /// The process.
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().and_then(Process::id)
    }

    /// Its log file.
    pub fn log(&self) -> PathBuf {
        self.folder.join("log")
    }

    /// Waits until the process ends, and says how; for ever when it was left dead.
    pub async fn ended(&mut self) -> String {
        match &mut self.process {
            Some(process) => match process.wait().await {
                Ok(status) => status.to_string(),
                Err(error) => error.to_string(),
            },
            None => std::future::pending().await,
        }
    }

    /// Leaves the node dead.
    pub fn leave(&mut self) {
        self.process = None;
    }

    /// Ends the node in order; kills it when that takes too long.
    pub async fn end(mut self) {
        let Some(mut process) = self.process.take() else { return };
        drop(self.lease.take());
        if tokio::time::timeout(END_TIMEOUT, process.wait()).await.is_err() {
            eprintln!("{} does not stop and is killed", self.name);
            let _ = process.kill().await;
        }
    }

    fn last_words(&self) -> String {
        let text = std::fs::read_to_string(self.log()).unwrap_or_default();
        let last: Vec<&str> = text.lines().rev().take(5).collect();
        let last: Vec<&str> = last.into_iter().rev().collect();
        format!(
            "{} did not start; the end of {}:\n{}",
            self.name,
            self.log().display(),
            last.join("\n")
        )
    }
}
