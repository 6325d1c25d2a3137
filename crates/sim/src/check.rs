//! The checkers: what a history must be like, whatever the cell went through.
//!
//! Names as in docs/reliability.md. All of them ask the tiny model (`world`), none asks the product.

mod age;
mod barrier;
mod classes;
mod explained;
mod lagging;
mod log;
mod prefix;
mod search;
mod session;
#[cfg(test)]
mod testing;
mod timeline;
mod witness;

use crate::history::History;
use timeline::Timeline;

/// The checks of what is promised by clocks, and holds only as long as they run within the cell's bound.
pub const BY_CLOCKS: [&str; 3] = ["C8 age", "C9 lag", "C10 barrier"];

/// How many calls C2 looks at.
pub fn ordered(history: &History) -> usize {
    explained::counted(history).count()
}

/// Everything that is wrong with a history.
pub fn all(history: &History) -> Vec<String> {
    let named = each(history)
        .into_iter()
        .flat_map(|(name, found)| found.into_iter().map(move |what| format!("{name}: {what}")));
    named.collect()
}

/// Each check's name and what it found, which begins with the id of the request that it is about where it is about one.
pub fn each(history: &History) -> [(&'static str, Vec<String>); 9] {
    let timeline = Timeline::of(history);
    [
        ("C1 linearizable", witness::linearizable(history, &timeline)),
        ("C2 black box", explained::explained(history)),
        ("C3 fates", log::fates(history)),
        ("C4 prefix", prefix(history, &timeline)),
        ("C5 future", prefix::not_from_the_future(history)),
        ("C7 sessions", session::monotonic(history)),
        ("C8 age", age::truthful(history)),
        ("C9 lag", lagging::late_enough(history, &timeline)),
        ("C10 barrier", barrier::honoured(history)),
    ]
}

fn prefix(history: &History, timeline: &Timeline) -> Vec<String> {
    let mut found = prefix::consistent(history, timeline);
    found.extend(classes::consistent(history, timeline));
    found
}
