//! What each node of a cell spends: processor time and bytes sent, where the machine tells.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::machine;

/// How many nodes are told of by themselves besides the leader: the other voters of a usual cell.
const BUSIEST: usize = 2;

/// The processes of a cell's nodes, the leader's first; none where they cannot be told.
#[derive(Clone, Debug)]
pub struct Processes(Vec<(String, u32)>);

/// What they had spent at one moment, in the same order.
pub type Spent = Vec<(Duration, u64)>;

/// What a node spent for one write.
#[derive(Clone, PartialEq, Serialize, Debug)]
pub struct Effort {
    /// The node's URL; how many, when it stands for several.
    pub who: String,
    /// Processor time, microseconds.
    pub cpu_us: f64,
    /// Bytes sent over TCP, to peers and to clients.
    pub sent_bytes: f64,
}

impl Processes {
    /// Those that listen where some URLs point: the leader's first.
    pub fn of(urls: &[String]) -> Self {
        let port = |url: &String| url.trim_end_matches('/').rsplit_once(':')?.1.parse().ok();
        let ports: Vec<u16> = urls.iter().filter_map(port).collect();
        let found = machine::listeners(&ports);
        let known = urls
            .iter()
            .zip(&ports)
            .filter_map(|(url, port)| found.get(port).map(|pid| (url.clone(), *pid)));
        let known: Vec<_> = known.collect();
        // A part of them is nobody's figure.
        Processes(if known.len() == urls.len() { known } else { Vec::new() })
    }

    /// What they have spent so far.
    pub fn spent(&self) -> Spent {
        let sent = machine::bytes_sent();
        let of = |(_, pid): &(String, u32)| {
            let time = machine::process_time(*pid).unwrap_or_default();
            (time, sent.get(pid).copied().unwrap_or_default())
        };
        self.0.iter().map(of).collect()
    }

    /// What one write cost the leader, the busiest of the others, and the rest on average.
    pub fn efforts(&self, before: &Spent, after: &Spent, writes: usize) -> Vec<Effort> {
        let per_write = |value: f64| value / writes.max(1) as f64;
        let each =
            self.0.iter().zip(before.iter().zip(after)).map(|((url, _), (then, now))| Effort {
                who: url.clone(),
                cpu_us: per_write(now.0.saturating_sub(then.0).as_secs_f64() * 1e6),
                sent_bytes: per_write(now.1.saturating_sub(then.1) as f64),
            });
        let mut each: Vec<Effort> = each.collect();
        if each.is_empty() {
            return each;
        }
        let mut told = vec![each.remove(0)];
        each.sort_by(|a, b| b.sent_bytes.total_cmp(&a.sent_bytes));
        let rest = each.split_off(each.len().min(BUSIEST));
        told.extend(each);
        let mean = |of: fn(&Effort) -> f64| rest.iter().map(of).sum::<f64>() / rest.len() as f64;
        if !rest.is_empty() {
            let (cpu_us, sent_bytes) =
                (mean(|effort| effort.cpu_us), mean(|effort| effort.sent_bytes));
            told.push(Effort { who: format!("each of {} others", rest.len()), cpu_us, sent_bytes });
        }
        told
    }
}

/// Bytes sent by process, of sockets as `ss -tinpHO` writes them (ss(8)).
pub fn read_sockets(lines: &str) -> BTreeMap<u32, u64> {
    let mut sent = BTreeMap::new();
    for line in lines.lines() {
        let number = |name: &str| -> Option<u64> {
            let digits = line.split_once(name)?.1;
            digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
        };
        if let (Some(pid), Some(bytes)) = (number("pid="), number("bytes_sent:")) {
            *sent.entry(u32::try_from(pid).unwrap_or_default()).or_default() += bytes;
        }
    }
    sent
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sockets_of_a_process_are_taken_together() {
        let line = |pid, told| {
            format!(
                "ESTAB 0 0 127.0.0.1:7 127.0.0.1:8 users:((\"b\",pid={pid},fd=9)) cubic {told}\n"
            )
        };
        let lines = [
            line(12, "bytes_sent:300 bytes_acked:301"),
            line(12, "bytes_sent:4"),
            line(3, "bytes_received:4"),
        ]
        .concat();
        assert_eq!(read_sockets(&lines), BTreeMap::from([(12, 304)]));
    }

    #[test]
    fn the_leader_stands_first_and_the_busiest_after_it() {
        let processes = Processes((1..=5).map(|pid| (format!("n{pid}"), pid)).collect());
        let spent =
            |bytes: [u64; 5]| bytes.map(|bytes| (Duration::from_millis(bytes), bytes)).into();
        let efforts = processes.efforts(&spent([0; 5]), &spent([50, 20, 90, 70, 40]), 10);
        let told: Vec<_> = efforts.iter().map(|e| (e.who.as_str(), e.sent_bytes)).collect();
        assert_eq!(told, [("n1", 5.0), ("n3", 9.0), ("n4", 7.0), ("each of 2 others", 3.0)]);
        assert!((efforts[0].cpu_us - 5_000.0).abs() < 1e-9);
        assert_eq!(Processes(Vec::new()).efforts(&Vec::new(), &Vec::new(), 10), []);
    }
}
