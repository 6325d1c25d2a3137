//! Proposals, outcomes and reads while nothing fails.

use std::time::Duration;

use cluster::{Backend, Consistency, Role};
use futures::future::join_all;

use crate::support::{Cell, START_MS, member, note, proposal, soon};

#[tokio::test(start_paused = true)]
async fn one_voter_is_a_cell() {
    let cell = Cell::start(1).await;
    let committed = cell.write(1, "a=1").await.unwrap();
    assert_eq!(committed.outcome.unwrap(), "a is 1");
    let seen = cell.nodes[&1].strong(soon()).await.unwrap();
    assert_eq!(note(&seen.state, "a").as_deref(), Some("1"));
    assert_eq!((seen.revision, &*seen.served_by), (committed.revision, "voter-1"));
    assert!(seen.state.time_ms() >= START_MS);
}

#[tokio::test(start_paused = true)]
async fn every_voter_takes_proposals_and_shows_them_afterwards() {
    let cell = Cell::start(3).await;
    let mut last = 0;
    for id in [1, 2, 3] {
        let committed = cell.write(id, &format!("k{id}=v{id}")).await.unwrap();
        assert!(committed.revision > last);
        last = committed.revision;
        let seen = cell.nodes[&id].seen();
        assert!(seen.revision >= committed.revision);
        assert_eq!(note(&seen.state, &format!("k{id}")), Some(format!("v{id}")));
    }
    for node in cell.nodes.values() {
        let seen = node.strong(soon()).await.unwrap();
        assert_eq!(seen.state.operator_keys().len(), 3);
        assert_eq!(node.default_consistency(), Consistency::Strong);
    }
    cell.settle().await;
}

#[tokio::test(start_paused = true)]
async fn a_fault_is_an_answer_from_every_voter() {
    let cell = Cell::start(3).await;
    for id in [1, 2, 3] {
        let fault = cell.write(id, "refuse").await.unwrap().outcome.unwrap_err();
        assert_eq!((&*fault.code, &*fault.message), ("Refused", "refuse"));
    }
}

#[tokio::test(start_paused = true)]
async fn proposals_made_together_share_syncs_and_keep_one_revision_each() {
    let cell = Cell::start(3).await;
    let leader = cell.leader().await;
    let node = &cell.nodes[&leader];
    let before = cell.hardware[&leader].disk.syncs();
    let writes = (0..200).map(|n| node.propose(proposal(&format!("k{n}={n}")), soon()));
    let mut revisions: Vec<u64> = join_all(writes.collect::<Vec<_>>())
        .await
        .into_iter()
        .map(|c| c.unwrap().revision)
        .collect();
    let syncs = cell.hardware[&leader].disk.syncs() - before;
    assert!(syncs < 50, "{syncs} syncs for 200 proposals");
    let first = revisions[0];
    revisions.sort_unstable();
    revisions.dedup();
    assert_eq!(revisions, (first..first + 200).collect::<Vec<_>>());
    cell.settle().await;
}

#[tokio::test(start_paused = true)]
async fn strong_reads_see_what_was_acknowledged_elsewhere() {
    let cell = Cell::start(3).await;
    for n in 0..20 {
        let (writer, reader) = (n % 3 + 1, (n + 1) % 3 + 1);
        let committed = cell.write(writer, &format!("n={n}")).await.unwrap();
        let seen = cell.nodes[&reader].strong(soon()).await.unwrap();
        assert!(seen.revision >= committed.revision);
        assert_eq!(note(&seen.state, "n"), Some(n.to_string()));
    }
}

#[tokio::test(start_paused = true)]
async fn at_least_waits_and_names_both_revisions_when_it_gives_up() {
    let cell = Cell::start(3).await;
    let revision = cell.write(1, "a=1").await.unwrap().revision;
    for node in cell.nodes.values() {
        assert!(node.at_least(revision, soon()).await.unwrap().revision >= revision);
    }
    let far = revision + 1_000;
    let refused = cell.nodes[&2].at_least(far, soon()).await.unwrap_err();
    assert!(refused.reason.contains(&far.to_string()), "{refused}");
    assert!(refused.reason.contains(&revision.to_string()), "{refused}");
    assert!(!refused.maybe_applied);
}

#[tokio::test(start_paused = true)]
async fn an_idle_cell_stays_young_and_tells_its_members() {
    let cell = Cell::start(3).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    let leader = cell.leader().await;
    for (id, node) in &cell.nodes {
        assert!(node.seen().age_ms < 500, "{}", node.seen().age_ms);
        let status = node.status();
        assert_eq!(status.leader, Some(leader));
        assert_eq!(status.members.len(), 3);
        assert_eq!(status.role == Role::Leader, *id == leader);
        for known in status.members {
            assert_eq!((known.voter, &known.member), (true, &member(known.member.id)));
            if *id == leader && known.member.id != leader {
                assert!(known.last_seen_ms.unwrap() < 500);
                assert_eq!(known.held_revision, Some(status.commit_revision));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_cell_is_made_only_once() {
    let cell = Cell::start(1).await;
    let again = cell.nodes[&1].init(&[member(1)]).await;
    assert_eq!(again, Err(cluster::ChangeError::AlreadyInitialized));
    assert_eq!(cell.nodes[&1].is_initialized().await, Ok(true));
}

#[tokio::test(start_paused = true)]
async fn an_entry_too_large_for_the_log_is_refused_and_harms_nobody() {
    let cell = Cell::start(3).await;
    for id in [1, 2, 3] {
        let refused = cell.write(id, &format!("big={}", "x".repeat(900_000))).await.unwrap_err();
        assert!(!refused.maybe_applied, "{refused}");
        assert!(refused.reason.contains("too large"), "{refused}");
        cell.write(id, &format!("fits={}", "x".repeat(200_000))).await.unwrap();
    }
    cell.settle().await;
}
