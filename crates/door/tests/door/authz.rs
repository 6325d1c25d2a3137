//! authz/v1 over a real socket: decisions from what is visible here, and who may ask for them.

use std::sync::Arc;

use bytes::Bytes;
use cluster::Consistency;
use door::Options;
use door::testing::{Cell, KeyPair, ManualClock};
use prost::Message;
use schema::authz::v1::{
    BatchDecideRequest, BatchDecideResponse, Credential, DecideRequest, DecideResponse, Decision,
    ExplainRequest, ExplainResponse, Principal, Question, principal,
};
use tonic::{Code, Request};

use crate::http::call;
use crate::people::session;
use crate::{NOW_MS, rpc};

const DECIDE: &str = "/bailiwick.authz.v1.Authorization/Decide";
const BATCH: &str = "/bailiwick.authz.v1.Authorization/BatchDecide";
const EXPLAIN: &str = "/bailiwick.authz.v1.Authorization/Explain";
const ALICE: &str = "arn:aws:iam::123456789012:user/alice";
const POLICY: &str =
    r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sqs:*","Resource":"*"}}"#;

fn by_arn(arn: &str) -> Option<Principal> {
    Some(Principal { who: Some(principal::Who::Arn(arn.to_owned())) })
}

fn by_key(key: &KeyPair) -> Option<Principal> {
    let credential = Credential { access_key_id: key.id.clone(), session_token: key.token.clone() };
    Some(Principal { who: Some(principal::Who::Credential(credential)) })
}

fn question(principal: Option<Principal>, action: &str) -> Question {
    Question {
        principal,
        action: action.to_owned(),
        resource: "arn:aws:sqs:us-east-1:123456789012:q".to_owned(),
        ..Default::default()
    }
}

fn decide(principal: Option<Principal>) -> DecideRequest {
    DecideRequest { question: Some(question(principal, "sqs:SendMessage")) }
}

async fn alice(cell: &Cell, address: std::net::SocketAddr) {
    call(cell, address, &cell.root, "CreateUser", &[("UserName", "alice")]).await;
    let put = [("UserName", "alice"), ("PolicyName", "p"), ("PolicyDocument", POLICY)];
    let done = call(cell, address, &cell.root, "PutUserPolicy", &put).await;
    assert_eq!(done.status, 200, "{done:?}");
}

#[tokio::test]
async fn a_decision_says_what_it_was_made_from() {
    let (cell, served) = crate::cell().await;
    alice(&cell, served.address).await;
    let asked = decide(by_arn(ALICE));
    for key in [&cell.root, &cell.operator] {
        let answer: tonic::Response<DecideResponse> =
            rpc::send(&cell, served.address, key, DECIDE, &asked).await.unwrap();
        let text = |name| answer.metadata().get(name).and_then(|value| value.to_str().ok());
        let revision = cell.node.state().revision();
        assert_eq!(text("x-bailiwick-revision"), Some(&*revision.to_string()));
        assert_eq!(text("x-bailiwick-age-ms"), Some("0"));
        assert_eq!(text("x-bailiwick-served-by"), Some("memory"));
        let answer = answer.get_ref();
        assert_eq!(answer.decision(), Decision::Allowed);
        assert_eq!((answer.revision, answer.age_ms, &*answer.served_by), (revision, 0, "memory"));
    }
    let asked = ExplainRequest { question: asked.question };
    let told: tonic::Response<ExplainResponse> =
        rpc::send(&cell, served.address, &cell.root, EXPLAIN, &asked).await.unwrap();
    assert_eq!(told.get_ref().matched.len(), 1);
    assert_eq!(told.get_ref().revision, cell.node.state().revision());
    served.close().await;
}

#[tokio::test]
async fn a_node_that_is_behind_decides_from_what_it_shows_unless_asked_for_more() {
    let clock = Arc::new(ManualClock::at(NOW_MS));
    let cell = Cell::with_default(clock, Consistency::Eventual);
    let served = cell.serve(Options::default()).await;
    alice(&cell, served.address).await;
    cell.node.hold();
    let behind = cell.node.state().revision();
    let gone = [("UserName", "alice"), ("PolicyName", "p")];
    call(&cell, served.address, &cell.root, "DeleteUserPolicy", &gone).await;
    let message = Bytes::from(decide(by_arn(ALICE)).encode_to_vec());
    for (headers, decision, revision) in [
        (&[][..], Decision::Allowed, behind),
        (&[("x-bailiwick-consistency", "strong")], Decision::ImplicitlyDenied, behind + 1),
        (&[("x-bailiwick-consistency", "at-least=1")], Decision::Allowed, behind),
    ] {
        let message = message.clone();
        let answer = rpc::bytes(&cell, served.address, &cell.root, DECIDE, message, headers).await;
        let answer = DecideResponse::decode(answer.unwrap().into_inner()).unwrap();
        assert_eq!((answer.decision(), answer.revision), (decision, revision), "{headers:?}");
    }
    served.close().await;
}

#[tokio::test]
async fn a_key_that_is_not_here_yet_is_waited_for() {
    let clock = Arc::new(ManualClock::at(NOW_MS));
    let cell = Cell::with_default(clock, Consistency::Eventual);
    let served = cell.serve(Options::default()).await;
    cell.node.hold();
    let later = cell.account("210987654321", "later@example.com");
    let mut asked = decide(by_key(&later));
    let decided = async |asked: &DecideRequest| {
        rpc::send::<_, DecideResponse>(&cell, served.address, &cell.operator, DECIDE, asked).await
    };
    let answer = decided(&asked).await.expect("found where it is certain").into_inner();
    assert_eq!(answer.revision, cell.node.state().revision());
    assert_eq!(answer.decision(), Decision::ImplicitlyDenied, "another account's queue");
    let never = KeyPair { id: "AKIAIOSFODNN7EXAMPLE".to_owned(), ..later };
    asked.question = Some(question(by_key(&never), "sqs:SendMessage"));
    let status = decided(&asked).await.expect_err("no such key");
    assert_eq!(status.code(), Code::NotFound);
    assert_eq!(rpc::error_info(&status).0, "NoSuchEntity");
    served.close().await;
}

#[tokio::test]
async fn a_batch_is_one_view_and_a_bad_question_spoils_no_other() {
    let (cell, served) = crate::cell().await;
    alice(&cell, served.address).await;
    let role = session(&cell, served.address).await;
    let broken = KeyPair { token: Some("broken".to_owned()), ..role.clone() };
    let batch = BatchDecideRequest {
        principal: by_arn(ALICE),
        questions: vec![
            question(None, "sqs:SendMessage"),
            question(by_arn(&format!("{ALICE}x")), "sqs:SendMessage"),
            question(by_key(&role), "sqs:SendMessage"),
            question(by_key(&broken), "sqs:SendMessage"),
            question(None, "sqs"),
            question(None, "s3:GetObject"),
        ],
    };
    let answer: tonic::Response<BatchDecideResponse> =
        rpc::send(&cell, served.address, &cell.root, BATCH, &batch).await.unwrap();
    let answer = answer.into_inner();
    let told = answer.verdicts.iter().map(|verdict| {
        (verdict.decision(), verdict.fault.as_ref().map_or("", |fault| fault.code.as_str()))
    });
    let expected = [
        (Decision::Allowed, ""),
        (Decision::Unspecified, "NoSuchEntity"),
        (Decision::ImplicitlyDenied, ""),
        (Decision::Unspecified, "InvalidInput"),
        (Decision::Unspecified, "ValidationError"),
        (Decision::ImplicitlyDenied, ""),
    ];
    assert_eq!(told.collect::<Vec<_>>(), expected);
    assert_eq!(answer.revision, cell.node.state().revision());
    for count in [0, 101] {
        let questions = vec![question(None, "sqs:SendMessage"); count];
        let batch = BatchDecideRequest { principal: by_arn(ALICE), questions };
        let answer =
            rpc::send::<_, BatchDecideResponse>(&cell, served.address, &cell.root, BATCH, &batch);
        let status = answer.await.expect_err("too few or too many");
        assert_eq!(rpc::error_info(&status).0, "ValidationError");
    }
    served.close().await;
}

#[tokio::test]
async fn who_may_not_ask_is_told_so() {
    let (cell, served) = crate::cell().await;
    alice(&cell, served.address).await;
    let asked = decide(by_arn(ALICE));
    let other = cell.account("210987654321", "other@example.com");
    let role = session(&cell, served.address).await;
    for key in [&other, &role] {
        let answer =
            rpc::send::<_, DecideResponse>(&cell, served.address, key, DECIDE, &asked).await;
        let status = answer.expect_err("not theirs to ask");
        assert_eq!(status.code(), Code::PermissionDenied);
        assert_eq!(rpc::error_info(&status).0, "AccessDenied");
        assert!(status.message().contains("authz:Decide"), "{status:?}");
        assert!(status.metadata().contains_key("x-bailiwick-revision"));
    }
    let message = Bytes::from(asked.encode_to_vec());
    let status = rpc::unsigned(served.address, DECIDE, Request::new(message)).await;
    let status = status.expect_err("unsigned");
    assert_eq!(rpc::error_info(&status).0, "MissingAuthenticationToken");
    for (message, code) in [(&b"\xff"[..], "MalformedInput"), (b"", "ValidationError")] {
        let message = Bytes::from_static(message);
        let answer = rpc::bytes(&cell, served.address, &cell.root, DECIDE, message, &[]).await;
        assert_eq!(rpc::error_info(&answer.expect_err(code)).0, code);
    }
    served.close().await;
}
