//! What a run found.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use crate::settings::Drawn;

/// What one run found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The seed that everything came from.
    pub seed: u64,
    /// What was drawn from it first.
    pub drawn: Drawn,
    /// SHA-256 of everything that happened.
    pub trace: [u8; 32],
    /// Simulated time with traffic and faults.
    pub played: Duration,
    /// Simulated time from beginning to end.
    pub simulated: Duration,
    /// How often what happened that should happen in some run.
    pub counts: BTreeMap<&'static str, u64>,
    /// What must not happen and did; empty for a good run.
    pub violations: Vec<String>,
    /// What broke because clocks ran off beyond the cell's bound, and may.
    pub by_clocks: Vec<String>,
    /// Every line of the trace, if it was to be kept.
    pub lines: Vec<String>,
}

impl Report {
    /// How often something happened.
    pub fn count(&self, what: &str) -> u64 {
        self.counts.get(what).copied().unwrap_or(0)
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let trace: String = self.trace.iter().map(|byte| format!("{byte:02x}")).collect();
        let (seed, drawn, simulated) = (self.seed, &self.drawn, self.simulated);
        writeln!(f, "seed {seed}: {simulated:?} simulated, trace {trace}, {drawn}")?;
        for (what, count) in &self.counts {
            writeln!(f, "  {count:6} {what}")?;
        }
        if let Some(first) = self.by_clocks.first() {
            let more = self.by_clocks.len() - 1;
            writeln!(f, "  by clocks astray, which is no violation: {first}; {more} more")?;
        }
        for violation in self.violations.iter().take(20) {
            writeln!(f, "  VIOLATION {violation}")?;
        }
        match self.violations.is_empty() {
            true => Ok(()),
            false => {
                let seconds = self.played.as_secs();
                let again = "cargo test -p bailiwick-sim --test sim seeds -- --nocapture";
                writeln!(f, "  again: SIM_SEED={seed} SIM_SECONDS={seconds} {again}")
            }
        }
    }
}
