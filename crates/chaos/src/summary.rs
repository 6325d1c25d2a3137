//! What a run comes to: figures and verdicts.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use crate::check::{self, Verdict};
use crate::event::{Event, Kind};

/// What a run comes to.
#[derive(Clone, Serialize, Debug)]
pub struct Summary {
    /// The scenario's name.
    pub scenario: String,
    /// What it does.
    pub title: String,
    /// The seed.
    pub seed: u64,
    /// Time with clients, seconds.
    pub seconds: f64,
    /// Calls answered per second.
    pub rate: f64,
    /// Calls by how they ended.
    pub outcomes: BTreeMap<String, usize>,
    /// Faults by kind.
    pub faults: BTreeMap<String, usize>,
    /// Faults that cannot be made on this machine, and why.
    pub skipped: BTreeMap<String, String>,
    /// The longest time without any acknowledged write, milliseconds.
    pub write_gap_ms: u64,
    /// From the end of the faults until a write was acknowledged, milliseconds.
    pub recovery_ms: Option<u64>,
    /// How long after its acknowledgement a revocation was still not honoured by some replica, milliseconds; nothing
    /// when nothing was revoked.
    pub honoured_ms: Option<u64>,
    /// What the checks say.
    pub checks: Vec<Verdict>,
    /// The command that runs this again.
    pub again: String,
    /// Whether all is well.
    pub good: bool,
}

impl Summary {
    /// Sums a history up.
    ///
    /// # Errors
    /// The lines are not those of a history.
    pub fn of(events: &[Event]) -> Result<Self, String> {
        let checks = check::judge(events)?;
        let meta = events.iter().find(|event| event.kind == Kind::Meta);
        let meta = meta.ok_or("a history begins with a line of kind `meta`")?;
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let phase = |name: &str| {
            let found = events.iter().find(|event| event.kind == Kind::Phase && event.op == name);
            found.map(|event| event.t)
        };
        let (from, to) = (phase("traffic").unwrap_or(0), phase("calm").unwrap_or(0));
        let seconds = to.saturating_sub(from) as f64 / 1e6;
        let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
        let mut acknowledged = vec![from];
        let mut writes = std::collections::BTreeSet::new();
        for event in
            events.iter().filter(|event| event.proc.starts_with('c') && event.proc != "cell")
        {
            let name = match event.kind {
                Kind::Invoke => {
                    if event.mode == "write" {
                        writes.insert(event.id.as_str());
                    }
                    continue;
                }
                Kind::Ok if event.out["fault"].is_string() => "answered with a fault",
                Kind::Ok => "answered",
                Kind::Fail => "nothing done",
                Kind::Info => "fate unknown",
                _ => continue,
            };
            *outcomes.entry(name.to_owned()).or_default() += 1;
            if event.kind == Kind::Ok && writes.contains(event.id.as_str()) && event.t < to {
                acknowledged.push(event.t);
            }
        }
        let healed = phase("healed").unwrap_or(u64::MAX);
        let first = acknowledged.iter().find(|t| **t >= healed);
        let recovery_ms = first.map(|t| (t - healed) / 1000);
        acknowledged.push(to);
        let gaps = acknowledged.windows(2).map(|pair| pair[1].saturating_sub(pair[0]));
        let mut faults: BTreeMap<String, usize> = BTreeMap::new();
        for event in events.iter().filter(|event| event.kind == Kind::Fault) {
            *faults.entry(event.op.clone()).or_default() += 1;
        }
        let skipped = events.iter().filter(|event| event.kind == Kind::Skip);
        let answered = outcomes.iter().filter(|(name, _)| name.starts_with("answered"));
        let answered: usize = answered.map(|(_, count)| count).sum();
        Ok(Summary {
            scenario: text(&meta.args["name"]),
            title: text(&meta.args["scenario"]["title"]),
            seed: meta.args["seed"].as_u64().unwrap_or(0),
            seconds,
            rate: if seconds > 0.0 { answered as f64 / seconds } else { 0.0 },
            outcomes,
            faults,
            skipped: skipped.map(|event| (event.op.clone(), text(&event.out))).collect(),
            write_gap_ms: gaps.max().unwrap_or(0) / 1000,
            recovery_ms,
            honoured_ms: check::revocation::longest_ms(events),
            good: checks.iter().all(Verdict::is_good),
            checks,
            again: text(&meta.args["again"]),
        })
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Summary { scenario, title, seed, seconds, rate, write_gap_ms, .. } = self;
        writeln!(f, "{scenario}: {title}")?;
        writeln!(f, "  seed {seed}, {seconds:.1} s, {rate:.0} calls answered per second")?;
        for (what, count) in &self.outcomes {
            writeln!(f, "  {count:7} {what}")?;
        }
        for (what, count) in &self.faults {
            writeln!(f, "  {count:7} × {what}")?;
        }
        for (what, why) in &self.skipped {
            writeln!(f, "  skipped {what}: {why}")?;
        }
        writeln!(f, "  longest time without an acknowledged write: {write_gap_ms} ms")?;
        if let Some(recovery_ms) = self.recovery_ms {
            writeln!(f, "  first write acknowledged {recovery_ms} ms after the faults had ended")?;
        }
        if let Some(honoured_ms) = self.honoured_ms {
            writeln!(
                f,
                "  a revoked right was honoured up to {honoured_ms} ms after the acknowledgement"
            )?;
        }
        for check in &self.checks {
            let verdict = match check.is_good() {
                true if check.examined == 0 => "--  ",
                true => "ok  ",
                false => "FAIL",
            };
            writeln!(
                f,
                "  {verdict} {:<17} {} ({} examined)",
                check.check, check.holds, check.examined
            )?;
            for violation in check.violations.iter().take(5) {
                writeln!(f, "         {violation}")?;
            }
            if check.violations.len() > 5 {
                writeln!(f, "         and {} more", check.violations.len() - 5)?;
            }
        }
        if self.good { Ok(()) } else { writeln!(f, "  again: {}", self.again) }
    }
}
