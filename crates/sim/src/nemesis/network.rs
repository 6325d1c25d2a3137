//! Cuts, one way and both ways, and foul weather.

use cluster::NodeId;

use super::Hand;
use crate::cell::{GRANDCHILD, REPLICA, REPLICAS, VOTERS};
use crate::tape;

const ALL: [NodeId; 5] = [VOTERS[0], VOTERS[1], VOTERS[2], REPLICA, GRANDCHILD];

impl Hand {
    /// One trouble, which ends.
    pub(super) async fn trouble_the_network(&self) {
        let (network, sky) = (&self.cell.network, &self.cell.sky);
        let (voter, replica) = (self.chance.pick(&VOTERS), self.chance.pick(&REPLICAS));
        let fault = self.chance.weighed(&[20, 15, 10, 10, 10, 10, 5, 5, 5, 10]);
        tape::event(format_args!("network fault {fault} at {voter}"));
        match fault {
            0 => self.isolate("voter isolated", voter),
            1 => match self.cell.leader() {
                Some(leader) => self.isolate("leader isolated", leader),
                None => return,
            },
            2 => self.one_way("voter muted", |other| (voter, other), voter),
            3 => self.one_way("voter deafened", |other| (other, voter), voter),
            4 => {
                tape::count("pair cut");
                let other = self.chance.pick(&VOTERS);
                network.cut(voter, other);
                network.cut(other, voter);
            }
            5 => self.isolate("replica isolated", replica),
            6 => self.one_way("replica muted", |other| (replica, other), replica),
            7 => self.one_way("replica deafened", |other| (other, replica), replica),
            8 => {
                tape::count("storm");
                sky.set(self.chance.below(20_000), 20);
            }
            _ => {
                tape::count("slow network");
                sky.set(0, 20 + self.chance.below(300));
            }
        }
        self.rest(100..5000).await;
        network.heal();
        sky.clear_up();
        tape::event(format_args!("network healed"));
    }

    fn isolate(&self, what: &'static str, id: NodeId) {
        tape::count(what);
        self.cell.network.isolate(id, &ALL);
    }

    fn one_way(&self, what: &'static str, way: impl Fn(NodeId) -> (NodeId, NodeId), id: NodeId) {
        tape::count(what);
        for other in ALL.into_iter().filter(|other| *other != id) {
            let (from, to) = way(other);
            self.cell.network.cut(from, to);
        }
    }
}
