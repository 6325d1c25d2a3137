//! Leaders that die, are cut off or hand over.

use std::time::Duration;

use cluster::{Backend, Role};
use tokio::time::{Instant, sleep};

use crate::support::{Cell, member, note, proposal, soon, until};

#[tokio::test(start_paused = true)]
async fn a_dead_leader_takes_nothing_acknowledged_with_it() {
    let mut cell = Cell::start(3).await;
    let mut acknowledged = Vec::new();
    for round in 0..5 {
        let leader = cell.leader().await;
        for n in 0..10 {
            let text = format!("r{round}n{n}=x");
            let at = (leader + n) % 3 + 1;
            cell.write(at, &text).await.unwrap().outcome.unwrap();
            acknowledged.push(text);
        }
        cell.crash(leader);
        let next = cell.leader().await;
        assert_ne!(next, leader);
        cell.write(next, &format!("after{round}=x")).await.unwrap();
        acknowledged.push(format!("after{round}=x"));
        cell.boot(leader).await;
        cell.settle().await;
    }
    for node in cell.nodes.values() {
        let seen = node.strong(soon()).await.unwrap();
        for text in &acknowledged {
            let name = text.split_once('=').unwrap().0;
            assert!(note(&seen.state, name).is_some(), "{name} is lost");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_leader_cut_off_neither_reads_strongly_nor_writes() {
    let cell = Cell::start(3).await;
    let old = cell.leader().await;
    cell.write(old, "a=1").await.unwrap();
    cell.network.isolate(old, &[1, 2, 3]);
    let pending = cell.nodes[&old].propose(proposal("lost=1"), soon());
    let refused = pending.await.unwrap_err();
    assert!(refused.maybe_applied, "{refused}");
    assert!(cell.nodes[&old].strong(soon()).await.is_err());
    let new = *cell.nodes.keys().find(|id| **id != old).unwrap();
    cell.write(new, "a=2").await.unwrap();
    assert!(cell.nodes[&old].strong(soon()).await.is_err());
    assert_eq!(note(&cell.nodes[&old].seen().state, "a").as_deref(), Some("1"));
    cell.network.heal();
    let seen = cell.nodes[&old].strong(Instant::now() + Duration::from_secs(20)).await.unwrap();
    assert_eq!(note(&seen.state, "a").as_deref(), Some("2"));
    cell.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_view_that_is_cut_off_says_how_old_it_may_be() {
    let cell = Cell::start(3).await;
    let follower = cell.follower().await;
    sleep(Duration::from_secs(2)).await;
    cell.network.isolate(follower, &[1, 2, 3]);
    let cut_at = Instant::now();
    for _ in 0..20 {
        sleep(Duration::from_millis(500)).await;
        let age = Duration::from_millis(cell.nodes[&follower].seen().age_ms);
        assert!(age >= cut_at.elapsed(), "{age:?} claimed {:?} after the cut", cut_at.elapsed());
        assert!(age < cut_at.elapsed() + Duration::from_secs(1), "{age:?} is too modest");
    }
}

#[tokio::test(start_paused = true)]
async fn a_follower_that_comes_back_does_not_disturb_the_leader() {
    let cell = Cell::start(3).await;
    let (leader, follower) = (cell.leader().await, cell.follower().await);
    let term = cell.nodes[&leader].status().term;
    cell.network.isolate(follower, &[1, 2, 3]);
    for n in 0..10 {
        cell.write(leader, &format!("n{n}=1")).await.unwrap();
        sleep(Duration::from_secs(1)).await;
    }
    cell.network.heal();
    cell.settle().await;
    let status = cell.nodes[&leader].status();
    assert_eq!((status.role, status.term), (Role::Leader, term));
}

#[tokio::test(start_paused = true)]
async fn leadership_is_handed_over() {
    let cell = Cell::start(3).await;
    let (leader, heir) = (cell.leader().await, cell.follower().await);
    assert!(cell.nodes[&heir].transfer_leader(heir).await.is_err());
    cell.nodes[&leader].transfer_leader(heir).await.unwrap();
    until("the heir leads", || cell.nodes[&heir].status().role == Role::Leader).await;
    cell.write(leader, "a=1").await.unwrap();
    cell.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_node_is_added_and_votes() {
    let mut cell = Cell::start(3).await;
    cell.write(1, "a=1").await.unwrap();
    cell.boot(4).await;
    let leader = cell.leader().await;
    cell.nodes[&leader].add_learner(&member(4)).await.unwrap();
    cell.settle().await;
    assert_eq!(cell.nodes[&4].status().role, Role::Learner);
    assert_eq!(
        note(&cell.nodes[&4].strong(soon()).await.unwrap().state, "a").as_deref(),
        Some("1")
    );
    cell.nodes[&leader].change_voters(&[1, 2, 3, 4]).await.unwrap();
    cell.settle().await;
    assert_eq!(cell.nodes[&4].status().members.iter().filter(|m| m.voter).count(), 4);
    assert!(cell.nodes[&leader].change_voters(&[9]).await.is_err());
}
