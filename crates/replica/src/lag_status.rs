//! What a replica says of its lag.

use lag::{Plan, Sample};

/// The lag of one replica at one moment.
#[derive(Clone, PartialEq, Debug)]
pub struct LagStatus {
    /// The plan in force.
    pub plan: Plan,
    /// Whether time makes nothing visible.
    pub is_paused: bool,
    /// The newest revision received.
    pub received: u64,
    /// The newest revision of which everything is visible.
    pub visible: u64,
    /// The newest revision of which any class is visible, where classes have their own times.
    pub by_class: Option<u64>,
    /// How many revisions wait.
    pub waiting: usize,
    /// Whether so many wait that no more are taken from the feed: delays are then longer than the plan says.
    pub is_full: bool,
    /// Time until more is due, microseconds; absent when nothing waits, or in a pause.
    pub next_due_us: Option<u64>,
    /// The latest revisions that became visible when their time had come, oldest first.
    pub samples: Vec<Sample>,
}
