//! Asks every node again and again what it is and how far it is, and writes that down.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use schema::cluster::v1::status_response::Role;
use schema::cluster::v1::{StatusRequest, StatusResponse};
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::cell::{Cell, VOTERS};
use crate::event::{Event, Kind};

const EVERY: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_millis(800);
/// A node that has not spoken for so long is not believed to lead.
const FRESH: Duration = Duration::from_secs(2);
const PATH: &str = "/bailiwick.cluster.v1.Cluster/Status";

/// What the nodes last said.
#[derive(Clone, Default)]
pub(crate) struct Watch(Arc<Mutex<BTreeMap<u64, (Instant, StatusResponse)>>>);

impl Watch {
    /// Watches every node on `tasks`, until they are dropped.
    pub(crate) fn start(cell: &Arc<Cell>, tasks: &mut JoinSet<()>) -> Self {
        let watch = Watch::default();
        for node in cell.ids() {
            let (cell, watch) = (Arc::clone(cell), watch.clone());
            tasks.spawn(async move {
                loop {
                    if let Some(status) = ask(&cell, node, PATIENCE).await {
                        let mut event = Event::new("watch", Kind::Node).at(node);
                        event = event.op("status", json!({"role": role(status.role())}));
                        event.index = Some(status.applied_revision);
                        event.age_ms = status.age_ms;
                        event.term = Some(status.term);
                        event.out =
                            json!({"commit": status.commit_revision, "digest": status.digest});
                        event.life = Some(cell.life(node).nth);
                        cell.recorder.write(event);
                        let mut told = watch.0.lock().unwrap_or_else(PoisonError::into_inner);
                        told.insert(node, (Instant::now(), status));
                    }
                    sleep(EVERY).await;
                }
            });
        }
        watch
    }

    /// The voter that leads, by what was said lately: one that was cut off may still believe, and has a smaller term.
    pub(crate) fn leader(&self) -> Option<u64> {
        let told = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = told.iter().filter(|(_, (when, _))| when.elapsed() < FRESH);
        let leads = fresh.filter(|(_, (_, status))| status.role() == Role::Leader);
        leads.max_by_key(|(_, (_, status))| status.term).map(|(node, _)| *node)
    }

    /// Waits until somebody leads.
    pub(crate) async fn some_leader(&self, patience: Duration) -> Option<u64> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(leader) = self.leader() {
                return Some(leader);
            }
            if Instant::now() >= deadline {
                return None;
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// A voter that does not lead.
    pub(crate) fn followers(&self) -> Vec<u64> {
        let leader = self.leader();
        VOTERS.into_iter().filter(|id| Some(*id) != leader).collect()
    }
}

/// What a node says of itself; nothing when it does not.
pub(crate) async fn ask(cell: &Cell, node: u64, patience: Duration) -> Option<StatusResponse> {
    let client = cell.operator(node, patience).ok()?;
    // A client is made anew: a connection to an earlier life would have to be found out to be dead first.
    client.send::<_, StatusResponse>(PATH, &StatusRequest {}, true).await.ok().map(|it| it.message)
}

fn role(role: Role) -> &'static str {
    match role {
        Role::Leader => "leader",
        Role::Follower => "follower",
        Role::Candidate => "candidate",
        Role::Learner => "learner",
        Role::Replica => "replica",
        Role::Stopped => "stopped",
        Role::Unspecified => "unknown",
    }
}
