//! The report: a table for people, JSON for machines.

use std::fmt::Write;

use serde::Serialize;

use super::figures::Figures;

/// Everything a measurement says, with what it was made on.
#[derive(Serialize, Debug)]
pub struct Report {
    /// `write` or `read`.
    pub bench: &'static str,
    /// Of reads: in the order in which they took turns.
    pub consistency: Vec<&'static str>,
    /// When it began, Unix time in seconds.
    pub began_unix_s: u64,
    /// Processors of the machine.
    pub cores: usize,
    /// Tasks ready to run, over 1, 5 and 15 minutes, before it began.
    pub load_average_before: Option<[f64; 3]>,
    /// Connections of the client to each side.
    pub connections: usize,
    /// Of each round.
    pub duration_s: f64,
    /// Before each round.
    pub warmup_s: f64,
    /// Of each side at each concurrency.
    pub rounds: u32,
    /// The cell.
    pub cell: SideReport,
    /// The peer.
    pub peer: Option<SideReport>,
    /// What was not as it should be.
    pub remarks: Vec<String>,
    /// By concurrency.
    pub results: Vec<Row>,
}

/// One of the two that were measured.
#[derive(Serialize, Debug)]
pub struct SideReport {
    /// What it is.
    pub name: &'static str,
    /// Its version.
    pub version: String,
    /// Servers that vote.
    pub voters: usize,
    /// Servers that follow.
    pub replicas: usize,
}

/// The figures at one concurrency.
#[derive(Serialize, Debug)]
pub struct Row {
    /// Calls in flight.
    pub concurrency: usize,
    /// What reads asked for.
    pub consistency: Option<&'static str>,
    /// The cell's.
    pub cell: Figures,
    /// The peer's.
    pub peer: Option<Figures>,
    /// The cell's calls in a second for each of the peer's.
    pub ratio: Option<f64>,
    /// Its calls in a second for each of the first that took turns with it.
    pub to_first: Option<f64>,
}

impl Row {
    /// With the ratio of the two.
    pub fn new(
        concurrency: usize,
        consistency: Option<&'static str>,
        cell: Figures,
        peer: Option<Figures>,
    ) -> Self {
        let ratio = peer.as_ref().map(|peer| cell.ops_per_s / peer.ops_per_s);
        Row { concurrency, consistency, cell, peer, ratio, to_first: None }
    }
}

impl Report {
    /// The table.
    pub fn table(&self) -> String {
        let mut text = self.head();
        let columns = [
            "in flight",
            "",
            "calls/s",
            "p50 ms",
            "p99 ms",
            "servers",
            "replicas",
            "client",
            "others",
        ];
        let _ = writeln!(text, "\n{:>56}  CPU µs per call{:>18}  CPUs", "", "");
        line(&mut text, &columns.map(str::to_owned));
        for row in &self.results {
            let name = row.consistency.filter(|_| self.consistency.len() > 1);
            let name = name.unwrap_or(self.cell.name);
            figures(&mut text, &row.concurrency.to_string(), name, &row.cell);
            if let (Some(to_first), Some(first)) = (row.to_first, self.consistency.first()) {
                let beside = format!("of {first}");
                let _ = writeln!(text, "{:>9}  {beside:<12}{to_first:>7.3} ×", "");
            }
            if let (Some(peer), Some(side)) = (&row.peer, &self.peer) {
                figures(&mut text, "", side.name, peer);
            }
            if let Some(ratio) = row.ratio {
                let _ = writeln!(text, "{:>9}  {:<10}{ratio:>9.2} ×", "", "ratio");
            }
        }
        for remark in &self.remarks {
            let _ = writeln!(text, "note: {remark}");
        }
        text
    }

    fn head(&self) -> String {
        let mut text = format!("bench {}", self.bench);
        if !self.consistency.is_empty() {
            let _ = write!(text, " ({})", self.consistency.join(", "));
        }
        for side in [Some(&self.cell), self.peer.as_ref()].into_iter().flatten() {
            let _ = write!(text, " · {} {}, {} voters", side.name, side.version, side.voters);
            if side.replicas > 0 {
                let _ = write!(text, ", {} replicas", side.replicas);
            }
        }
        let load = match self.load_average_before {
            Some([one, five, fifteen]) => format!("{one:.2} {five:.2} {fifteen:.2}"),
            None => "unknown".to_owned(),
        };
        let _ = writeln!(
            text,
            "\n{} rounds of {} s after {} s each · connections {} · processors {} · load average before {load}",
            self.rounds, self.duration_s, self.warmup_s, self.connections, self.cores
        );
        text
    }

    /// The JSON.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn json(&self) -> Result<String, String> {
        serde_json::to_string_pretty(self).map_err(|error| error.to_string())
    }
}

fn figures(text: &mut String, concurrency: &str, name: &str, figures: &Figures) {
    let milliseconds = |us: u32| format!("{:.2}", f64::from(us) / 1000.0);
    let us = |value: Option<f64>| value.map_or("–".to_owned(), |value| format!("{value:.0}"));
    line(
        text,
        &[
            concurrency.to_owned(),
            name.to_owned(),
            format!("{:.0}", figures.ops_per_s),
            milliseconds(figures.p50_us),
            milliseconds(figures.p99_us),
            us(figures.server_cpu_us_per_op),
            us(figures.replica_cpu_us_per_op),
            us(figures.client_cpu_us_per_op),
            figures.others_cpu_cores.map_or("–".to_owned(), |cores| format!("{cores:.2}")),
        ],
    );
}

fn line(text: &mut String, cells: &[String; 9]) {
    let [flight, name, ops, p50, p99, servers, replicas, client, others] = cells;
    let _ = writeln!(
        text,
        "{flight:>9}  {name:<10}{ops:>9}{p50:>10}{p99:>10}{servers:>12}{replicas:>10}{client:>9}{others:>9}"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Report {
        let of = |ops_per_s| Figures {
            ops_per_s,
            round_ops_per_s: vec![ops_per_s],
            p50_us: 1234,
            p99_us: 9876,
            server_cpu_us_per_op: Some(55.4),
            replica_cpu_us_per_op: None,
            client_cpu_us_per_op: Some(20.0),
            others_cpu_cores: Some(0.03),
        };
        let side = |name| SideReport { name, version: "1".to_owned(), voters: 3, replicas: 0 };
        Report {
            bench: "read",
            consistency: vec!["strong", "eventual"],
            began_unix_s: 0,
            cores: 2,
            load_average_before: Some([0.5, 1.0, 2.0]),
            connections: 1,
            duration_s: 5.0,
            warmup_s: 1.0,
            rounds: 2,
            cell: side("bailiwick"),
            peer: Some(side("etcd")),
            remarks: vec!["noisy".to_owned()],
            results: vec![
                Row::new(64, Some("strong"), of(3000.0), Some(of(2000.0))),
                Row {
                    to_first: Some(1.25),
                    ..Row::new(64, Some("eventual"), of(3750.0), Some(of(2000.0)))
                },
            ],
        }
    }

    #[test]
    fn the_table_shows_both_and_their_ratio() {
        let table = sample().table();
        for part in [
            "read (strong, eventual)",
            "of strong     1.250 ×",
            "0.50 1.00 2.00",
            "1.23",
            "9.88",
            "3000",
            "1.50 ×",
            "–",
            "note: noisy",
        ] {
            assert!(table.contains(part), "{part} is not in\n{table}");
        }
    }

    #[test]
    fn json_has_what_the_table_has() {
        let json: serde_json::Value = serde_json::from_str(&sample().json().unwrap()).unwrap();
        assert_eq!(json["results"][0]["ratio"], 1.5);
        assert_eq!(json["results"][0]["peer"]["p99_us"], 9876);
        assert_eq!(json["cell"]["name"], "bailiwick");
    }
}
