//! The chore that writes checkpoints and cuts the log behind them.

use std::sync::Arc;

use openraft::async_runtime::watch::WatchReceiver;
use tokio::time::{Duration, Instant, MissedTickBehavior, interval, timeout};

use crate::machine::Machine;
use crate::raft::Raft;
use crate::settings::CheckpointSettings;

/// How often it is seen to whether a checkpoint is due.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Entries cut from the log in one go: a long cut would hold up what is being written.
const PURGE_STEP: u64 = 4_096;

/// How long openraft may take to have a snapshot taken.
const SNAPSHOT_PATIENCE: Duration = Duration::from_secs(10);

pub(super) async fn keep(raft: Raft, machine: Arc<Machine>, settings: CheckpointSettings) {
    let mut looks = interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last = Instant::now();
    let mut seen = 0;
    loop {
        looks.tick().await;
        let reached = machine.horizon.reached();
        let is_quiet = std::mem::replace(&mut seen, reached) == reached;
        if is_quiet && let Err(error) = machine.keeper.settle().await {
            tracing::error!(%error, "the checkpoint cannot be settled");
        }
        let behind = reached.saturating_sub(machine.keeper.saved_revision());
        let due = behind >= settings.revisions || (behind > 0 && last.elapsed() >= settings.period);
        if !due {
            continue;
        }
        last = Instant::now();
        match machine.keeper.save(&machine).await {
            Ok(saved) => {
                tracing::debug!(revision = saved, "checkpoint written");
                purge(&raft, saved.saturating_sub(settings.log_tail)).await;
            }
            Err(error) => tracing::error!(%error, "the checkpoint cannot be written"),
        }
    }
}

/// openraft cuts only what a snapshot covers. A snapshot costs nothing here (a state is a value),
/// so it takes one first; that the checkpoint is durable is what makes the cut safe.
async fn purge(raft: &Raft, upto: u64) {
    let mut metrics = raft.data_metrics();
    let mut at = metrics.borrow_watched().purged.map_or(0, |id| id.index);
    if upto <= at || raft.trigger().snapshot().await.is_err() {
        return;
    }
    let covered = async {
        while metrics.borrow_watched().snapshot.is_none_or(|id| id.index < upto) {
            metrics.changed().await.ok()?;
        }
        Some(())
    };
    // Otherwise the next checkpoint sees to it.
    if !matches!(timeout(SNAPSHOT_PATIENCE, covered).await, Ok(Some(()))) {
        return;
    }
    while at < upto {
        at = upto.min(at + PURGE_STEP);
        if raft.trigger().purge_log(at).await.is_err() {
            return;
        }
    }
}
