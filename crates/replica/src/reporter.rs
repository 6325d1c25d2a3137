//! Tells the leader how far this replica is. The answer is its lease: it may decide by what the leader knows it shows.

use std::sync::Arc;
use std::time::Duration;

use cluster::Report;
use cluster::ask::Wanted;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::leader::Leader;
use crate::views::Views;

pub(crate) struct Reporter {
    pub(crate) me: Report,
    pub(crate) views: Arc<Views>,
    pub(crate) leader: Arc<Leader>,
}

impl Reporter {
    /// What this replica says of itself.
    pub(crate) fn report(&self) -> Report {
        // In this order: nothing is visible that is not received.
        let visible = self.views.horizon.reached();
        let received = self.views.received().max(visible);
        Report { received, visible, ..self.me.clone() }
    }

    /// Runs until it is aborted.
    pub(crate) async fn run(self: Arc<Self>, every: Duration) {
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                () = self.views.shown_to_awaiting.notified() => {}
                _ = ticks.tick() => {}
            }
            let began = self.views.clock().monotonic();
            let deadline = Instant::now() + every * 4;
            let asked = self.leader.read_index(deadline, Wanted::AtLeisure, &self.report()).await;
            match asked {
                Ok(revision) => self.views.lease(revision, began),
                Err(error) => {
                    tracing::debug!(%error, "the leader was not told how far this replica is")
                }
            }
        }
    }
}
