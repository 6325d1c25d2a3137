//! Settings of a server and of a replica: a TOML file, then environment and flags over it.

use std::io::Write;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Settings of a voter (deploy/voter.toml explains each).
#[derive(Clone, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct ServerConfig {
    /// The voter's number, 1 or more; unique in the cell and never used again.
    pub id: u64,
    /// Folder of the log and the checkpoints.
    pub data: PathBuf,
    /// Threads that do the node's work; as many as there are processors when left out.
    pub threads: Option<NonZeroUsize>,
    /// Where clients connect.
    pub listen: SocketAddr,
    /// Where the other nodes of the cell connect.
    pub peer_listen: SocketAddr,
    /// How clients reach `listen`, as a URL; made of `listen` when left out.
    pub endpoint: Option<String>,
    /// How other nodes reach `peer_listen`, as host:port; `peer_listen` when left out.
    pub peer_address: Option<String>,
    /// File with the cell's master key: 32 bytes in hexadecimal. The same on every node.
    pub master_key_file: PathBuf,
    /// Where the node stands, for writes that wait for a zone.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub zone: String,
    /// What to do with a view that is too old to decide by.
    #[serde(default)]
    pub on_stale: OnStale,
    /// What callers get that ask for nothing.
    #[serde(default)]
    pub defaults: Defaults,
    /// How much of the past can be read.
    #[serde(default)]
    pub history: HistoryConfig,
    /// Certificate and key for clients' connections; plain when left out.
    pub tls: Option<TlsConfig>,
    /// Other voters, to ask for the state when this one's checkpoint is lost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub seeds: Vec<PeerAddress>,
    /// Timing of elections.
    #[serde(default)]
    pub raft: RaftConfig,
    /// Logging.
    #[serde(default)]
    pub log: LogConfig,
}

/// Settings of a replica (deploy/replica.toml explains each).
#[derive(Clone, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct ReplicaConfig {
    /// The replica's number, 1 or more; unique in the cell, voters included.
    pub id: u64,
    /// The replica's name, in answers and for the operator.
    pub name: String,
    /// Threads that do the node's work; as many as there are processors when left out.
    pub threads: Option<NonZeroUsize>,
    /// Where clients connect.
    pub listen: SocketAddr,
    /// How clients reach `listen`, as a URL; made of `listen` when left out.
    pub endpoint: Option<String>,
    /// Where replicas connect that follow this one; none can when left out.
    pub peer_listen: Option<SocketAddr>,
    /// The nodes it may follow and ask, voters or other replicas: number and where their peers connect.
    // Settings of earlier versions, which followed voters only.
    #[serde(alias = "voters")]
    pub follow: Vec<PeerAddress>,
    /// File with the cell's master key.
    pub master_key_file: PathBuf,
    /// The lag plan (docs/consistency.md).
    #[serde(default = "no_lag")]
    pub lag: String,
    /// Where the node stands, for writes that wait for a zone.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub zone: String,
    /// What to do with a view that is too old to decide by.
    #[serde(default)]
    pub on_stale: OnStale,
    /// What callers get that ask for nothing.
    #[serde(default)]
    pub defaults: Defaults,
    /// How much of the past can be read.
    #[serde(default)]
    pub history: HistoryConfig,
    /// Certificate and key for clients' connections; plain when left out.
    pub tls: Option<TlsConfig>,
    /// Logging.
    #[serde(default)]
    pub log: LogConfig,
}

/// What a node does with a view that is too old to decide by, when no leader can be asked (docs/consistency.md).
#[derive(Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, clap::ValueEnum, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum OnStale {
    /// Refuse, so that nothing revoked is honoured.
    #[default]
    Refuse,
    /// Answer and say so; writes that wait for all nodes do not wait for this one.
    ServeFlagged,
}

/// What callers of a node get that ask for nothing.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct Defaults {
    /// `strong`, `eventual` or `max-age=<duration>`; strong on a voter and eventual on a replica when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consistency: Option<String>,
    /// `committed`, `replicas=<number>`, `zone=<name>` or `all`; committed when left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ack: Option<String>,
}

impl Defaults {
    /// A door's options with these defaults.
    ///
    /// # Errors
    /// A value that is none.
    pub fn options(&self) -> Result<door::Options, String> {
        let mut options = door::Options::default();
        if let Some(text) = &self.consistency {
            let parsed = door::parse_consistency(text, "");
            let parsed =
                parsed.map_err(|fault| format!("`defaults.consistency`: {}", fault.message))?;
            if matches!(parsed, cluster::Consistency::AtLeast(_) | cluster::Consistency::At(_)) {
                return Err("`defaults.consistency` cannot name a revision".to_owned());
            }
            options.consistency = Some(parsed);
        }
        if let Some(text) = &self.ack {
            let parsed = door::parse_ack(text);
            options.ack = parsed.map_err(|fault| format!("`defaults.ack`: {}", fault.message))?;
        }
        Ok(options)
    }
}

/// How much of the past a node retains, to be read exactly as it was.
#[derive(Clone, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct HistoryConfig {
    /// Revisions at most; 0 retains nothing but the newest.
    pub revisions: usize,
    /// Megabytes of what they changed, at most.
    pub megabytes: usize,
}

impl Default for HistoryConfig {
    fn default() -> Self {
        HistoryConfig { revisions: 10_000, megabytes: 64 }
    }
}

impl HistoryConfig {
    /// The same in bytes.
    pub fn limits(&self) -> cluster::HistoryLimits {
        let bytes = self.megabytes.saturating_mul(1 << 20);
        cluster::HistoryLimits { revisions: self.revisions, bytes }
    }
}

/// A node as its peers reach it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct PeerAddress {
    /// The node's number.
    pub id: u64,
    /// host:port
    pub peer_address: String,
}

impl PeerAddress {
    /// The node as a member of whom nothing else is known.
    pub fn member(&self) -> cluster::Member {
        let peer_address = self.peer_address.clone();
        cluster::Member { id: self.id, peer_address, endpoint: String::new() }
    }
}

fn no_lag() -> String {
    "none".to_owned()
}

/// A certificate chain and its key, PEM.
#[derive(Clone, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct TlsConfig {
    /// The chain, leaf first.
    pub certificate_file: PathBuf,
    /// The private key.
    pub key_file: PathBuf,
}

/// Timing of elections, milliseconds. The same on every voter.
#[derive(Clone, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct RaftConfig {
    /// Pause between heartbeats.
    pub heartbeat_ms: u64,
    /// Shortest silence after which a voter stands for election.
    pub election_min_ms: u64,
    /// Longest such silence.
    pub election_max_ms: u64,
}

impl Default for RaftConfig {
    fn default() -> Self {
        RaftConfig { heartbeat_ms: 100, election_min_ms: 500, election_max_ms: 1000 }
    }
}

/// Logging.
#[derive(Clone, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields, default)]
pub struct LogConfig {
    /// `text` or `json`.
    pub format: LogFormat,
    /// `info`, or a filter such as `info,door=debug`.
    pub level: String,
}

impl Default for LogConfig {
    fn default() -> Self {
        LogConfig { format: LogFormat::Text, level: "info,openraft=warn".to_owned() }
    }
}

/// How a log line looks.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum, Debug)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// What flags and environment set over the file of a server or a replica.
#[derive(Args, Clone, Default, Debug)]
pub struct Overrides {
    /// Where clients connect, as address:port
    #[arg(long, env = "BAILIWICK_LISTEN", value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// File with the cell's master key
    #[arg(long, env = "BAILIWICK_MASTER_KEY_FILE", value_name = "FILE")]
    pub master_key_file: Option<PathBuf>,
    /// Threads that do the node's work; as many as there are processors when left out
    #[arg(long, env = "BAILIWICK_THREADS", value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// Log lines for people or for machines
    #[arg(long, env = "BAILIWICK_LOG_FORMAT", value_enum, value_name = "FORMAT")]
    pub log_format: Option<LogFormat>,
    /// Level or filter of the log, such as `info,door=debug`
    #[arg(long, env = "BAILIWICK_LOG", value_name = "FILTER")]
    pub log_level: Option<String>,
    /// End when standard input does: for a parent that must not leave orphans behind
    #[arg(long, hide = true)]
    pub until_stdin_closes: bool,
}

impl Overrides {
    fn log(&self, log: &mut LogConfig) {
        log.format = self.log_format.unwrap_or(log.format);
        if let Some(level) = &self.log_level {
            log.level.clone_from(level);
        }
    }
}

impl ServerConfig {
    /// Reads the settings.
    ///
    /// # Errors
    /// The file cannot be read, has a key that is not known, or a value that cannot be.
    pub fn load(path: &Path, overrides: &Overrides) -> Result<Self, String> {
        let mut config: Self = read(path)?;
        config.listen = overrides.listen.unwrap_or(config.listen);
        config.threads = overrides.threads.or(config.threads);
        if let Some(file) = &overrides.master_key_file {
            config.master_key_file.clone_from(file);
        }
        overrides.log(&mut config.log);
        if config.id == 0 {
            return Err(format!("{}: `id` must be 1 or more", path.display()));
        }
        if config.raft.heartbeat_ms * 2 > config.raft.election_min_ms
            || config.raft.election_min_ms >= config.raft.election_max_ms
        {
            return Err(format!(
                "{}: `raft` needs 2 × heartbeat_ms <= election_min_ms < election_max_ms",
                path.display()
            ));
        }
        Ok(config)
    }
}

impl ReplicaConfig {
    /// Reads the settings.
    ///
    /// # Errors
    /// As for [`ServerConfig::load`].
    pub fn load(path: &Path, overrides: &Overrides) -> Result<Self, String> {
        let mut config: Self = read(path)?;
        config.listen = overrides.listen.unwrap_or(config.listen);
        config.threads = overrides.threads.or(config.threads);
        if let Some(file) = &overrides.master_key_file {
            config.master_key_file.clone_from(file);
        }
        overrides.log(&mut config.log);
        if config.follow.is_empty() {
            return Err(format!("{}: `follow` names nobody", path.display()));
        }
        if config.follow.iter().any(|node| node.id == config.id) {
            return Err(format!("{}: `follow` names this replica itself", path.display()));
        }
        Ok(config)
    }
}

/// Puts another lag plan into a replica's settings, in one step; everything else in the file stays as it is.
///
/// # Errors
/// The file cannot be read or written, or is none.
pub fn set_lag(path: &Path, plan: &lag::Plan) -> Result<(), String> {
    let wrong = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
    let mut settings: toml_edit::DocumentMut = text.parse().map_err(|error| wrong(&error))?;
    settings["lag"] = toml_edit::value(plan.to_string());
    replace(path, &settings.to_string()).map_err(|error| wrong(&error))
}

/// Readers see the old text or the new one, and so does a machine that loses its power.
fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(".new");
    let mut file = std::fs::File::create(&temporary)?;
    file.set_permissions(std::fs::metadata(path)?.permissions())?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&temporary, path)
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    let text =
        std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    toml::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const VOTER: &str = r#"
        id = 1
        data = "d"
        listen = "127.0.0.1:0"
        peer_listen = "127.0.0.1:0"
        master_key_file = "k"
    "#;

    fn load(text: &str) -> Result<ServerConfig, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("voter.toml");
        std::fs::write(&path, text).unwrap();
        ServerConfig::load(&path, &Overrides::default())
    }

    #[test]
    fn a_small_file_suffices() {
        let config = load(VOTER).unwrap();
        assert_eq!((config.id, config.log.level.as_str()), (1, "info,openraft=warn"));
    }

    #[test]
    fn history_is_bounded_as_told() {
        let limits = |more: &str| load(&format!("{VOTER}\n{more}")).unwrap().history.limits();
        assert_eq!(limits(""), cluster::HistoryLimits::default());
        let told = limits("[history]\nrevisions = 5\nmegabytes = 2");
        assert_eq!(told, cluster::HistoryLimits { revisions: 5, bytes: 2 << 20 });
    }

    #[test]
    fn what_is_not_known_or_cannot_be_is_refused() {
        for (more, part) in [
            ("colour = 1", "colour"),
            ("[raft]\nheartbeat_ms = 900", "heartbeat_ms"),
            ("[log]\nformat = \"xml\"", "format"),
            ("[history]\nrevisions = -1", "revisions"),
        ] {
            let error = load(&format!("{VOTER}\n{more}")).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
        assert!(load(&VOTER.replace("id = 1", "id = 0")).unwrap_err().contains("`id`"));
    }

    #[test]
    fn another_plan_leaves_the_rest_of_the_file_as_it_is() {
        let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/replica.toml");
        let before = std::fs::read_to_string(deploy).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("replica.toml");
        std::fs::write(&path, &before).unwrap();
        set_lag(&path, &"aws-typical".parse().unwrap()).unwrap();
        let after = std::fs::read_to_string(&path).unwrap();
        let plan = "lognormal:median=4s,sigma=0.35";
        assert_eq!(after, before.replace("lag = \"none\"", &format!("lag = \"{plan}\"")));
        assert_eq!(ReplicaConfig::load(&path, &Overrides::default()).unwrap().lag, plan);
        assert!(set_lag(&folder.path().join("none.toml"), &lag::Plan::default()).is_err());
    }

    #[test]
    fn a_replica_follows_others() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("replica.toml");
        let load = |follow: &str| {
            let text =
                "id = 9\nname = \"r\"\nlisten = \"127.0.0.1:0\"\nmaster_key_file = \"k\"\nfollow =";
            std::fs::write(&path, format!("{text} {follow}")).unwrap();
            ReplicaConfig::load(&path, &Overrides::default())
        };
        let config = load(r#"[{ id = 8, peer_address = "b:1" }]"#).unwrap();
        assert_eq!((config.follow.len(), config.peer_listen), (1, None));
        assert!(load("[]").unwrap_err().contains("nobody"));
        let itself =
            load(r#"[{ id = 8, peer_address = "b:1" }, { id = 9, peer_address = "a:1" }]"#);
        assert!(itself.unwrap_err().contains("itself"));
    }

    /// The examples under deploy/ are settings that load.
    #[test]
    fn the_examples_load() {
        let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
        for number in 1..=3 {
            let path = deploy.join(format!("voter-{number}.toml"));
            assert_eq!(ServerConfig::load(&path, &Overrides::default()).unwrap().id, number);
        }
        ReplicaConfig::load(&deploy.join("replica.toml"), &Overrides::default()).unwrap();
    }
}
