//! Nodes that come back: from log, from checkpoint, from a snapshot of the leader.

use std::time::Duration;

use cluster::{Backend, CheckpointSettings, Settings};
use store::MemoryState;
use tokio::time::{sleep, timeout};

use crate::support::{Cell, note, soon, until};

fn eager_checkpoints(settings: &mut Settings) {
    settings.checkpoint =
        CheckpointSettings { revisions: 20, period: Duration::from_secs(5), log_tail: 10 };
}

#[tokio::test(start_paused = true)]
async fn a_whole_cell_comes_back_from_its_logs() {
    let mut cell = Cell::start(3).await;
    for n in 0..30 {
        cell.write(n % 3 + 1, &format!("n{n}={n}")).await.unwrap();
    }
    let digest = cell.nodes[&1].status().digest;
    for id in [1, 2, 3] {
        cell.crash(id);
    }
    for id in [1, 2, 3] {
        cell.boot(id).await;
    }
    cell.leader().await;
    for node in cell.nodes.values() {
        let seen = node.strong(soon()).await.unwrap();
        assert_eq!(seen.state.operator_keys().len(), 30);
        assert_eq!(node.status().digest, digest);
    }
}

#[tokio::test(start_paused = true)]
async fn a_node_comes_back_from_checkpoint_and_log_tail() {
    let mut cell = Cell::start_tuned(3, eager_checkpoints).await;
    for n in 0..100 {
        cell.write(1, &format!("n{}={n}", n % 40)).await.unwrap();
    }
    let follower = cell.follower().await;
    let cut = || cell.nodes[&follower].status();
    until("a checkpoint and a cut log", || {
        cut().checkpoint_revision > 90 && cut().log_start_revision > 50
    })
    .await;
    let before = cut();
    cell.write(1, "after=1").await.unwrap();
    cell.crash(follower);
    cell.write(cell.leader().await, "away=1").await.unwrap();
    let node = cell.boot(follower).await;
    assert!(node.status().applied_revision >= before.checkpoint_revision);
    assert!(node.status().log_start_revision > 50);
    cell.settle().await;
    let seen = node.strong(soon()).await.unwrap();
    assert_eq!(note(&seen.state, "n39").as_deref(), Some("79"));
    assert_eq!(note(&seen.state, "away").as_deref(), Some("1"));
}

#[tokio::test(start_paused = true)]
async fn a_node_far_behind_the_log_gets_a_snapshot_and_keeps_it() {
    let mut cell = Cell::start_tuned(3, eager_checkpoints).await;
    let follower = cell.follower().await;
    cell.write(follower, "before=1").await.unwrap();
    cell.crash(follower);
    let leader = cell.leader().await;
    for n in 0..200 {
        cell.write(leader, &format!("n{}={n}", n % 50)).await.unwrap();
        sleep(Duration::from_millis(50)).await;
    }
    until("the leader's log is cut", || cell.nodes[&leader].status().log_start_revision > 100)
        .await;
    let node = cell.boot(follower).await;
    cell.settle().await;
    // The snapshot is on disk: the node needs nobody to come back to it.
    let status = node.status();
    assert!(status.checkpoint_revision > 100, "{status:?}");
    cell.crash(follower);
    let node = cell.boot(follower).await;
    assert!(node.status().applied_revision >= status.checkpoint_revision);
    cell.settle().await;
    let seen = node.strong(soon()).await.unwrap();
    assert_eq!(note(&seen.state, "before").as_deref(), Some("1"));
    assert_eq!(note(&seen.state, "n49").as_deref(), Some("199"));
}

#[tokio::test(start_paused = true)]
async fn a_node_stops_when_its_disk_fails_and_the_others_go_on() {
    let mut cell = Cell::start(3).await;
    let leader = cell.leader().await;
    cell.write(leader, "a=1").await.unwrap();
    cell.hardware[&leader].disk.fail_sync(1);
    let _ = cell.write(leader, "b=1").await;
    let stopped = timeout(Duration::from_secs(10), cell.nodes[&leader].stopped()).await;
    assert!(stopped.unwrap().contains("log"), "the reason names the log");
    until("the node has stopped", || cell.nodes[&leader].status().role == cluster::Role::Stopped)
        .await;
    let other = *cell.nodes.keys().find(|id| **id != leader).unwrap();
    cell.crash(leader);
    cell.leader().await;
    cell.write(other, "c=1").await.unwrap();
    cell.boot(leader).await;
    cell.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_node_that_lost_its_checkpoint_gets_the_state_from_another_voter() {
    let mut cell = Cell::start_tuned(3, eager_checkpoints).await;
    for n in 0..100 {
        cell.write(1, &format!("n{}={n}", n % 40)).await.unwrap();
    }
    let follower = cell.follower().await;
    until("a cut log", || cell.nodes[&follower].status().log_start_revision > 50).await;
    let before = cell.settle().await;
    for loss in ["lost", "damaged"] {
        cell.crash(follower);
        cell.write(cell.leader().await, &format!("{loss}=1")).await.unwrap();
        match loss {
            "lost" => {
                cell.hardware.get_mut(&follower).unwrap().checkpoints = MemoryState::default()
            }
            _ => cell.hardware[&follower].checkpoints.damage("a flipped bit"),
        }
        let node = cell.boot(follower).await;
        assert!(node.status().applied_revision >= before);
        assert!(node.status().checkpoint_revision >= before);
        cell.settle().await;
        assert_eq!(note(&node.seen().state, loss).as_deref(), Some("1"));
        assert_eq!(note(&node.seen().state, "n39").as_deref(), Some("79"));
    }
    // It counts for a quorum again.
    let other = *cell.nodes.keys().find(|id| **id != follower).unwrap();
    cell.crash(other);
    cell.leader().await;
    cell.write(follower, "again=1").await.unwrap();
}
