//! The settings files of the nodes, as an operator would write them.

use std::collections::BTreeMap;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{FIRST_REPLICA, VOTERS};
use crate::node::Announcement;

/// What is known of a cell's addresses so far.
pub(super) struct Settings {
    master_key: PathBuf,
    lags: Vec<String>,
    /// Each replica follows the one before it.
    chain: bool,
    /// Where each node that others connect to is reached by them.
    pub(super) proxies: BTreeMap<u64, SocketAddr>,
    /// Where each of those really listens for them.
    pub(super) peers: BTreeMap<u64, SocketAddr>,
    endpoints: BTreeMap<u64, SocketAddr>,
}

impl Settings {
    /// Makes the cell's folder and its master key.
    pub(super) fn begin(folder: &Path, lags: &[String], chain: bool) -> Result<Self, String> {
        let wrong = |error: std::io::Error| format!("{}: {error}", folder.display());
        fs::create_dir_all(folder).map_err(wrong)?;
        let folder = folder.canonicalize().map_err(wrong)?;
        let master_key = folder.join("master.key");
        // It protects a cell that lives for a minute: its own folder's name is secret enough.
        let key = Sha256::digest(folder.as_os_str().as_encoded_bytes());
        let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        fs::write(&master_key, key).map_err(wrong)?;
        let (proxies, peers, endpoints) = Default::default();
        Ok(Settings { master_key, lags: lags.to_vec(), chain, proxies, peers, endpoints })
    }

    /// Do other nodes connect to this one?
    pub(super) fn is_followed(&self, id: u64) -> bool {
        let replicas = (FIRST_REPLICA..).zip(&self.lags).map(|(id, _)| id);
        VOTERS.contains(&id) || self.chain && replicas.last().is_some_and(|last| id < last)
    }

    /// Keeps the addresses that a node got.
    pub(super) fn said(&mut self, id: u64, said: &Announcement) -> Result<(), String> {
        let read = |text: &str| {
            let address = text.rsplit('/').next().unwrap_or(text);
            address.parse::<SocketAddr>().map_err(|_| format!("node {id} listens at `{text}`"))
        };
        self.endpoints.insert(id, read(&said.endpoint)?);
        if let Some(peer) = &said.peer {
            self.peers.insert(id, read(peer)?);
        }
        Ok(())
    }

    /// Writes a node's settings into its folder.
    pub(super) fn write(&self, id: u64, folder: &Path) -> Result<(), String> {
        let wrong = |error: std::io::Error| format!("{}: {error}", folder.display());
        fs::create_dir_all(folder).map_err(wrong)?;
        let folder = folder.canonicalize().map_err(wrong)?;
        let text = if VOTERS.contains(&id) { self.voter(id, &folder) } else { self.replica(id) };
        fs::write(folder.join("settings.toml"), text).map_err(wrong)
    }

    fn voter(&self, id: u64, folder: &Path) -> String {
        format!(
            "id = {id}\ndata = {:?}\nthreads = 1\nlisten = \"{}\"\npeer_listen = \"{}\"\n\
             master_key_file = {:?}\n{}",
            folder.join("data"),
            address(self.endpoints.get(&id)),
            address(self.peers.get(&id)),
            self.master_key,
            self.nodes("seeds", |other| VOTERS.contains(&other) && other != id),
        )
    }

    fn replica(&self, id: u64) -> String {
        let number = usize::try_from(id - FIRST_REPLICA).unwrap_or(usize::MAX);
        let lag = self.lags.get(number).map_or("none", String::as_str);
        let below = self.chain && id > FIRST_REPLICA;
        let peer_listen = match self.is_followed(id) {
            true => format!("peer_listen = \"{}\"\n", address(self.peers.get(&id))),
            false => String::new(),
        };
        format!(
            "id = {id}\nname = \"replica-{}\"\nthreads = 1\nlisten = \"{}\"\nlag = \"{lag}\"\n\
             {peer_listen}master_key_file = {:?}\n{}",
            number + 1,
            address(self.endpoints.get(&id)),
            self.master_key,
            self.nodes("follow", |other| match below {
                true => other == id - 1,
                false => VOTERS.contains(&other),
            }),
        )
    }

    fn nodes(&self, name: &str, who: impl Fn(u64) -> bool) -> String {
        let known = self.proxies.iter().filter(|(id, _)| who(**id));
        let nodes =
            known.map(|(id, at)| format!("[[{name}]]\nid = {id}\npeer_address = \"{at}\"\n"));
        nodes.collect()
    }
}

fn address(known: Option<&SocketAddr>) -> String {
    known.map_or_else(|| "127.0.0.1:0".to_owned(), ToString::to_string)
}
