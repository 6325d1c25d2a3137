//! The nemesis: breaks things as the scenario says, sees to it that it bit, and mends them.

mod clock;
mod links;
mod machine;
mod processes;

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use sim::chance::Chance;
use tokio::time::{Instant, sleep, sleep_until};

pub(crate) use machine::Ground;

use crate::cell::{Cell, VOTERS};
use crate::event::{Event, Kind};
use crate::scenario::{Fault, FaultKind, Target};
use crate::watch::Watch;

/// The nemesis has chances of its own from here, one for each fault of the scenario.
const CHANCES: u64 = 10;
/// How long it waits for a leader to do something to.
const LEADER_PATIENCE: Duration = Duration::from_secs(5);

/// Does one fault of the scenario, again and again.
pub(crate) struct Nemesis {
    cell: Arc<Cell>,
    watch: Watch,
    ground: Arc<Ground>,
    fault: Fault,
    chance: Chance,
    /// `f0-2`: the third time of the scenario's first fault.
    id: String,
}

impl Nemesis {
    /// A nemesis for the fault at a place of the scenario.
    pub(crate) fn new(
        (cell, watch, ground): (&Arc<Cell>, &Watch, &Arc<Ground>),
        seed: u64,
        (place, fault): (u64, &Fault),
    ) -> Self {
        Nemesis {
            cell: Arc::clone(cell),
            watch: watch.clone(),
            ground: Arc::clone(ground),
            fault: fault.clone(),
            chance: Chance::of(seed, CHANCES + place),
            id: format!("f{place}"),
        }
    }

    /// Works until `end`. What could not be mended is told.
    pub(crate) async fn run(mut self, end: Instant) -> Result<(), String> {
        if let Some(why) = self.ground.lacks(self.fault.kind) {
            self.say(Kind::Skip, json!(why));
            return Ok(());
        }
        let place = self.id.clone();
        sleep(Duration::from_secs_f64(self.fault.first_s.max(0.0))).await;
        for nth in 0.. {
            if Instant::now() >= end {
                break;
            }
            self.id = format!("{place}-{nth}");
            self.once(end).await.map_err(|error| format!("{}: {error}", self.id))?;
            let Some(pause) = self.fault.every_s else { break };
            sleep_until((Instant::now() + Duration::from_secs_f64(pause.max(0.1))).min(end)).await;
        }
        Ok(())
    }

    async fn once(&self, end: Instant) -> Result<(), String> {
        let targets = self.targets().await;
        if targets.is_empty() {
            // Nobody leads: that is no fault of ours, and the next time will come.
            return Ok(());
        }
        let mut event = self.event(Kind::Fault);
        event.args = json!({"targets": targets, "for_s": self.fault.for_s});
        event.node = (targets.len() == 1).then(|| targets[0]);
        self.cell.recorder.write(event);
        let until = (Instant::now() + Duration::from_secs_f64(self.fault.for_s.max(0.0))).min(end);
        let done = match self.fault.kind {
            FaultKind::Kill => self.kill(&targets, until).await,
            FaultKind::RollingRestart => self.rolling_restart(&targets, until).await,
            FaultKind::Pause => self.pause(&targets, until).await,
            FaultKind::Isolate | FaultKind::Mute | FaultKind::Deafen | FaultKind::Slow => {
                self.bad_weather(&targets, until).await
            }
            FaultKind::Swizzle => self.swizzle(until).await,
            FaultKind::ClockJump => self.clock_jump(&targets, until).await,
            FaultKind::DiskFull => self.disk_full(&targets, until).await,
            FaultKind::PowerLoss => self.power_loss(&targets, until).await,
        };
        self.say(Kind::Heal, Value::Null);
        done
    }

    async fn targets(&self) -> Vec<u64> {
        let one = |of: Vec<u64>| if of.is_empty() { of } else { vec![self.chance.pick(&of)] };
        match self.fault.target {
            Target::Leader => self.watch.some_leader(LEADER_PATIENCE).await.into_iter().collect(),
            Target::Follower => one(self.watch.followers()),
            Target::Voter => one(VOTERS.to_vec()),
            Target::Replica => one(self.cell.replicas()),
            Target::Voters => VOTERS.to_vec(),
            Target::Nodes => self.cell.ids().collect(),
        }
    }

    /// Writes down that the fault did something.
    fn bit(&self, node: u64, what: Value) {
        let mut event = self.event(Kind::Evidence).at(node);
        event.out = what;
        self.cell.recorder.write(event);
    }

    fn say(&self, kind: Kind, out: Value) {
        let mut event = self.event(kind);
        event.out = out;
        self.cell.recorder.write(event);
    }

    fn event(&self, kind: Kind) -> Event {
        let name = serde_json::to_value(self.fault.kind).unwrap_or_default();
        let name = name.as_str().unwrap_or_default().to_owned();
        let mut event = Event::new("nemesis", kind).op(name, Value::Null);
        event.id.clone_from(&self.id);
        event
    }
}
