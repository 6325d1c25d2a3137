//! What the machine says of processor time: of a process, of all, and who listens where (Linux; proc(5)).
//!
//! Elsewhere, and for processes of others, there is no answer, and the figures leave it out.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::effort;

/// Linux tells times in hundredths of a second, whatever the kernel's own tick is.
const TICK: Duration = Duration::from_millis(10);
const LISTENING: &str = "0A";

/// Processor time a process has used, in user and kernel mode together.
pub fn process_time(pid: u32) -> Option<Duration> {
    process_ticks(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

fn process_ticks(stat: &str) -> Option<Duration> {
    // The name in parentheses may hold anything, so count from its end: utime and stime are fields 14 and 15.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    ticks(fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?)
}

/// Processor time all of the machine has used, time taken by its host included.
pub fn machine_time() -> Option<Duration> {
    machine_ticks(&fs::read_to_string("/proc/stat").ok()?)
}

fn machine_ticks(stat: &str) -> Option<Duration> {
    let fields: Option<Vec<u64>> = stat
        .lines()
        .next()?
        .strip_prefix("cpu ")?
        .split_whitespace()
        .map(|n| n.parse().ok())
        .collect();
    // user nice system idle iowait irq softirq steal; what follows is counted in user already.
    let [user, nice, system, _, _, irq, softirq, steal, ..] = fields?[..] else { return None };
    ticks(user + nice + system + irq + softirq + steal)
}

fn ticks(count: u64) -> Option<Duration> {
    TICK.checked_mul(u32::try_from(count).ok()?)
}

/// How many tasks were ready to run on average over the last 1, 5 and 15 minutes.
pub fn load_average() -> Option<[f64; 3]> {
    let text = fs::read_to_string("/proc/loadavg").ok()?;
    let numbers: Vec<f64> =
        text.split_whitespace().take(3).filter_map(|n| n.parse().ok()).collect();
    numbers.try_into().ok()
}

/// Processors this process may use.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Bytes that processes have sent over the TCP connections they have open; of none where `ss` is not there.
pub fn bytes_sent() -> BTreeMap<u32, u64> {
    let told = Command::new("ss").arg("-tinpHO").output();
    told.map(|told| effort::read_sockets(&String::from_utf8_lossy(&told.stdout)))
        .unwrap_or_default()
}

/// The processes that listen on some TCP ports of this machine.
pub fn listeners(ports: &[u16]) -> BTreeMap<u16, u32> {
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"]
        .map(|path| fs::read_to_string(path).unwrap_or_default());
    let sockets: BTreeMap<String, u16> = tables
        .iter()
        .flat_map(|table| table.lines().filter_map(listening))
        .filter(|(_, port)| ports.contains(port))
        .map(|(inode, port)| (format!("socket:[{inode}]"), port))
        .collect();
    let mut found = BTreeMap::new();
    if sockets.is_empty() {
        return found;
    }
    for pid in processes() {
        for file in open_files(pid) {
            if let Some(port) = sockets.get(file.to_string_lossy().as_ref()) {
                found.insert(*port, pid);
            }
        }
    }
    found
}

/// Inode and port of a line of the kernel's table of sockets, when it listens.
fn listening(line: &str) -> Option<(&str, u16)> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [_, local, _, state, _, _, _, _, _, inode, ..] = fields[..] else { return None };
    let port = u16::from_str_radix(local.rsplit_once(':')?.1, 16).ok()?;
    (state == LISTENING).then_some((inode, port))
}

fn processes() -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
    entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

fn open_files(pid: u32) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(format!("/proc/{pid}/fd")) else { return Vec::new() };
    entries.flatten().filter_map(|entry| fs::read_link(entry.path()).ok()).collect()
}

/// Whether a process has a file open for keeps on the file system of a folder: whether the two share a disk.
pub fn writes_beside(pid: u32, folder: &Path) -> Option<bool> {
    let device = fs::metadata(folder).ok()?.dev();
    let mut devices = open_files(pid)
        .into_iter()
        .filter(|path| {
            path.is_absolute() && !path.starts_with("/dev") && !path.starts_with("/proc")
        })
        .filter_map(|path| fs::metadata(path).ok())
        .filter(|metadata| metadata.is_file() && metadata.len() > 0)
        .map(|metadata| metadata.dev())
        .peekable();
    devices.peek()?;
    Some(devices.any(|other| other == device))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_may_have_any_name() {
        let stat = "42 (a) b (c) S 1 42 42 0 -1 4194560 100 0 0 0 150 50 0 0 20 0 9 0 100 1 1";
        assert_eq!(process_ticks(stat), Some(Duration::from_secs(2)));
    }

    #[test]
    fn idle_time_is_not_used_time() {
        let stat = "cpu  100 0 100 99999 5 0 0 100 0 0\ncpu0 1 1 1 1";
        assert_eq!(machine_ticks(stat), Some(Duration::from_secs(3)));
        assert_eq!(machine_ticks("intr 1 2 3"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_listens_on_its_port() {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        assert_eq!(listeners(&[port]), BTreeMap::from([(port, std::process::id())]));
        drop(socket);
        assert_eq!(listeners(&[port]), BTreeMap::new());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_writes_beside_its_own_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "x").unwrap();
        let _open = fs::File::open(&path).unwrap();
        assert_eq!(writes_beside(std::process::id(), folder.path()), Some(true));
    }
}
