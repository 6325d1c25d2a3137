//! gRPC when all is well, and its refusals.

use bytes::Bytes;
use cluster::Unavailable;
use door::testing::KeyPair;
use http_body_util::Full;
use prost::Message;
use schema::follow::v1::SubscribeRequest;
use schema::iam::v1::{CreateUserRequest, CreateUserResponse, GetUserRequest, GetUserResponse};
use schema::propagation::v1::WatchRequest;
use tonic::body::Body;
use tonic::{Code, Request, Status};
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{HealthCheckRequest, HealthCheckResponse};

use crate::{cell, rpc};

const CREATE: &str = "/bailiwick.iam.v1.Iam/CreateUser";
const GET: &str = "/bailiwick.iam.v1.Iam/GetUser";

fn create(name: &str) -> CreateUserRequest {
    CreateUserRequest { user_name: name.to_owned(), ..Default::default() }
}

#[tokio::test]
async fn a_user_is_made_and_found() {
    let (cell, served) = cell().await;
    let made: tonic::Response<CreateUserResponse> =
        rpc::send(&cell, served.address, &cell.root, CREATE, &create("alice")).await.unwrap();
    let text = |name| made.metadata().get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    assert_eq!(text("x-bailiwick-served-by").as_deref(), Some("memory"));
    assert_eq!(text("x-bailiwick-revision"), Some(cell.node.state().revision().to_string()));
    assert!(text("x-bailiwick-token").is_some());
    assert_eq!(text("x-amzn-requestid").map(|id| id.len()), Some(36));
    let get = GetUserRequest { user_name: Some("alice".to_owned()) };
    let found: tonic::Response<GetUserResponse> =
        rpc::send(&cell, served.address, &cell.root, GET, &get).await.unwrap();
    let found = found.into_inner().user.expect("a user");
    assert_eq!(Some(found.user_id), made.into_inner().user.map(|user| user.user_id));
    served.close().await;
}

#[tokio::test]
async fn faults_carry_awss_code() {
    let (cell, served) = cell().await;
    let send = |name: &'static str| {
        let get = GetUserRequest { user_name: Some(name.to_owned()) };
        rpc::bytes(&cell, served.address, &cell.root, GET, get.encode_to_vec().into(), &[])
    };
    let status = send("nobody").await.expect_err("no such user");
    assert_eq!(status.code(), Code::NotFound);
    assert_eq!(status.message(), "The user with name nobody cannot be found.");
    assert_eq!(rpc::error_info(&status), ("NoSuchEntity".to_owned(), "bailiwick".to_owned()));
    assert!(status.metadata().contains_key("x-bailiwick-revision"));
    let status = send("not a name").await.expect_err("not a name");
    assert_eq!(status.code(), Code::InvalidArgument);
    assert_eq!(rpc::error_info(&status).0, "ValidationError");
    served.close().await;
}

#[tokio::test]
async fn signatures_are_checked() {
    let (cell, served) = cell().await;
    let message = Bytes::new();
    let status = rpc::unsigned(served.address, GET, Request::new(message.clone())).await;
    let status = status.expect_err("unsigned");
    assert_eq!(status.code(), Code::Unauthenticated);
    assert_eq!(rpc::error_info(&status).0, "MissingAuthenticationToken");
    let wrong = KeyPair { secret: "wrong".to_owned(), ..cell.root.clone() };
    let status = rpc::bytes(&cell, served.address, &wrong, GET, message, &[]).await;
    let status = status.expect_err("wrong signature");
    assert_eq!(rpc::error_info(&status).0, "SignatureDoesNotMatch");
    served.close().await;
}

#[tokio::test]
async fn methods_that_are_not_there() {
    let (cell, served) = cell().await;
    for path in [
        "/bailiwick.iam.v1.Iam/MakeCoffee",
        "/bailiwick.nothing.v1.Nothing/Get",
        "/bailiwick.internal.v1.Internal/RecordUse",
        "/x",
    ] {
        let status = rpc::bytes(&cell, served.address, &cell.root, path, Bytes::new(), &[]).await;
        assert_eq!(status.expect_err(path).code(), Code::Unimplemented, "{path}");
    }
    let planned = "/bailiwick.iam.v1.Iam/GenerateCredentialReport";
    let status = rpc::bytes(&cell, served.address, &cell.root, planned, Bytes::new(), &[]).await;
    let status = status.expect_err("planned");
    assert_eq!(status.code(), Code::Unimplemented);
    assert_eq!(rpc::error_info(&status).0, "NotImplemented");
    served.close().await;
}

#[tokio::test]
async fn deadlines_are_kept() {
    let (cell, served) = cell().await;
    cell.node.hang();
    // A client's own channel would give up by itself: the request goes to the door without one.
    let mut request = Request::new(Bytes::new());
    rpc::sign(&cell, served.address, &cell.root, GET, &mut request);
    let mut asked = http::Request::post(format!("http://{}{GET}", served.address))
        .header("content-type", "application/grpc")
        .header("grpc-timeout", "30m")
        .body(Body::new(Full::new(Bytes::from_static(&[0; 5]))))
        .unwrap();
    asked.headers_mut().extend(request.metadata().clone().into_headers());
    let peer = door::Peer { address: served.address.ip(), secure: false };
    let response = served.door.answer(asked, peer).await;
    let status = Status::from_header_map(response.headers()).expect("a status");
    assert_eq!(status.code(), Code::DeadlineExceeded, "{status:?}");
    assert_eq!(rpc::error_info(&status).0, "ServiceUnavailable");
    cell.node.fail(Unavailable::nothing_done("no quorum"));
    let status = rpc::bytes(&cell, served.address, &cell.root, GET, Bytes::new(), &[]).await;
    let status = status.expect_err("nobody can answer");
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(status.metadata().get("x-bailiwick-applied").unwrap(), "no");
    served.close().await;
}

#[tokio::test]
async fn health_and_reflection() {
    let (_cell, served) = cell().await;
    let mut health = HealthClient::new(rpc::channel(served.address).await);
    for service in ["", "bailiwick.iam.v1.Iam", "grpc.health.v1.Health"] {
        let asked = HealthCheckRequest { service: service.to_owned() };
        let answer = health.check(asked).await.unwrap().into_inner();
        assert_eq!(answer, HealthCheckResponse { status: ServingStatus::Serving.into() });
    }
    let asked = HealthCheckRequest { service: "nothing".to_owned() };
    assert_eq!(health.check(asked).await.expect_err("unknown").code(), Code::NotFound);
    let mut changes = health.watch(HealthCheckRequest::default()).await.unwrap().into_inner();
    let first = changes.message().await.unwrap().expect("a first word");
    assert_eq!(first.status(), ServingStatus::Serving);

    // ServerReflectionRequest { file_containing_symbol: "bailiwick.iam.v1.Iam" }
    let asked = [&b"\x22\x14"[..], b"bailiwick.iam.v1.Iam"].concat();
    let path = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    let answer = rpc::unsigned(served.address, path, Request::new(asked.into())).await.unwrap();
    let answer = String::from_utf8_lossy(&answer.into_inner()).into_owned();
    assert!(answer.contains("CreateUserRequest"));
    drop(changes);
    served.close().await;
}

#[tokio::test]
async fn streams_end_when_the_door_closes() {
    let (cell, served) = cell().await;
    let subscribe =
        SubscribeRequest { accounts: vec![cell.account_id.clone()], ..Default::default() };
    let mut streams = Vec::new();
    let path = "/bailiwick.follow.v1.Follow/Subscribe";
    streams.push(rpc::stream(&cell, served.address, &cell.root, path, &subscribe).await.unwrap());
    let path = "/bailiwick.propagation.v1.Propagation/Watch";
    let watch = WatchRequest::default();
    streams.push(rpc::stream(&cell, served.address, &cell.root, path, &watch).await.unwrap());
    let mut health = HealthClient::new(rpc::channel(served.address).await);
    let mut health = health.watch(HealthCheckRequest::default()).await.unwrap().into_inner();
    for stream in &mut streams {
        assert!(stream.message().await.unwrap().is_some(), "it says how things are");
    }
    assert!(health.message().await.unwrap().is_some());
    assert_eq!(served.close().await.cut, 0, "nobody holds the door open");
    for stream in &mut streams {
        let end = loop {
            match stream.message().await {
                Ok(Some(_)) => {}
                end => break end,
            }
        };
        assert_eq!(end.expect_err("it ends before its time").code(), Code::Unavailable);
    }
    assert_eq!(health.message().await.expect_err("so does this").code(), Code::Unavailable);
}
