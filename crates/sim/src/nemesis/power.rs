//! Crashes, with and without a warning, disks that fail, a checkpoint that is lost, and a leader that hands over.

use cluster::{Backend, NodeId, Role};

use super::Hand;
use crate::cell::{REPLICAS, VOTERS};
use crate::tape;

impl Hand {
    /// One trouble, which ends.
    pub(super) async fn trouble_the_nodes(&self) {
        let voter = self.chance.pick(&VOTERS);
        match self.chance.weighed(&[25, 20, 8, 6, 15, 16, 10, 10, 12]) {
            0 => self.crash("one crashed", &[voter]).await,
            1 => {
                if let Some(leader) = self.cell.leader() {
                    self.crash("leader crashed", &[leader]).await;
                }
            }
            2 => {
                let others: Vec<NodeId> = VOTERS.into_iter().filter(|id| *id != voter).collect();
                self.crash("two crashed", &others).await;
            }
            3 => self.crash("all crashed", &VOTERS).await,
            4 if self.cell.node(voter).is_none() => {}
            4 => {
                // The log fails first, the node a while later.
                tape::event(format_args!("power to fail at {voter}"));
                self.cell.disk(voter).cut_power_at_sync(1 + self.chance.below(6));
                self.rest(50..1500).await;
                self.crash("crashed in a sync", &[voter]).await;
            }
            5 => {
                let replica = self.chance.pick(&REPLICAS);
                self.crash("replica restarted", &[replica]).await;
            }
            6 => self.hand_over().await,
            7 => self.lose_checkpoint(voter).await,
            _ => self.fail_disk(voter).await,
        }
    }

    async fn crash(&self, what: &'static str, ids: &[NodeId]) {
        tape::count(what);
        for id in ids {
            self.cell.crash(*id);
        }
        self.rest(20..4000).await;
        for id in ids {
            self.cell.boot(*id).await;
        }
    }

    /// Only while the other two have theirs: what nobody has, nobody can bring back.
    async fn lose_checkpoint(&self, id: NodeId) {
        if VOTERS.iter().all(|voter| self.cell.node(*voter).is_some()) {
            self.cell.lose_checkpoint(id);
            self.crash("checkpoint lost", &[id]).await;
        }
    }

    async fn hand_over(&self) {
        let Some(leader) = self.cell.leader().and_then(|id| self.cell.node(id)) else { return };
        let to = self.chance.pick(&VOTERS);
        tape::event(format_args!("hand over from {} to {to}", leader.id()));
        if leader.transfer_leader(to).await.is_ok() {
            tape::count("leader asked to hand over");
        }
    }
    /// The disk fails while the power stays on. What its node could not write it must not have acknowledged, which
    /// shows when the others lose theirs, too.
    async fn fail_disk(&self, id: NodeId) {
        if self.cell.node(id).is_none() {
            return;
        }
        let disk = self.cell.disk(id);
        let nth = 1 + self.chance.below(6);
        // A full disk shows only when the log needs another segment.
        let (stops, wait) = match self.chance.below(3) {
            0 => {
                disk.fill(self.chance.below(2_000));
                ("stopped: no space", 500..12_000)
            }
            1 => {
                disk.fail_sync(nth);
                ("stopped: fsync failed", 50..3000)
            }
            _ => {
                disk.fail_write(nth);
                ("stopped: write failed", 50..3000)
            }
        };
        tape::event(format_args!("disk of {id} to fail, {stops}"));
        self.rest(wait).await;
        let node = self.cell.node(id);
        if node.is_some_and(|node| Backend::status(&node).role == Role::Stopped) {
            tape::count(stops);
        }
        disk.clear_out();
        match self.chance.below(3) {
            0 => self.crash("all crashed", &VOTERS).await,
            _ => self.crash("disk failed", &[id]).await,
        }
    }
}
