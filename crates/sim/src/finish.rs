//! After the faults: everything heals, and then the cell must live up to it.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::cell::{Cell, Door, REPLICAS, VOTERS};
use crate::client::Client;
use crate::history::{Asked, Ending, Mode};
use crate::tape;
use crate::world::{Question, Write};

/// How long a healed cell may take until it works again.
const RECOVERY: Duration = Duration::from_secs(15);

/// How old a healed replica's view may be, besides its lag.
const AGE: Duration = Duration::from_secs(1);

/// Heals everything, then sees to it that every node serves, and that all of them hold the same.
pub(crate) async fn heal(cell: &Cell, mut client: Client) {
    tape::event(format_args!("all healed"));
    cell.network.heal();
    cell.sky.set(0, 1);
    let deadline = Instant::now() + RECOVERY;
    for id in VOTERS.into_iter().chain(REPLICAS) {
        cell.boot(id).await;
        // One that waits for the others to help it tries again when they are there.
        while cell.door(id).is_none() && Instant::now() < deadline {
            sleep(Duration::from_millis(100)).await;
            cell.boot(id).await;
        }
    }
    for id in VOTERS.into_iter().chain(REPLICAS) {
        match cell.door(id) {
            Some(door) => serves(&mut client, &door).await,
            None => tape::violation(format!("liveness: node {id} is gone")),
        }
    }
    converges(cell).await;
}

/// A write and a strong read that sees it.
async fn serves(client: &mut Client, door: &Door) {
    let deadline = Instant::now() + RECOVERY;
    let node = door.life.node;
    for step in ["write", "read"] {
        let mut last = None;
        while !matches!(last, Some(Ending::Answered { .. })) {
            if Instant::now() >= deadline {
                tape::violation(format!("liveness: no {step} at node {node}: {last:?}"));
                return;
            }
            let asked = match step {
                "write" => Asked::Write(Write::Create {
                    name: format!("last-{node}"),
                    path: format!("/last-{}/", client.asked + 1),
                }),
                _ => Asked::Read(Mode::Strong, Question::Get(format!("last-{node}"))),
            };
            last = Some(client.ask(door, asked, Duration::from_secs(3)).await);
            sleep(Duration::from_millis(20)).await;
        }
    }
}

/// Every node at one revision, with one state, and the replicas young.
async fn converges(cell: &Cell) {
    let deadline = Instant::now() + RECOVERY;
    loop {
        let statuses: Vec<_> = cell.doors().iter().map(|door| door.backend.status()).collect();
        let first = &statuses[0];
        let same = statuses.iter().all(|status| {
            (status.applied_revision, &status.digest) == (first.applied_revision, &first.digest)
        });
        let young = cell.drawn().lag_max() + AGE;
        let young = u64::try_from(young.as_millis()).unwrap_or(u64::MAX);
        let young = statuses.iter().all(|status| status.age_ms.is_some_and(|age| age < young));
        if same && young && statuses.len() == VOTERS.len() + REPLICAS.len() {
            tape::event(format_args!("converged at {} {}", first.applied_revision, first.digest));
            return;
        }
        if Instant::now() >= deadline {
            let told: Vec<_> = statuses
                .iter()
                .map(|s| {
                    format!("{} {} {:?} {}", s.id, s.applied_revision, s.age_ms, &s.digest[..8])
                })
                .collect();
            tape::violation(format!("no convergence: {told:?}"));
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
}
