//! A cell of real processes: three voters and some replicas, and the links between them.

mod account;
mod settings;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use client::{Client, Credentials};
use serde_json::{Value, json};
use sim::history::Life;
use tokio::process::Command;
use tokio::sync::{Mutex, MutexGuard};
use tokio::task::JoinSet;

pub(crate) use account::{Account, Key, POLICIES};
use settings::Settings;

use crate::event::{Event, Kind};
use crate::link::Links;
use crate::node::{Announcement, Node};
use crate::recorder::Recorder;

/// The voters' numbers.
pub(crate) const VOTERS: [u64; 3] = [1, 2, 3];
/// Replicas are numbered from here.
pub(crate) const FIRST_REPLICA: u64 = 101;

/// The cell; shared by clients, nemesis and watch.
pub(crate) struct Cell {
    nodes: Vec<Member>,
    pub(crate) links: Links,
    pub(crate) recorder: Recorder,
    operator: std::sync::OnceLock<Credentials>,
}

/// A node, and what is known of it without waiting for who works on it.
struct Member {
    id: u64,
    node: Mutex<Node>,
    life: AtomicU64,
    endpoint: std::sync::OnceLock<String>,
}

/// What a cell is made of.
pub(crate) struct Plan<'a> {
    pub(crate) program: &'a Path,
    pub(crate) folder: PathBuf,
    /// The lag plan of each replica.
    pub(crate) replicas: &'a [String],
    /// Each replica follows the one before it.
    pub(crate) chain: bool,
    pub(crate) links: Links,
    pub(crate) recorder: Recorder,
}

impl Cell {
    /// Lays a cell out; nothing runs yet.
    pub(crate) fn new(plan: &Plan<'_>) -> Arc<Self> {
        let voters = VOTERS.map(|id| (id, format!("voter-{id}"), "server"));
        let replicas = (0..).zip(plan.replicas).map(|(number, _)| {
            (FIRST_REPLICA + number, format!("replica-{}", number + 1), "replica")
        });
        let nodes = voters.into_iter().chain(replicas).map(|(id, name, command)| {
            let folder = plan.folder.join(&name);
            let node = Mutex::new(Node::new(name, plan.program, command, folder));
            Member { id, node, life: AtomicU64::new(0), endpoint: std::sync::OnceLock::new() }
        });
        let (links, recorder) = (plan.links.clone(), plan.recorder.clone());
        let operator = std::sync::OnceLock::new();
        Arc::new(Cell { nodes: nodes.collect(), links, recorder, operator })
    }

    /// Starts every node and makes the cell. Proxies run on `tasks`.
    pub(crate) async fn start(
        &self,
        plan: &Plan<'_>,
        tasks: &mut JoinSet<()>,
    ) -> Result<(), String> {
        let mut settings = Settings::begin(&plan.folder, plan.replicas, plan.chain)?;
        for id in self.ids().filter(|id| settings.is_followed(*id)).collect::<Vec<_>>() {
            settings.proxies.insert(id, self.links.before(id, tasks).await?);
        }
        for member in &self.nodes {
            settings.write(member.id, &member.node.lock().await.folder)?;
            let said = self.launch(member).await?;
            settings.said(member.id, &said)?;
            // From now on at the same addresses: the others know it by them.
            settings.write(member.id, &member.node.lock().await.folder)?;
            if let Some(peer) = settings.peers.get(&member.id) {
                self.links.target(member.id, *peer);
            }
            let _ = member.endpoint.set(said.endpoint);
        }
        let made = self.initialize(plan.program, &settings).await?;
        let text = |name: &str| made["Operator"][name].as_str().unwrap_or_default().to_owned();
        let _ = self.operator.set(Credentials::new(text("AccessKeyId"), text("SecretAccessKey")));
        Ok(())
    }

    /// Makes the cell of its voters, on the command line as an operator would.
    async fn initialize(&self, program: &Path, settings: &Settings) -> Result<Value, String> {
        let mut command = Command::new(program);
        command.args(["cluster", "init", "--json", "--config"]);
        command.arg(self.member(VOTERS[0]).node.lock().await.folder.join("settings.toml"));
        for id in VOTERS {
            let peer = settings.proxies.get(&id).map(ToString::to_string).unwrap_or_default();
            command.args(["--member", &format!("{id}={peer}={}", self.endpoint(id))]);
        }
        let done = command.stdin(Stdio::null()).kill_on_drop(true).output().await;
        let done = done.map_err(|error| format!("the cell cannot be made: {error}"))?;
        if !done.status.success() {
            let said = String::from_utf8_lossy(&done.stderr);
            return Err(format!("the cell cannot be made: {}", said.trim()));
        }
        serde_json::from_slice(&done.stdout).map_err(|error| format!("the new cell said: {error}"))
    }

    /// All nodes, voters first.
    pub(crate) fn ids(&self) -> impl Iterator<Item = u64> {
        self.nodes.iter().map(|member| member.id)
    }

    pub(crate) fn replicas(&self) -> Vec<u64> {
        self.ids().filter(|id| *id >= FIRST_REPLICA).collect()
    }

    /// Where clients reach a node, as a URL.
    pub(crate) fn endpoint(&self, id: u64) -> String {
        self.member(id).endpoint.get().cloned().unwrap_or_default()
    }

    /// The life that a node is in.
    pub(crate) fn life(&self, id: u64) -> Life {
        Life { node: id, nth: self.member(id).life.load(Ordering::SeqCst) }
    }

    /// A client of one node with the operator's credential.
    pub(crate) fn operator(&self, id: u64, deadline: Duration) -> Result<Client, String> {
        let client = Client::new(&[self.endpoint(id)], self.operator.get().cloned());
        Ok(client.map_err(|error| error.to_string())?.with_deadline(deadline))
    }

    /// A node, for whoever does something to it.
    pub(crate) async fn node(&self, id: u64) -> MutexGuard<'_, Node> {
        self.member(id).node.lock().await
    }

    /// Starts a node that does not run; nothing if it does.
    pub(crate) async fn revive(&self, id: u64) -> Result<(), String> {
        if self.node(id).await.runs() {
            return Ok(());
        }
        self.launch(self.member(id)).await.map(drop)
    }

    async fn launch(&self, member: &Member) -> Result<Announcement, String> {
        let mut node = member.node.lock().await;
        // A new life begins before anything of it can be heard.
        let life = member.life.fetch_add(1, Ordering::SeqCst) + 1;
        let said = node.start(|pid| self.links.process(pid, member.id)).await;
        let out = said.as_ref().map_or_else(|error| json!({"error": error}), |_| json!("started"));
        let mut event = Event::new("cell", Kind::Node).at(member.id).op("start", Value::Null);
        (event.life, event.out) = (Some(life), out);
        self.recorder.write(event);
        said
    }

    /// Ends every node in order, so that what their logs hold can be read.
    pub(crate) async fn end(&self) {
        for member in &self.nodes {
            let mut node = member.node.lock().await;
            if node.runs() {
                let _ = node.end().await;
            }
        }
    }

    fn member(&self, id: u64) -> &Member {
        let found = self.nodes.iter().find(|member| member.id == id);
        // INVARIANT: ids come from the cell itself.
        found.expect("a node of this cell")
    }
}
