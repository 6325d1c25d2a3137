//! Real processes: three voters under load from 16 clients, `kill -9` of the leader five times in a row.
//!
//! Afterwards every acknowledged write is there, on every node, and the digests of their states agree.

#[path = "processes/cell.rs"]
mod processes;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use client::{Client, Error};
use processes::{Cell, wait_for};
use schema::cluster::v1::status_response::Role;
use schema::iam::v1::{CreateUserRequest, CreateUserResponse, ListUsersRequest, ListUsersResponse};

const CLIENTS: usize = 16;
const KILLS: usize = 5;
/// Writes that must be acknowledged between two kills: a cell that stands still cannot pass.
const WRITES_BETWEEN: usize = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_write_is_lost_when_leaders_are_killed() {
    let mut cell = Cell::start().await;
    let (stop, acknowledged) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let mut accounts = Vec::new();
    let mut writers = Vec::new();
    for number in 0..CLIENTS {
        // An account for each, so that no quota ends the load.
        let root = cell.account(number).await;
        let client = cell.client(&root, 0..3);
        accounts.push(root);
        writers.push(tokio::spawn(write(
            client,
            number,
            Arc::clone(&stop),
            Arc::clone(&acknowledged),
        )));
    }

    for _ in 0..KILLS {
        let before = acknowledged.load(Ordering::SeqCst);
        wait_for("the cell takes writes", || async {
            acknowledged.load(Ordering::SeqCst) >= before + WRITES_BETWEEN
        })
        .await;
        let leader = cell.leader().await;
        cell.kill(leader);
        cell.restart(leader).await;
    }
    stop.store(true, Ordering::SeqCst);
    let mut checks = Vec::new();
    for (writer, root) in writers.into_iter().zip(&accounts) {
        let names = writer.await.expect("a writer");
        for node in 0..3 {
            checks.push((node, cell.client(root, node..node + 1), names.clone()));
        }
    }
    let total: usize = checks.iter().map(|(_, _, names)| names.len()).sum::<usize>() / 3;
    assert!(total >= KILLS * WRITES_BETWEEN, "{total} writes acknowledged");

    cell.agree().await;
    for (node, client, names) in checks {
        let there = listed(&client).await;
        for name in names {
            assert!(
                there.contains(&name),
                "{name} was acknowledged, and voter {} does not have it",
                node + 1
            );
        }
    }
}

/// The names of all users, as one voter has them: its own view, which holds what it has applied.
async fn listed(client: &Client) -> BTreeSet<String> {
    let client = client.clone().with_consistency("eventual");
    let (mut names, mut marker) = (BTreeSet::new(), None);
    loop {
        let request = ListUsersRequest { marker, max_items: Some(1000), ..Default::default() };
        let path = "/bailiwick.iam.v1.Iam/ListUsers";
        let page = client
            .send::<_, ListUsersResponse>(path, &request, true)
            .await
            .expect("a list")
            .message;
        names.extend(page.users.into_iter().map(|user| user.user_name));
        marker = page.marker;
        if marker.is_none() {
            return names;
        }
    }
}

/// Creates users until told to stop; gives the names whose creation was acknowledged.
async fn write(
    client: Client,
    number: usize,
    stop: Arc<AtomicBool>,
    acknowledged: Arc<AtomicUsize>,
) -> Vec<String> {
    let mut names = Vec::new();
    for count in 0.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let name = format!("writer-{number}-{count}");
        let request = CreateUserRequest { user_name: name.clone(), ..Default::default() };
        let path = "/bailiwick.iam.v1.Iam/CreateUser";
        match client.send::<_, CreateUserResponse>(path, &request, false).await {
            Ok(_) => {
                acknowledged.fetch_add(1, Ordering::SeqCst);
                names.push(name);
            }
            // Unknown fate: the name is not used again, and nothing is claimed about it.
            Err(Error::Unavailable { .. }) => {}
            Err(error) => panic!("{name}: {error}"),
        }
    }
    names
}

impl Cell {
    /// Waits until the three voters are at one revision and one digest.
    async fn agree(&self) {
        let began = Instant::now();
        loop {
            let statuses = self.statuses().await;
            let first = statuses.first().cloned().flatten();
            let same = statuses.iter().flatten().all(|status| {
                first.as_ref().is_some_and(|first| {
                    (first.applied_revision, &first.digest)
                        == (status.applied_revision, &status.digest)
                })
            });
            if statuses.iter().all(Option::is_some) && same {
                return;
            }
            for (left, right) in statuses.iter().flatten().zip(statuses.iter().flatten().skip(1)) {
                let diverged =
                    left.applied_revision == right.applied_revision && left.digest != right.digest;
                assert!(!diverged, "equal revisions, different states: {left:?} {right:?}");
            }
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "the voters do not agree: {statuses:?}"
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The index of the voter that leads.
    async fn leader(&self) -> usize {
        let began = Instant::now();
        loop {
            let statuses = self.statuses().await;
            let leads = |status: &Option<schema::cluster::v1::StatusResponse>| {
                status.as_ref().is_some_and(|status| status.role() == Role::Leader)
            };
            // A leader that was cut off may still believe: the highest term is right.
            let leader = statuses
                .iter()
                .enumerate()
                .filter(|(_, status)| leads(status))
                .max_by_key(|(_, status)| status.as_ref().map(|status| status.term));
            if let Some((position, _)) = leader {
                return position;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "nobody leads: {statuses:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
