//! The client against real doors before cells in memory.

use std::sync::Arc;
use std::time::Duration;

use client::{Client, Credentials, Error};
use cluster::{SystemClock, Unavailable};
use door::testing::{Cell, KeyPair, Served};
use door::{Options, Services};
use schema::authz::v1::{DecideRequest, DecideResponse, Decision, Principal, Question, principal};
use schema::iam::v1::{CreateUserRequest, CreateUserResponse, GetUserRequest, GetUserResponse};
use tokio::net::TcpListener;

const CREATE: &str = "/bailiwick.iam.v1.Iam/CreateUser";
const GET: &str = "/bailiwick.iam.v1.Iam/GetUser";

async fn cell() -> (Cell, Served) {
    let cell = Cell::new(Arc::new(SystemClock::new()));
    let served = cell.serve(Options::default()).await;
    (cell, served)
}

fn url(served: &Served) -> String {
    format!("http://{}", served.address)
}

fn credentials(key: &KeyPair) -> Credentials {
    Credentials::new(&key.id, &key.secret)
}

fn create(name: &str) -> CreateUserRequest {
    CreateUserRequest { user_name: name.to_owned(), ..Default::default() }
}

fn get(name: &str) -> GetUserRequest {
    GetUserRequest { user_name: Some(name.to_owned()) }
}

#[tokio::test]
async fn a_write_and_the_read_that_must_see_it() {
    let (cell, served) = cell().await;
    let client = Client::new(&[url(&served)], Some(credentials(&cell.root))).unwrap();
    let made = client.send::<_, CreateUserResponse>(CREATE, &create("alice"), false).await.unwrap();
    assert_eq!(made.revision, cell.node.state().revision());
    assert_eq!(made.served_by, "memory");
    assert_eq!(made.request_id.len(), 36);
    let client = client.with_consistency(&format!("at-least={}", made.token));
    let found = client.send::<_, GetUserResponse>(GET, &get("alice"), true).await.unwrap();
    assert_eq!(found.message.user, made.message.user);
    let info = schema::operation_by_path(GET).unwrap();
    assert!(!client.call(info, bytes::Bytes::new()).await.unwrap().message.is_empty());
    served.close().await;
}

#[tokio::test]
async fn faults_come_in_awss_words() {
    let (cell, served) = cell().await;
    let client = Client::new(&[url(&served)], Some(credentials(&cell.root))).unwrap();
    let error = client.send::<_, GetUserResponse>(GET, &get("nobody"), true).await.unwrap_err();
    let Error::Fault { code, message, answer } = error else { panic!("{error:?}") };
    assert_eq!(code, "NoSuchEntity");
    assert_eq!(message, "The user with name nobody cannot be found.");
    assert_eq!(answer.request_id.len(), 36);
    assert_eq!(answer.revision, cell.node.state().revision());
    let wrong = Credentials::new(&cell.root.id, "wrong");
    let client = client.with_credentials(wrong);
    let error = client.send::<_, GetUserResponse>(GET, &get("x"), true).await.unwrap_err();
    assert!(matches!(error, Error::Fault { code, .. } if code == "SignatureDoesNotMatch"));
    served.close().await;
}

#[tokio::test]
async fn questions_are_signed_by_the_right_name_for_whoever_asks() {
    let (cell, served) = cell().await;
    let root = format!("arn:aws:iam::{}:root", cell.account_id);
    let question = Question {
        principal: Some(Principal { who: Some(principal::Who::Arn(root)) }),
        action: "s3:ListAllMyBuckets".to_owned(),
        resource: "*".to_owned(),
        ..Default::default()
    };
    let asked = DecideRequest { question: Some(question) };
    for key in [&cell.root, &cell.operator] {
        let client = Client::new(&[url(&served)], Some(credentials(key))).unwrap();
        let path = "/bailiwick.authz.v1.Authorization/Decide";
        let answer = client.send::<_, DecideResponse>(path, &asked, true).await.unwrap();
        assert_eq!(answer.message.decision(), Decision::Allowed);
        assert_eq!(answer.revision, answer.message.revision);
    }
    served.close().await;
}

#[tokio::test]
async fn a_dead_node_is_passed_over() {
    let (cell, served) = cell().await;
    let nobody = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let dead = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let urls = [dead, url(&served)];
    let client = Client::new(&urls, Some(credentials(&cell.root))).unwrap();
    // A write that never left may be made elsewhere.
    client.send::<_, CreateUserResponse>(CREATE, &create("bob"), false).await.unwrap();
    client.send::<_, GetUserResponse>(GET, &get("bob"), true).await.unwrap();
    assert_eq!(client.each().count(), 2);
    served.close().await;
}

#[tokio::test]
async fn a_node_that_hangs_leaves_time_for_another_to_answer_a_read() {
    let (cell, served) = cell().await;
    let (_silent, hung) = {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        (listener, url)
    };
    let client = Client::new(&[hung, url(&served)], Some(credentials(&cell.root))).unwrap();
    let client = client.with_deadline(Duration::from_secs(2));
    let found = client.send::<_, GetUserResponse>(GET, &GetUserRequest::default(), true).await;
    assert!(found.is_ok(), "{found:?}");
    served.close().await;
}

#[tokio::test]
async fn only_what_was_certainly_not_done_is_done_again() {
    let (cell, served) = cell().await;
    let (other, well) = {
        let other = Cell { root: cell.root.clone(), ..Cell::new(Arc::new(SystemClock::new())) };
        let other = Cell { node: Arc::clone(&cell.node), ..other };
        let served = other.serve(Options { calls: 0, ..Options::default() }).await;
        (other, served)
    };
    // The first node sheds every call: nothing was done, so the second is asked, for a write too.
    let urls = [url(&well), url(&served)];
    let client = Client::new(&urls, Some(credentials(&other.root))).unwrap();
    client.send::<_, CreateUserResponse>(CREATE, &create("carol"), false).await.unwrap();

    let client = client.with_deadline(Duration::from_millis(500));
    cell.node.fail(Unavailable::fate_unknown("no quorum"));
    let write = client.send::<_, CreateUserResponse>(CREATE, &create("dave"), false).await;
    assert!(matches!(write, Err(Error::Unavailable { maybe_applied: true, .. })), "{write:?}");
    cell.node.fail(Unavailable::nothing_done("no quorum"));
    let write = client.send::<_, CreateUserResponse>(CREATE, &create("dave"), false).await;
    assert!(matches!(write, Err(Error::Unavailable { maybe_applied: false, .. })), "{write:?}");
    served.close().await;
    well.close().await;
}

#[tokio::test]
async fn a_certificate_is_trusted_or_not() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
    let tls = door::server_config(chain.as_bytes(), key.as_bytes()).unwrap();
    let cell = Cell::new(Arc::new(SystemClock::new()));
    let served = cell.serve_with(Options::default(), Services::new(), Some(tls)).await;
    let urls = [format!("https://localhost:{}", served.address.port())];
    let credentials = credentials(&cell.root);
    let client = Client::trusting(&urls, Some(credentials.clone()), chain.as_bytes()).unwrap();
    let found = client.send::<_, GetUserResponse>(GET, &GetUserRequest::default(), true).await;
    assert!(found.is_ok(), "{found:?}");
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let other = other.cert.pem();
    let client = Client::trusting(&urls, Some(credentials.clone()), other.as_bytes()).unwrap();
    let client = client.with_deadline(Duration::from_millis(500));
    let refused = client.send::<_, GetUserResponse>(GET, &GetUserRequest::default(), true).await;
    assert!(matches!(refused, Err(Error::Unavailable { .. })), "{refused:?}");
    assert!(matches!(Client::new(&urls, Some(credentials)), Err(Error::Usage(_))));
    served.close().await;
}

#[test]
fn what_is_no_url_is_told() {
    for urls in [vec![], vec!["127.0.0.1:1".to_owned()], vec![" ".to_owned()]] {
        assert!(matches!(Client::new(&urls, None), Err(Error::Usage(_))), "{urls:?}");
    }
}
