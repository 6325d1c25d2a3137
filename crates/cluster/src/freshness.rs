//! How old this node's view may be, at most.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::ask::Wanted;
use crate::clock::Clock;
use crate::machine::Machine;
use crate::read_index::{Confirmed, Rounds};

/// The newest confirmation whose revision this node holds.
///
/// INVARIANT: every write acknowledged before the confirmation began is in what this node holds, so
/// the age of that is at most the time since then. Only rounds through the leader confirm; what a
/// follower has merely heard of proves nothing.
pub struct Freshness {
    clock: Arc<dyn Clock>,
    newest: Mutex<Option<Confirmed>>,
}

impl Freshness {
    /// Nothing is confirmed yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Freshness { clock, newest: Mutex::default() }
    }

    /// A round's result, once its revision is held; false when it says nothing that was not known: it began before the
    /// newest.
    pub fn note(&self, confirmed: Confirmed) -> bool {
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        let is_news = newest.is_none_or(|known| known.began < confirmed.began);
        if is_news {
            *newest = Some(confirmed);
        }
        is_news
    }

    /// The newest.
    pub fn newest(&self) -> Option<Confirmed> {
        *self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Upper bound of the age of the view; nothing before the first confirmation.
    pub(crate) fn age(&self) -> Option<Duration> {
        Some(self.clock.monotonic().saturating_sub(self.newest()?.began))
    }
}

/// Milliseconds, rounded up so that the bound stays one.
pub fn millis_up(age: Duration) -> u64 {
    u64::try_from(age.as_micros().div_ceil(1000)).unwrap_or(u64::MAX)
}

/// Confirms again and again, so that ages stay small while nobody reads, and at once when the leader waits to hear
/// how far this node is.
pub(crate) async fn keep_fresh(
    rounds: Rounds,
    machine: Arc<Machine>,
    freshness: Arc<Freshness>,
    period: Duration,
) {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            biased;
            () = machine.awaited.notified() => {}
            _ = ticks.tick() => {}
        }
        let deadline = Instant::now() + period * 4;
        if let Ok(confirmed) = rounds.confirm(deadline, Wanted::AtLeisure).await
            && machine.horizon.wait(confirmed.index, deadline).await
            && freshness.note(confirmed)
        {
            machine.past.confirm(confirmed.index, confirmed.began);
        }
    }
}
