//! Followers against real doors before cells in memory.

#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "serving/cell.rs"]
mod serving;

use std::time::{Duration, Instant};

use client::{Follower, FollowerOptions, Undecided};
use cluster::Unavailable;
use schema::authz::v1::{DecideRequest, DecideResponse, Decision};
use schema::iam::v1::{
    AttachUserPolicyRequest, AttachUserPolicyResponse, CreatePolicyRequest, CreatePolicyResponse,
    DeleteUserPolicyRequest, DeleteUserPolicyResponse, UpdateAccessKeyRequest,
    UpdateAccessKeyResponse,
};

use serving::*;

const DECIDE: &str = "/bailiwick.authz.v1.Authorization/Decide";

#[tokio::test]
async fn a_follower_decides_as_the_cell_does() {
    let cell = Serving::new().await;
    let root = cell.root();
    let alice = cell.user("alice").await;
    cell.policy("alice", "own", r#""Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::photos/*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#).await;
    let document = policy(r#""Deny","Action":"s3:*","Resource":"arn:aws:s3:::photos/secret/*""#);
    let request = CreatePolicyRequest {
        policy_name: "no-secrets".to_owned(),
        policy_document: document,
        ..Default::default()
    };
    let made: CreatePolicyResponse = cell.iam("CreatePolicy", &request).await.message;
    let attach = AttachUserPolicyRequest {
        user_name: "alice".to_owned(),
        policy_arn: made.policy.unwrap().arn.unwrap(),
    };
    let last = cell.iam::<_, AttachUserPolicyResponse>("AttachUserPolicy", &attach).await;

    let follower = Follower::start(&root, [ACCOUNT], FollowerOptions::default());
    follower.ready(PATIENCE).await.unwrap();
    follower.wait_for(&last.token, PATIENCE).await.unwrap();
    let arns = [user_arn("alice"), user_arn("nobody"), format!("arn:aws:iam::{ACCOUNT}:root")];
    let mut allowed = 0;
    let mut asked = 0;
    for who in arns.iter().map(|arn| by_arn(arn)).chain([by_key(&alice.id), by_key("AKIANOBODY")]) {
        for action in ["s3:GetObject", "s3:PutObject", "no action", "iam:GetUser"] {
            for object in ["photos/a.jpg", "photos/secret/b.jpg"] {
                for source_ip in ["10.1.2.3", "192.0.2.1"] {
                    let question = question(who.clone(), action, object, source_ip);
                    let request = DecideRequest { question: Some(question.clone()) };
                    let theirs = root.send::<_, DecideResponse>(DECIDE, &request, true).await;
                    asked += 1;
                    match (follower.decide(&question), theirs) {
                        (Ok(ours), Ok(theirs)) => {
                            let theirs = theirs.message;
                            assert_eq!(ours.verdict.decision, theirs.decision, "{question:?}");
                            assert_eq!(ours.verdict.decided_by, theirs.decided_by);
                            assert_eq!(ours.verdict.message, theirs.message);
                            assert_eq!(ours.is_allowed(), theirs.decision() == Decision::Allowed);
                            assert_eq!(ours.revision, theirs.revision);
                            allowed += u32::from(ours.is_allowed());
                        }
                        (
                            Err(Undecided::Fault(ours)),
                            Err(client::Error::Fault { code, message, .. }),
                        ) => {
                            assert_eq!((&*ours.code, &ours.message), (&*code, &message));
                        }
                        (ours, theirs) => panic!("{question:?}: {ours:?}, {theirs:?}"),
                    }
                }
            }
        }
    }
    assert!(allowed > 10 && asked == 80, "{allowed} of {asked}");
    cell.close().await;
}

#[tokio::test]
async fn what_is_revoked_is_denied() {
    let cell = Serving::new().await;
    let alice = cell.user("alice").await;
    cell.policy("alice", "own", r#""Allow","Action":"s3:*","Resource":"*""#).await;
    let follower = Follower::start(&cell.root(), [ACCOUNT], FollowerOptions::default());
    follower.ready(PATIENCE).await.unwrap();
    let asked = |who| question(who, "s3:GetObject", "photos/a.jpg", "10.0.0.1");
    assert!(follower.decide(&asked(by_key(&alice.id))).unwrap().is_allowed());

    let delete =
        DeleteUserPolicyRequest { user_name: "alice".to_owned(), policy_name: "own".to_owned() };
    let gone = cell.iam::<_, DeleteUserPolicyResponse>("DeleteUserPolicy", &delete).await;
    follower.wait_for(&gone.token, PATIENCE).await.unwrap();
    let denied = follower.decide(&asked(by_arn(&user_arn("alice")))).unwrap();
    assert_eq!(denied.verdict.decision(), Decision::ImplicitlyDenied);

    let off = UpdateAccessKeyRequest {
        user_name: Some("alice".to_owned()),
        access_key_id: alice.id.clone(),
        status: "Inactive".to_owned(),
    };
    let off = cell.iam::<_, UpdateAccessKeyResponse>("UpdateAccessKey", &off).await;
    follower.wait_for(&off.token, PATIENCE).await.unwrap();
    let refused = follower.decide(&asked(by_key(&alice.id)));
    assert!(
        matches!(&refused, Err(Undecided::Fault(f)) if f.code == "NoSuchEntity"),
        "{refused:?}"
    );
    cell.close().await;
}

#[tokio::test]
async fn who_is_cut_off_decides_nothing_once_he_is_too_old() {
    let cell = Serving::new().await;
    cell.user("alice").await;
    cell.policy("alice", "own", r#""Allow","Action":"s3:*","Resource":"*""#).await;
    let (options, clock) = by_hand();
    let follower = Follower::start(&cell.root(), [ACCOUNT], options);
    follower.ready(PATIENCE).await.unwrap();
    let asked = question(by_arn(&user_arn("alice")), "s3:GetObject", "photos/a", "10.0.0.1");
    assert!(follower.decide(&asked).unwrap().is_allowed());

    // Nobody confirms anything from here on, and nobody tells that alice has lost it all.
    cell.cell.node.fail(Unavailable::nothing_done("cut off"));
    loop {
        // A confirmation under way when the node was cut off has come, or will not.
        if follower.status().trouble.is_some() {
            break;
        }
        tokio::task::yield_now().await;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let max = follower.status().max_staleness;
    assert_eq!(max, Duration::from_secs(5), "the cell's own bound");
    clock.advance(max - Duration::from_millis(1));
    let decided = follower.decide(&asked).unwrap();
    assert!(decided.is_allowed());
    assert_eq!(decided.age, max - Duration::from_millis(1));
    clock.advance(Duration::from_millis(1));
    let refused = follower.decide(&asked);
    assert_eq!(refused, Err(Undecided::Stale { age: Some(max), max_staleness: max }));

    cell.cell.node.recover();
    follower.ready(PATIENCE).await.unwrap();
    assert!(follower.decide(&asked).unwrap().is_allowed());
    cell.close().await;
}

#[tokio::test]
async fn a_confirmation_of_what_is_not_here_makes_nothing_young() {
    let cell = Serving::new().await;
    cell.user("alice").await;
    let (options, clock) = by_hand();
    let follower = Follower::start(&cell.root(), [ACCOUNT], options);
    follower.ready(PATIENCE).await.unwrap();
    let held = follower.status().revision;

    // The node that is followed shows nothing new, while confirmations go on.
    cell.cell.node.hold();
    cell.user("bob").await;
    clock.advance(Duration::from_secs(5));
    let asked = question(by_arn(&user_arn("bob")), "s3:GetObject", "photos/a", "10.0.0.1");
    // It refuses until it has left the node and come back to newer data.
    let deadline = Instant::now() + PATIENCE;
    loop {
        match follower.decide(&asked) {
            Err(Undecided::Stale { .. }) => assert!(Instant::now() < deadline, "{follower:?}"),
            Ok(decided) => {
                assert!(decided.revision > held);
                break;
            }
            other => panic!("decided by what is too old: {other:?}"),
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    cell.close().await;
}

#[tokio::test]
async fn what_a_follower_cannot_know_it_does_not_decide() {
    let cell = Serving::new().await;
    let alice = cell.user("alice").await;
    let follower = Follower::start(&cell.root(), [ACCOUNT], FollowerOptions::default());
    let asked = question(by_arn(&user_arn("alice")), "s3:GetObject", "photos/a", "10.0.0.1");
    let early = follower.decide(&asked);
    assert!(matches!(early, Err(Undecided::Stale { age: None, .. })), "{early:?}");
    follower.ready(PATIENCE).await.unwrap();

    let other = "arn:aws:iam::210987654321:user/eve";
    let foreign = question(by_arn(other), "s3:GetObject", "photos/a", "10.0.0.1");
    let account_id = "210987654321".to_owned();
    let unknown = Err(Undecided::NotFollowed { account_id });
    assert_eq!(follower.decide(&foreign), unknown);
    let mut role = asked.clone();
    (role.action, role.resource) =
        ("sts:AssumeRole".to_owned(), "arn:aws:iam::210987654321:role/r".to_owned());
    role.resource_account = None;
    assert_eq!(follower.decide(&role), unknown);
    let session = question(by_session(&alice.id), "s3:GetObject", "photos/a", "10.0.0.1");
    assert_eq!(follower.decide(&session), Err(Undecided::Session));
    // No clock advances the cell: a key that is born later is one of the next writes.
    let held = follower.status().revision;
    let later = model::id::access_key_id(ACCOUNT, held + 1_000);
    let later = question(by_key(&later), "s3:GetObject", "photos/a", "10.0.0.1");
    let revision = held + 1_000;
    assert_eq!(follower.decide(&later), Err(Undecided::NotHereYet { revision }));
    let strange = follower.wait_for("ZZZZZZZZ.B", PATIENCE).await;
    assert!(matches!(strange, Err(client::Error::Usage(_))), "{strange:?}");
    cell.close().await;
}

#[tokio::test]
async fn only_who_may_follow_does() {
    let cell = Serving::new().await;
    let alice = cell.client(&cell.user("alice").await);
    let stranger = cell.client(&cell.cell.account("210987654321", "other@example.com"));
    for refused in [&alice, &stranger] {
        let follower = Follower::start(refused, [ACCOUNT], FollowerOptions::default());
        let waited = follower.ready(Duration::from_millis(300)).await.unwrap_err();
        assert!(waited.to_string().contains("AccessDenied"), "{waited}");
    }
    let operator = cell.client(&cell.cell.operator);
    let follower =
        Follower::start(&operator, [ACCOUNT, "210987654321"], FollowerOptions::default());
    follower.ready(PATIENCE).await.unwrap();

    cell.policy("alice", "follow", r#""Allow","Action":"authz:Follow","Resource":"*""#).await;
    let follower = Follower::start(&alice, [ACCOUNT], FollowerOptions::default());
    follower.ready(PATIENCE).await.unwrap();
    // What was permitted is permitted no longer: nothing more comes.
    let delete =
        DeleteUserPolicyRequest { user_name: "alice".to_owned(), policy_name: "follow".to_owned() };
    let gone = cell.iam::<_, DeleteUserPolicyResponse>("DeleteUserPolicy", &delete).await;
    let waited = follower.wait_for(&gone.token, Duration::from_millis(500)).await.unwrap_err();
    assert!(waited.to_string().contains("AccessDenied"), "{waited}");
    cell.close().await;
}
