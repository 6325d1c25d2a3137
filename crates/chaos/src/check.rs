//! Judges a history: the checkers of the simulation, and those that only real processes need.

mod availability;
mod convergence;
mod coverage;
mod log;
pub(crate) mod revocation;
#[cfg(test)]
mod tests;

use serde::Serialize;

use crate::event::{Event, Kind};
use crate::history;

/// What one check says.
#[derive(Clone, PartialEq, Eq, Serialize, Debug)]
pub struct Verdict {
    /// `C4 prefix`
    pub check: &'static str,
    /// What must hold.
    pub holds: &'static str,
    /// What it looked at: a check that looks at nothing shows nothing.
    pub examined: usize,
    /// What does not hold, each beginning with the id of the call where it is about one.
    pub violations: Vec<String>,
}

impl Verdict {
    /// Whether everything holds.
    pub fn is_good(&self) -> bool {
        self.violations.is_empty()
    }
}

/// What a check found: how much it examined, and what is wrong.
type Found = (usize, Vec<String>);

/// Judges the lines of a history.
///
/// # Errors
/// They are not those of a history, or of one that was not finished.
pub fn judge(events: &[Event]) -> Result<Vec<Verdict>, String> {
    let of_logs = |event: &Event| event.kind == Kind::Phase && event.op == "log";
    if !events.iter().any(of_logs) {
        return Err("the run was interrupted before the voters' logs were read".to_owned());
    }
    let history = history::assemble(events)?;
    let reads = history.calls.iter().filter(|call| call.read().is_some()).count();
    let writes = history.calls.iter().filter(|call| call.acknowledged().is_some()).count();
    let ordered = sim::check::ordered(&history);
    let lagging = history.calls.iter().filter(|call| {
        call.read().is_some() && history.lags.get(&call.life.node).is_some_and(|lag| !lag.is_zero())
    });
    let lagging = lagging.count();
    let mut verdicts: Vec<Verdict> = Vec::new();
    for (check, violations) in sim::check::each(&history) {
        let (holds, examined) = match check {
            // Real cells are judged by what revoked principals were answered, below.
            "C10 barrier" => continue,
            "C1 linearizable" => ("writes and strong reads are linearizable", writes),
            "C2 black box" => ("some order of the calls explains every answer", ordered),
            "C3 fates" => ("what was acknowledged is in the log, once and in its place", writes),
            "C4 prefix" => ("every answer is the state at its revision", reads),
            "C5 future" => ("nothing is read before it was asked for", reads),
            "C7 sessions" => ("tokens are honoured, no client sees a node go back (C6, C7)", reads),
            "C8 age" => ("no answer is older than it says", reads),
            "C9 lag" => ("a replica that is to lag does", lagging),
            _ => ("", 0),
        };
        verdicts.push(Verdict { check, holds, examined, violations });
    }
    let mut add = |check, holds, (examined, violations): Found| {
        verdicts.push(Verdict { check, holds, examined, violations });
    };
    add("C3 log", "the voters' logs agree, and hold only what was asked for", log::agreed(events));
    let holds = "no right is honoured after it was taken away (and a replica's bound)";
    add("C10 revocation", holds, revocation::honoured(events));
    add(
        "C11 convergence",
        "equal revisions have equal digests; in the end all are equal",
        convergence::whole(events),
    );
    add(
        "C14 availability",
        "enough calls were answered, replicas answer alone, a mended cell serves",
        availability::enough(events),
    );
    add("faults", "every fault that was to happen did something", coverage::happened(events));
    Ok(verdicts)
}
