//! Asks the cell, again and again, how far history has gone.

use std::sync::Arc;
use std::time::Duration;

use schema::follow::v1::{ConfirmRequest, ConfirmResponse};
use tokio::time::{MissedTickBehavior, interval};

use super::held::Held;
use crate::Client;

/// One question, tries at other nodes included: the age counts from its beginning, so a new one is worth more than an
/// answer that comes late.
const PATIENCE: Duration = Duration::from_secs(1);

/// Runs until it is aborted.
pub(super) async fn run(held: Arc<Held>, client: Client, every: Duration) {
    let client = client.with_deadline(PATIENCE);
    let mut ticks = interval(every.max(Duration::from_millis(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let path = "/bailiwick.follow.v1.Follow/Confirm";
    loop {
        ticks.tick().await;
        // Before the question leaves: what is committed while it travels may be missing from the answer.
        let sent = held.clock.monotonic();
        match client.send::<_, ConfirmResponse>(path, &ConfirmRequest {}, true).await {
            Ok(answer) => held.confirm(answer.message.revision, sent),
            Err(error) => held.trouble(&error, true),
        }
    }
}
