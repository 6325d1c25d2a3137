//! Rounds: the cell, then the peer, then the cell again, each under the same load from the same client.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use client::Client;
use schema::cluster::v1::status_response::Role;
use schema::cluster::v1::{StatusRequest, StatusResponse};
use tokio::time::Instant;

use super::accounts::Accounts;
use super::cell::{Creates, Gets, Mode};
use super::etcd::{Members, Puts, Ranges};
use super::figures::Usage;
use super::load::{self, Load, Run};
use super::machine;

const STATUS: &str = "/bailiwick.cluster.v1.Cluster/Status";
/// A machine is quiet when everything else on it uses less than this much of one processor.
const QUIET_CORES: f64 = 0.1;
const QUIET_WINDOW: Duration = Duration::from_secs(1);

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum What {
    /// Durable writes of new things.
    Write,
    /// Reads of known things.
    Read(Mode),
}

impl What {
    /// What reads ask for.
    pub fn mode(self) -> Option<&'static str> {
        match self {
            What::Write => None,
            What::Read(mode) => Some(mode.name()),
        }
    }
}

/// Where the cell is.
#[derive(Clone, Debug)]
pub struct Cell {
    /// URLs of the voters.
    pub voters: Vec<String>,
    /// URLs of the replicas.
    pub replicas: Vec<String>,
    /// A client of the voters, in the same order, with the operator's credential.
    pub operator: Client,
}

/// One side: connections to it, and the processes it consists of.
pub struct Side {
    connections: Vec<Client>,
    servers: Vec<u32>,
    replicas: Vec<u32>,
}

impl Side {
    /// `urls`: the leader's first. Connections go round all of them.
    fn new(urls: &[String], connections: usize) -> Result<Self, String> {
        let urls = urls.iter().cycle().take(connections);
        let connections: Result<_, _> =
            urls.map(|url| Client::new(std::slice::from_ref(url), None)).collect();
        Ok(Side {
            connections: connections.map_err(|error| error.to_string())?,
            servers: Vec::new(),
            replicas: Vec::new(),
        })
    }
}

/// Both sides, ready to be measured.
pub struct Session {
    cell: Side,
    /// Accounts made so far; to be deleted in the end, whatever happens.
    pub accounts: Accounts,
    gets: BTreeMap<Mode, Arc<Gets>>,
    peer: Option<Peer>,
}

struct Peer {
    side: Side,
    /// Of the next key to put.
    next: Arc<AtomicU64>,
    /// Those that are serializable, and those that are not.
    ranges: BTreeMap<bool, Arc<Ranges>>,
}

impl Session {
    /// Connects to the cell: to its voters, or to its replicas.
    ///
    /// # Errors
    /// No voter leads, or there is no replica.
    pub async fn new(cell: &Cell, connections: usize, at_replicas: bool) -> Result<Self, String> {
        let mut voters = cell.voters.clone();
        voters.swap(0, leader(&cell.operator).await?);
        if at_replicas && cell.replicas.is_empty() {
            return Err("the cell has no replica".to_owned());
        }
        let mut side = Side::new(if at_replicas { &cell.replicas } else { &voters }, connections)?;
        side.servers = pids(&voters);
        side.replicas = pids(&cell.replicas);
        let accounts = Accounts::new(cell.operator.clone());
        Ok(Session { cell: side, accounts, gets: BTreeMap::new(), peer: None })
    }

    /// Adds the peer, over as many connections.
    ///
    /// # Errors
    /// Its URLs cannot be read.
    pub fn add_peer(&mut self, members: &Members) -> Result<(), String> {
        let mut side = Side::new(&members.endpoints, self.cell.connections.len())?;
        side.servers = members.pids();
        self.peer = Some(Peer { side, next: Arc::default(), ranges: BTreeMap::new() });
        Ok(())
    }

    /// Whether the peer's folder lies on the disk that a voter writes to, where that can be told.
    pub fn shares_disk(&self, folder: &Path) -> Option<bool> {
        machine::writes_beside(*self.cell.servers.first()?, folder)
    }

    /// One round of the cell.
    ///
    /// # Errors
    /// A call fails.
    pub async fn cell(&mut self, what: What, load: Load) -> Result<Run<Usage>, String> {
        let What::Read(mode) = what else {
            let target = Creates::new(&self.cell.connections, &mut self.accounts, load).await?;
            return load::run(&target, load, || self.usage(&self.cell)).await;
        };
        let target = match self.gets.get(&mode) {
            Some(gets) => Arc::clone(gets),
            None => Gets::new(&self.cell.connections, &mut self.accounts, mode).await?,
        };
        self.gets.insert(mode, Arc::clone(&target));
        load::run(&target, load, || self.usage(&self.cell)).await
    }

    /// One round of the peer, when there is one.
    ///
    /// # Errors
    /// A call fails.
    pub async fn peer(&mut self, what: What, load: Load) -> Result<Option<Run<Usage>>, String> {
        let Some(peer) = &mut self.peer else { return Ok(None) };
        let connections = peer.side.connections.clone();
        let What::Read(mode) = what else {
            let target = Arc::new(Puts::new(connections, Arc::clone(&peer.next)));
            let Some(peer) = &self.peer else { return Ok(None) };
            return load::run(&target, load, || self.usage(&peer.side)).await.map(Some);
        };
        let serializable = mode != Mode::Strong;
        let target = match peer.ranges.get(&serializable) {
            Some(ranges) => Arc::clone(ranges),
            None => Arc::new(Ranges::new(connections, serializable).await?),
        };
        peer.ranges.insert(serializable, Arc::clone(&target));
        let Some(peer) = &self.peer else { return Ok(None) };
        load::run(&target, load, || self.usage(&peer.side)).await.map(Some)
    }

    /// Waits until nothing else uses the machine, but no longer than `limit`.
    pub async fn quiet(&self, limit: Duration) {
        let deadline = Instant::now() + limit;
        while Instant::now() < deadline {
            let Some(before) = self.usage(&self.cell).others else { return };
            tokio::time::sleep(QUIET_WINDOW).await;
            let Some(after) = self.usage(&self.cell).others else { return };
            let used = after.saturating_sub(before).as_secs_f64();
            if used < QUIET_CORES * QUIET_WINDOW.as_secs_f64() {
                return;
            }
        }
    }

    fn usage(&self, side: &Side) -> Usage {
        let client = machine::process_time(std::process::id());
        let sides = [Some(&self.cell), self.peer.as_ref().map(|peer| &peer.side)];
        let ours: Option<Duration> = sides
            .into_iter()
            .flatten()
            .map(|side| Some(sum(&side.servers)? + sum(&side.replicas).unwrap_or_default()))
            .sum();
        let others = machine::machine_time()
            .zip(ours)
            .zip(client)
            .map(|((machine, ours), client)| machine.saturating_sub(ours + client));
        Usage { servers: sum(&side.servers), replicas: sum(&side.replicas), client, others }
    }
}

/// Of all the processes; nothing when there are none, or one cannot be asked.
fn sum(pids: &[u32]) -> Option<Duration> {
    if pids.is_empty() { None } else { pids.iter().map(|pid| machine::process_time(*pid)).sum() }
}

/// Where the leader stands among the client's nodes.
pub async fn leader(operator: &Client) -> Result<usize, String> {
    let mut why = "it has none".to_owned();
    for (at, (_, node)) in operator.each().enumerate() {
        match node.send::<_, StatusResponse>(STATUS, &StatusRequest {}, true).await {
            Ok(status) if status.message.role() == Role::Leader => return Ok(at),
            Ok(_) => {}
            Err(error) => why = error.to_string(),
        }
    }
    Err(format!("the cell's leader is not among its endpoints: {why}"))
}

/// The processes on this machine that listen where some URLs point.
pub fn pids(urls: &[String]) -> Vec<u32> {
    let ports: Vec<u16> = urls
        .iter()
        .filter_map(|url| url.trim_end_matches('/').rsplit_once(':')?.1.parse().ok())
        .collect();
    let found = machine::listeners(&ports);
    let mut pids: Vec<u32> = found.values().copied().collect();
    pids.sort_unstable();
    pids.dedup();
    // Half of a cell's processor time is nobody's figure.
    if found.len() == urls.len() { pids } else { Vec::new() }
}
