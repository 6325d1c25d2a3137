//! The operator's own services: accounts in the schema, and services that a program adds.

use std::convert::Infallible;

use bytes::Bytes;
use door::testing::Cell;
use door::{Caller, Options, Services};
use http::{Request, Response};
use prost::Message;
use schema::admin::v1::{CreateAccountRequest, CreateAccountResponse};
use tonic::Code;
use tonic::body::Body;
use tonic::server::NamedService;
use tower::util::BoxCloneSyncService;
use tower::{Service, service_fn};

use crate::http::call;
use crate::{cell, rpc};
use door::testing::KeyPair;

const CREATE: &str = "/bailiwick.admin.v1.Admin/CreateAccount";

fn account() -> CreateAccountRequest {
    CreateAccountRequest {
        email: "new@example.com".to_owned(),
        root_access_key: true,
        ..Default::default()
    }
}

#[tokio::test]
async fn the_operator_makes_an_account_whose_root_signs() {
    let (cell, served) = cell().await;
    let made: tonic::Response<CreateAccountResponse> =
        rpc::send(&cell, served.address, &cell.operator, CREATE, &account()).await.unwrap();
    let made = made.into_inner();
    let key = KeyPair {
        id: made.access_key_id().to_owned(),
        secret: made.secret_access_key().to_owned(),
        token: None,
    };
    let who = call(&cell, served.address, &key, "GetCallerIdentity", &[]).await;
    assert_eq!(who.element("Arn"), made.root_arn);
    served.close().await;
}

#[tokio::test]
async fn nobody_else_does() {
    let (cell, served) = cell().await;
    let message = Bytes::from(account().encode_to_vec());
    let status = rpc::bytes(&cell, served.address, &cell.root, CREATE, message, &[]).await;
    let status = status.expect_err("root of an account is no operator");
    assert_eq!(rpc::error_info(&status).0, "InvalidClientTokenId");
    let opens_none = call(&cell, served.address, &cell.operator, "ListUsers", &[]).await;
    opens_none.is_fault(403, "InvalidClientTokenId", "is invalid.");
    served.close().await;
}

/// Answers with the name of whoever called.
#[derive(Clone)]
struct WhoAmI(BoxCloneSyncService<Request<Body>, Response<Body>, Infallible>);

impl NamedService for WhoAmI {
    const NAME: &'static str = "test.WhoAmI";
}

impl Service<Request<Body>> for WhoAmI {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = <BoxCloneSyncService<Request<Body>, Response<Body>, Infallible> as Service<
        Request<Body>,
    >>::Future;

    fn poll_ready(
        &mut self,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), Infallible>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        self.0.call(request)
    }
}

fn who_am_i() -> WhoAmI {
    WhoAmI(BoxCloneSyncService::new(service_fn(|request: Request<Body>| async move {
        let caller = request.extensions().get::<Caller>().expect("a caller").clone();
        let name = if caller.access_key_id.is_empty() { "a peer" } else { "the operator" };
        Ok(tonic::Status::aborted(name).into_http())
    })))
}

async fn who(cell: &Cell, key: &KeyPair) -> tonic::Status {
    let served =
        cell.serve_with(Options::default(), Services::new().guarded(who_am_i()), None).await;
    let path = "/test.WhoAmI/Ask";
    let message = Bytes::from_static(b"hello");
    let status = rpc::bytes(cell, served.address, key, path, message, &[]).await;
    served.close().await;
    status.expect_err("it always fails")
}

#[tokio::test]
async fn a_guarded_service_is_for_the_operator_and_for_peers() {
    let (cell, served) = cell().await;
    served.close().await;
    assert_eq!(who(&cell, &cell.operator).await.message(), "the operator");
    let refused = who(&cell, &cell.root).await;
    assert_eq!(refused.code(), Code::Unauthenticated);
    assert_eq!(rpc::error_info(&refused).0, "InvalidClientTokenId");

    let served =
        cell.serve_with(Options::default(), Services::new().guarded(who_am_i()), None).await;
    for (token, expected) in [(cell.keys.peer_token(), "a peer"), ("wrong", "Unsupported AWS")] {
        let mut request = tonic::Request::new(Bytes::new());
        let value = format!("Bearer {token}").parse().unwrap();
        request.metadata_mut().insert("authorization", value);
        let status = rpc::unsigned(served.address, "/test.WhoAmI/Ask", request).await;
        let status = status.expect_err("it always fails");
        assert!(status.message().contains(expected), "{status:?}");
    }
    served.close().await;
}
