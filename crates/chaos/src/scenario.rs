//! A scenario: what cell, what load, which faults. One TOML file each, in tests/scenarios.

use lag::{Class, Plan};
use std::path::Path;

use serde::{Deserialize, Serialize};

/// What a scenario file says.
#[derive(Clone, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// One line: what is done to the cell.
    pub title: String,
    /// What a good run shows.
    pub proves: String,
    /// Time with faults, seconds; a calm second before and healing after come on top.
    pub duration_s: u64,
    /// The lag plan of each replica beside the three voters.
    #[serde(default = "one_replica")]
    pub replicas: Vec<String>,
    /// Each replica follows the one before it, and only the first one the voters.
    #[serde(default)]
    pub chain: bool,
    /// Clients, each asking one thing after the other; half of them speak gRPC, half the Query API.
    #[serde(default = "ten")]
    pub clients: u64,
    /// Shortest and longest pause of a client between two calls, milliseconds.
    #[serde(default = "pause")]
    pub think_ms: [u64; 2],
    /// How long a client waits for an answer, milliseconds.
    #[serde(default = "patience")]
    pub patience_ms: u64,
    /// Answered calls per second below which the run has shown nothing.
    pub rate_min: f64,
    /// How long a healed cell may take until every node serves and all agree, seconds.
    #[serde(default = "recovery")]
    pub recovery_s: u64,
    /// Principals whose rights are taken away while they use them.
    pub revocation: Option<Revocation>,
    /// What is broken.
    #[serde(default, rename = "fault")]
    pub faults: Vec<Fault>,
}

/// Principals that lose their rights while they use them on every node.
#[derive(Clone, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// What the revoking write waits for: `committed`, or `all` for the barrier.
    pub ack: String,
    /// From this long after the acknowledgement no replica may honour what was revoked, milliseconds. Of a write that
    /// waited for every replica (`all`) nothing may be honoured at once, whatever stands here.
    pub bound_ms: u64,
}

/// A fault that comes again and again.
#[derive(Clone, Serialize, Deserialize, Debug)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What is done.
    pub kind: FaultKind,
    /// To whom.
    #[serde(default)]
    pub target: Target,
    /// The first time, seconds after the clients begin.
    #[serde(default = "one")]
    pub first_s: f64,
    /// How long it lasts, seconds.
    #[serde(default = "one")]
    pub for_s: f64,
    /// Pause until the next time, seconds; once only when left out.
    pub every_s: Option<f64>,
    /// How much later everything arrives, milliseconds (`slow`).
    #[serde(default)]
    pub delay_ms: u64,
    /// And up to this much more (`slow`).
    #[serde(default)]
    pub jitter_ms: u64,
    /// Pieces in a thousand that are lost and sent again (`slow`).
    #[serde(default)]
    pub loss_permille: u64,
    /// Pieces in a thousand at which the connection breaks (`slow`).
    #[serde(default)]
    pub reset_permille: u64,
    /// How far the wall clock jumps, seconds (`clock-jump`).
    #[serde(default)]
    pub jump_s: i64,
}

/// What a fault does.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// `kill -9`, and started again at the end.
    Kill,
    /// SIGTERM to one node after the other, each started again before the next.
    RollingRestart,
    /// SIGSTOP, and SIGCONT at the end.
    Pause,
    /// All links of the target are cut, both ways.
    Isolate,
    /// What the target sends arrives nowhere; it hears everything.
    Mute,
    /// The target hears nothing; what it sends arrives.
    Deafen,
    /// The target's links are slow and lossy.
    Slow,
    /// Links are cut one after the other, and mended in another order.
    Swizzle,
    /// The target's wall clock jumps, and back at the end. Needs libfaketime.
    ClockJump,
    /// The target's disk fills up, and is emptied at the end. Needs root, for a small file system.
    DiskFull,
    /// The target's disk loses its power. Needs root, for a loop device.
    PowerLoss,
}

/// Whom a fault is for.
#[derive(Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Debug)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// Whoever leads then.
    #[default]
    Leader,
    /// A voter that does not lead.
    Follower,
    /// Any voter.
    Voter,
    /// Any replica.
    Replica,
    /// Every voter.
    Voters,
    /// Every node.
    Nodes,
}

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    /// The file cannot be read, or does not say what a scenario must.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path);
        let text = text.map_err(|error| format!("{}: {error}", path.display()))?;
        Self::parse(&text).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// Reads a scenario's text.
    ///
    /// # Errors
    /// It does not say what a scenario must.
    pub fn parse(text: &str) -> Result<Self, String> {
        let scenario: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        let wrong = |what: &str| Err(format!("`{what}`"));
        match &scenario {
            s if s.duration_s == 0 => wrong("duration_s must be 1 or more"),
            s if s.rate_min <= 0.0 => wrong("rate_min must be above 0: an idle run shows nothing"),
            s if s.think_ms[0] >= s.think_ms[1] => wrong("think_ms must be a range"),
            s if !(1..=64).contains(&s.clients) => wrong("clients must be 1 to 64"),
            s if s.replicas.len() > 8 => wrong("replicas must be 8 or less"),
            s if s.replicas.iter().any(|plan| lag_ms(plan).is_none()) => {
                wrong("replicas take lag plans, such as `none` or `fixed:400ms`")
            }
            _ => Ok(scenario),
        }
    }
}

/// Milliseconds that a lag plan delays at least, but for one change in a million; nothing where it is no plan.
pub(crate) fn lag_ms(plan: &str) -> Option<u64> {
    let plan: Plan = plan.parse().ok()?;
    Some(plan.law(Class::Identity).quantile(1e-6) / 1000)
}

fn one_replica() -> Vec<String> {
    vec!["none".to_owned()]
}

fn ten() -> u64 {
    10
}

fn pause() -> [u64; 2] {
    [5, 60]
}

fn patience() -> u64 {
    2000
}

fn recovery() -> u64 {
    30
}

fn one() -> f64 {
    1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEAST: &str = "title = 'T'\nproves = 'P'\nduration_s = 5\nrate_min = 10.0\n";

    #[test]
    fn what_is_left_out_has_a_value() {
        let fault = "[[fault]]\nkind = 'kill'\nevery_s = 2.0\n";
        let scenario = Scenario::parse(&format!("{LEAST}{fault}")).unwrap();
        assert_eq!((scenario.clients, scenario.replicas.len()), (10, 1));
        assert_eq!(scenario.faults[0].target, Target::Leader);
    }

    #[test]
    fn what_cannot_be_is_refused() {
        assert!(Scenario::parse(LEAST).is_ok());
        for wrong in ["clients = 0", "think_ms = [5, 5]", "replicas = ['now']", "speed = 1"] {
            assert!(Scenario::parse(&format!("{LEAST}{wrong}\n")).is_err(), "{wrong}");
        }
        let idle = LEAST.replace("10.0", "0.0");
        assert!(Scenario::parse(&idle).unwrap_err().contains("idle"));
    }

    #[test]
    fn every_scenario_of_the_project_can_be_read() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/scenarios");
        let mut count = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            Scenario::read(&file.unwrap().path()).unwrap();
            count += 1;
        }
        assert!(count >= 10, "{count} scenarios");
    }
}
