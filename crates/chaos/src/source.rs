//! Who opened a connection: the kernel knows which process holds its other end.

use std::collections::BTreeMap;
use std::fs;
use std::net::{IpAddr, SocketAddr};

/// The node whose process holds the socket at `from` that is connected to `to`; `processes` are pids and their nodes.
pub(crate) fn node_of(
    from: SocketAddr,
    to: SocketAddr,
    processes: &BTreeMap<u32, u64>,
) -> Option<u64> {
    let table = fs::read_to_string("/proc/net/tcp").ok()?;
    let link = format!("socket:[{}]", inode(&table, from, to)?);
    let holds = |pid: &u32| {
        let files = fs::read_dir(format!("/proc/{pid}/fd")).into_iter().flatten().flatten();
        files.into_iter().any(|file| {
            fs::read_link(file.path()).is_ok_and(|target| target.as_os_str() == link.as_str())
        })
    };
    processes.iter().find(|(pid, _)| holds(pid)).map(|(_, node)| *node)
}

/// The inode of a socket in `/proc/net/tcp` (proc_pid_net(5)).
fn inode(table: &str, local: SocketAddr, remote: SocketAddr) -> Option<u64> {
    let (local, remote) = (hexadecimal(local)?, hexadecimal(remote)?);
    let columns = |line: &str| {
        let mut columns = line.split_ascii_whitespace().skip(1);
        let ends = (columns.next()?.to_owned(), columns.next()?.to_owned());
        let inode = columns.nth(6)?.parse().ok()?;
        (ends == (local.clone(), remote.clone())).then_some(inode)
    };
    table.lines().skip(1).find_map(columns)
}

/// `127.0.0.1:80` is `0100007F:0050` on a little-endian machine.
fn hexadecimal(address: SocketAddr) -> Option<String> {
    let IpAddr::V4(ip) = address.ip() else { return None };
    Some(format!("{:08X}:{:04X}", u32::from_ne_bytes(ip.octets()), address.port()))
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn the_process_at_the_other_end_is_known() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let there = listener.local_addr().unwrap();
        let stream = TcpStream::connect(there).unwrap();
        let (_accepted, from) = listener.accept().unwrap();
        let us = [(1, 7), (std::process::id(), 9)].into();
        assert_eq!(node_of(from, there, &us), Some(9));
        assert_eq!(node_of(from, there, &BTreeMap::new()), None);
        drop(stream);
    }
}
