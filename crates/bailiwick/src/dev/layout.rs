//! Where a `dev` cell keeps what: one folder a node, the master key and the cell file beside them.

use std::fs::{self, File};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use door::{MasterKey, SystemEntropy};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cell_file::{CellFile, write_private};
use crate::config::{
    Defaults, HistoryConfig, LogConfig, OnStale, PeerAddress, RaftConfig, ReplicaConfig,
    ServerConfig,
};

/// Voters of a cell.
pub const VOTERS: u8 = 3;
/// Replicas are numbered from here, voters from one.
const FIRST_REPLICA_ID: u64 = 100;
/// The ports people get to remember, when they are free.
const FIRST_PORT: u16 = 7400;

/// The folder of a cell, ours alone while we run.
pub struct Layout {
    data: PathBuf,
    /// Whether to try the ports that people remember.
    fixed_ports: bool,
    replicas: u8,
    _lock: File,
}

impl Layout {
    /// Opens the folder, making it and the master key where they are not there.
    pub fn open(data: &Path, fixed_ports: bool, replicas: u8) -> Result<Self, String> {
        let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", data.display());
        fs::create_dir_all(data).map_err(|error| wrong(&error))?;
        let data = data.canonicalize().map_err(|error| wrong(&error))?;
        let lock = File::options().create(true).truncate(false).write(true).open(data.join("lock"));
        let lock = lock.map_err(|error| wrong(&error))?;
        lock.try_lock().map_err(|_| wrong(&"another `bailiwick dev` runs in this folder"))?;
        let layout = Layout { data, fixed_ports, replicas, _lock: lock };
        if !layout.master_key().exists() {
            let key = MasterKey::generate(&SystemEntropy);
            write_private(&layout.master_key(), format!("{}\n", key.as_str()).as_bytes())?;
        }
        Ok(layout)
    }

    /// The folder.
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// How many replicas there are beside the voters.
    pub fn replicas(&self) -> u8 {
        self.replicas
    }

    /// The master key's file.
    pub fn master_key(&self) -> PathBuf {
        self.data.join("master.key")
    }

    /// The cell file that the cell keeps for itself.
    pub fn cell_file(&self) -> PathBuf {
        self.data.join("cell.json")
    }

    /// A node's folder.
    pub fn node(&self, name: &str) -> PathBuf {
        self.data.join(name)
    }

    /// What is known of the cell, when it was made before.
    pub fn cell(&self) -> Result<Option<CellFile>, String> {
        let file = self.cell_file();
        if file.exists() { CellFile::read(&file).map(Some) } else { Ok(None) }
    }

    /// Writes down what is known of the cell.
    pub fn remember_cell(&self, cell: &CellFile) -> Result<(), String> {
        cell.write(&self.cell_file())
    }

    /// A voter's settings: those it ran with before, or new ones.
    pub fn voter(&self, id: u8) -> Result<PathBuf, String> {
        let folder = self.node(&format!("voter-{id}"));
        let file = folder.join("voter.toml");
        if !file.exists() {
            let config = ServerConfig {
                id: id.into(),
                data: folder.join("data"),
                threads: Some(self.fair_threads()),
                listen: self.address(FIRST_PORT + u16::from(id)),
                peer_listen: local(0),
                endpoint: None,
                peer_address: None,
                master_key_file: self.master_key(),
                zone: String::new(),
                on_stale: OnStale::default(),
                defaults: Defaults::default(),
                history: HistoryConfig::default(),
                tls: None,
                seeds: Vec::new(),
                raft: RaftConfig::default(),
                log: LogConfig::default(),
            };
            write(&folder, &file, &config)?;
        }
        Ok(file)
    }

    /// Keeps the ports that a voter got: its peers know it by them.
    pub fn remember_voter(&self, id: u8, endpoint: &str, peer: &str) -> Result<(), String> {
        let folder = self.node(&format!("voter-{id}"));
        let file = folder.join("voter.toml");
        let mut config: ServerConfig = read(&file)?;
        config.listen = address(endpoint)?;
        config.peer_listen = address(peer)?;
        write(&folder, &file, &config)
    }

    /// A replica's settings; without a plan those it had keep theirs.
    pub fn replica(
        &self,
        number: u8,
        follow: Vec<PeerAddress>,
        is_followed: bool,
        plan: Option<&lag::Plan>,
    ) -> Result<PathBuf, String> {
        let name = format!("replica-{number}");
        let folder = self.node(&name);
        let file = folder.join("replica.toml");
        let known: Option<ReplicaConfig> = if file.exists() { Some(read(&file)?) } else { None };
        let lag = match (plan, &known) {
            (Some(plan), _) => plan.to_string(),
            (None, Some(known)) => known.lag.clone(),
            (None, None) => lag::Plan::default().to_string(),
        };
        let config = ReplicaConfig {
            id: FIRST_REPLICA_ID + u64::from(number),
            name,
            threads: Some(self.fair_threads()),
            listen: known.as_ref().map_or_else(
                || self.address(FIRST_PORT + 10 + u16::from(number)),
                |known| known.listen,
            ),
            endpoint: None,
            peer_listen: is_followed
                .then(|| known.and_then(|known| known.peer_listen).unwrap_or(local(0))),
            follow,
            master_key_file: self.master_key(),
            lag,
            zone: String::new(),
            on_stale: OnStale::default(),
            defaults: Defaults::default(),
            history: HistoryConfig::default(),
            tls: None,
            log: LogConfig::default(),
        };
        write(&folder, &file, &config)?;
        Ok(file)
    }

    /// Tells a voter, for its next start, whom to ask when its state is lost.
    pub fn remember_seeds(&self, id: u8, voters: &[PeerAddress]) -> Result<(), String> {
        let folder = self.node(&format!("voter-{id}"));
        let file = folder.join("voter.toml");
        let mut config: ServerConfig = read(&file)?;
        config.seeds = voters.iter().filter(|voter| voter.id != config.id).cloned().collect();
        write(&folder, &file, &config)
    }

    /// A replica as others follow it.
    pub fn followed(number: u8, peer: &str) -> PeerAddress {
        let id = FIRST_REPLICA_ID + u64::from(number);
        PeerAddress { id, peer_address: peer.to_owned() }
    }

    /// Keeps the ports that a replica got.
    pub fn remember_replica(
        &self,
        number: u8,
        endpoint: &str,
        peer: Option<&str>,
    ) -> Result<(), String> {
        let folder = self.node(&format!("replica-{number}"));
        let file = folder.join("replica.toml");
        let mut config: ReplicaConfig = read(&file)?;
        config.listen = address(endpoint)?;
        config.peer_listen = peer.map(address).transpose()?;
        write(&folder, &file, &config)
    }

    /// The nodes of a cell on one machine share its processors.
    fn fair_threads(&self) -> NonZeroUsize {
        let processors = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
        let nodes = usize::from(VOTERS + self.replicas);
        NonZeroUsize::new(processors / nodes).unwrap_or(NonZeroUsize::MIN)
    }

    fn address(&self, port: u16) -> SocketAddr {
        let wanted = local(port);
        if self.fixed_ports && TcpListener::bind(wanted).is_ok() { wanted } else { local(0) }
    }
}

fn local(port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)
}

fn address(text: &str) -> Result<SocketAddr, String> {
    let address = text.rsplit('/').next().unwrap_or(text);
    address.parse().map_err(|_| format!("`{text}` is no address"))
}

fn read<T: DeserializeOwned>(file: &Path) -> Result<T, String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    toml::from_str(&text).map_err(|error| format!("{}: {error}", file.display()))
}

fn write(folder: &Path, file: &Path, config: &impl Serialize) -> Result<(), String> {
    fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let text = toml::to_string(config).map_err(|error| error.to_string())?;
    write_private(file, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_kept_and_a_folder_has_one_owner() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::open(folder.path(), false, 2).unwrap();
        assert!(Layout::open(folder.path(), false, 2).is_err());
        let file = layout.voter(2).unwrap();
        layout.remember_voter(2, "http://127.0.0.1:1234", "127.0.0.1:2345").unwrap();
        let config: ServerConfig = read(&file).unwrap();
        assert_eq!((config.listen.port(), config.peer_listen.port()), (1234, 2345));
        assert_eq!(layout.voter(2).unwrap(), file);
        let config: ServerConfig = read(&file).unwrap();
        assert_eq!(config.listen.port(), 1234);
    }
}
