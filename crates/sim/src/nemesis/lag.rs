//! Pauses: a replica that holds more and more than it shows.

use super::Hand;
use crate::cell::REPLICAS;
use crate::tape;

impl Hand {
    /// One trouble, which ends.
    pub(super) async fn pause_a_replica(&self) {
        let id = self.chance.pick(&REPLICAS);
        let Some(replica) = self.cell.replica(id) else { return };
        tape::event(format_args!("replica {id} paused"));
        tape::count("replica paused");
        replica.pause();
        self.rest(100..4000).await;
        // If it was started anew meanwhile, the other one was never paused.
        replica.resume();
        tape::event(format_args!("replica {id} goes on"));
    }
}
