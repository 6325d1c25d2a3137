//! Faults of processes: killed, stopped for a while, ended and started again.

use std::os::unix::process::ExitStatusExt;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::json;
use tokio::time::{Instant, sleep, sleep_until};

use super::Nemesis;
use crate::watch;

const KILL: i32 = 9;
/// How long a restarted node may take to answer before the next one is restarted.
const BACK_PATIENCE: Duration = Duration::from_secs(15);

impl Nemesis {
    pub(super) async fn kill(&self, targets: &[u64], until: Instant) -> Result<(), String> {
        for &target in targets {
            let ended = self.cell.node(target).await.kill().await?;
            if ended.signal() == Some(KILL) {
                self.bit(target, json!("ended by signal 9"));
            }
        }
        sleep_until(until).await;
        for &target in targets {
            self.cell.revive(target).await?;
        }
        Ok(())
    }

    /// One after the other, each back before the next goes.
    pub(super) async fn rolling_restart(
        &self,
        targets: &[u64],
        until: Instant,
    ) -> Result<(), String> {
        for &target in targets {
            let ended = self.cell.node(target).await.end().await?;
            self.bit(target, json!({"ended": ended.code()}));
            self.cell.revive(target).await?;
            self.back(target).await?;
        }
        sleep_until(until).await;
        Ok(())
    }

    pub(super) async fn pause(&self, targets: &[u64], until: Instant) -> Result<(), String> {
        for &target in targets {
            let node = self.cell.node(target).await;
            node.signal(Signal::STOP)?;
            let deadline = Instant::now() + Duration::from_secs(1);
            while !node.is_stopped() && Instant::now() < deadline {
                sleep(Duration::from_millis(5)).await;
            }
            if node.is_stopped() {
                self.bit(target, json!("stopped, by the kernel's word"));
            }
        }
        sleep_until(until).await;
        for &target in targets {
            self.cell.node(target).await.signal(Signal::CONT)?;
        }
        Ok(())
    }

    /// Waits until a node answers and knows how old its view is.
    pub(super) async fn back(&self, target: u64) -> Result<(), String> {
        let deadline = Instant::now() + BACK_PATIENCE;
        loop {
            let status = watch::ask(&self.cell, target, Duration::from_secs(1)).await;
            if status.is_some_and(|status| status.age_ms.is_some()) {
                return Ok(());
            }
            if Instant::now() >= deadline {
                return Err(format!("node {target} was restarted and does not serve"));
            }
            sleep(Duration::from_millis(50)).await;
        }
    }
}
