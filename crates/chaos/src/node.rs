//! One node of the cell: a process that can be killed, stopped and started again where it was.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::timeout;

const ANNOUNCE_PATIENCE: Duration = Duration::from_secs(30);
const END_PATIENCE: Duration = Duration::from_secs(20);

/// A node's process, its settings and its log. Dropping it kills the process.
pub(crate) struct Node {
    /// `voter-1`, `replica-1`
    pub(crate) name: String,
    /// Which of its lives the node is in, from 1; 0 before the first.
    pub(crate) life: u64,
    /// Where it keeps its things.
    pub(crate) folder: PathBuf,
    /// What its environment has besides ours.
    pub(crate) environment: Vec<(String, String)>,
    program: PathBuf,
    command: &'static str,
    process: Option<Child>,
    /// The process ends when this closes, should it outlive us.
    lease: Option<ChildStdin>,
}

/// What a node says first.
#[derive(Clone, Deserialize, Debug)]
pub(crate) struct Announcement {
    /// Where clients connect, as a URL.
    pub(crate) endpoint: String,
    /// Where peers connect, as host:port.
    pub(crate) peer: Option<String>,
}

impl Node {
    /// A node that does not run yet; its settings are `settings.toml` in its folder.
    pub(crate) fn new(
        name: String,
        program: &Path,
        command: &'static str,
        folder: PathBuf,
    ) -> Self {
        let program = program.to_owned();
        let (process, lease, environment) = (None, None, Vec::new());
        Node { name, life: 0, folder, environment, program, command, process, lease }
    }

    /// Starts the process and waits until it listens. `started` hears of the pid at once: peers may be connected to
    /// before the process says anything.
    pub(crate) async fn start(
        &mut self,
        started: impl FnOnce(u32),
    ) -> Result<Announcement, String> {
        let log = self.folder.join("log");
        let output = File::options().create(true).append(true).open(&log);
        let output = output.map_err(|error| format!("{}: {error}", log.display()))?;
        self.life += 1;
        let mut process = Command::new(&self.program)
            .args([self.command, "--until-stdin-closes", "--config"])
            .arg(self.folder.join("settings.toml"))
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(output)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| format!("{} cannot start: {error}", self.name))?;
        if let Some(pid) = process.id() {
            started(pid);
        }
        let mut line = String::new();
        if let Some(stdout) = process.stdout.take() {
            let mut reader = BufReader::new(stdout);
            let read = timeout(ANNOUNCE_PATIENCE, reader.read_line(&mut line)).await;
            let _ = read.map_err(|_| format!("{} does not say where it listens", self.name))?;
        }
        self.lease = process.stdin.take();
        self.process = Some(process);
        serde_json::from_str(&line).map_err(|_| {
            let text = fs::read_to_string(&log).unwrap_or_default();
            let last: Vec<&str> = text.lines().rev().take(3).collect();
            format!("{} did not start: {}", self.name, last.join(" | "))
        })
    }

    /// The process, while it runs as far as we know.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.process.as_ref().and_then(Child::id)
    }

    /// Whether the process runs: it may have ended by itself.
    pub(crate) fn runs(&mut self) -> bool {
        self.process.as_mut().is_some_and(|process| matches!(process.try_wait(), Ok(None)))
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, signal: Signal) -> Result<(), String> {
        let pid = self.pid().and_then(|pid| Pid::from_raw(pid.cast_signed()));
        let pid = pid.ok_or_else(|| format!("{} does not run", self.name))?;
        kill_process(pid, signal).map_err(|error| format!("{}: {error}", self.name))
    }

    /// `kill -9`; gives how the process ended.
    pub(crate) async fn kill(&mut self) -> Result<ExitStatus, String> {
        self.lease = None;
        let mut process =
            self.process.take().ok_or_else(|| format!("{} does not run", self.name))?;
        let _ = process.start_kill();
        process.wait().await.map_err(|error| format!("{}: {error}", self.name))
    }

    /// Asks the process to end, and waits; kills it when that takes too long.
    pub(crate) async fn end(&mut self) -> Result<ExitStatus, String> {
        let _ = self.signal(Signal::CONT);
        let _ = self.signal(Signal::TERM);
        let Some(process) = &mut self.process else {
            return Err(format!("{} does not run", self.name));
        };
        match timeout(END_PATIENCE, process.wait()).await {
            Ok(ended) => {
                (self.process, self.lease) = (None, None);
                ended.map_err(|error| format!("{}: {error}", self.name))
            }
            Err(_) => {
                self.kill().await?;
                Err(format!("{} did not end within {} s", self.name, END_PATIENCE.as_secs()))
            }
        }
    }

    /// Whether the kernel says that the process is stopped (proc_pid_stat(5)).
    pub(crate) fn is_stopped(&self) -> bool {
        let Some(pid) = self.pid() else { return false };
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit(") ").next().is_some_and(|rest| rest.starts_with('T'))
    }
}
