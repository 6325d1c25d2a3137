//! Authorization messages, from a refusal to whoever may decode it.

use door::testing::{Cell, KeyPair};
use schema::iam::v1::DeleteUserRequest;
use schema::sts::v1::{DecodeAuthorizationMessageRequest, DecodeAuthorizationMessageResponse};
use tonic::{Code, Response};

use crate::http::{Ask, call};
use crate::people::user;
use crate::rpc;

const HEADER: &str = "x-bailiwick-authorization-message";
const ROLE: &str = "arn:aws:iam::123456789012:role/reader";
const OP: &str = "DecodeAuthorizationMessage";

#[tokio::test]
async fn a_refusal_is_explained_to_those_who_may_decode_it() {
    let (cell, served) = crate::cell().await;
    let erin = user(&cell, served.address, "erin").await;
    let refused = call(&cell, served.address, &erin, "DeleteUser", &[("UserName", "erin")]).await;
    refused.is_fault(403, "AccessDenied", "is not authorized to perform: iam:DeleteUser");
    let message = refused.headers[HEADER].clone();
    assert!(!refused.body.contains(&message), "the text is AWS's alone");

    let members = [("EncodedMessage", message.as_str())];
    let decoded = call(&cell, served.address, &cell.root, OP, &members).await;
    assert_eq!(decoded.status, 200, "{decoded:?}");
    let text = decoded.element("DecodedMessage");
    for part in ["iam:DeleteUser", "arn:aws:iam::123456789012:user/erin", "explicitDeny"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let refused = call(&cell, served.address, &erin, OP, &members).await;
    refused.is_fault(403, "AccessDenied", "sts:DecodeAuthorizationMessage");
    served.close().await;
}

#[tokio::test]
async fn a_refusal_is_explained_from_the_view_that_it_was_made_in() {
    let (cell, served) = crate::cell().await;
    cell.node.hold();
    // What is visible here knows neither her nor her policy; the strong view that refuses does.
    let erin = user(&cell, served.address, "erin").await;
    let document = r#"{"Version":"2012-10-17","Statement":
        {"Sid":"Never","Effect":"Deny","Action":"*","Resource":"*"}}"#;
    let members = [("UserName", "erin"), ("PolicyName", "p"), ("PolicyDocument", document)];
    call(&cell, served.address, &cell.root, "PutUserPolicy", &members).await;
    for (operation, members) in [
        ("GetUser", vec![("UserName", "erin")]),
        ("DeleteUser", vec![("UserName", "erin")]),
        ("AssumeRole", vec![("RoleArn", ROLE), ("RoleSessionName", "work")]),
    ] {
        let refused = call(&cell, served.address, &erin, operation, &members).await;
        assert_eq!(refused.status, 403, "{refused:?}");
        let text = decoded(&cell, served.address, &refused.headers[HEADER]).await;
        assert!(text.contains(r#""statementId":"Never""#), "{operation}: {text}");
    }
    served.close().await;
}

#[tokio::test]
async fn what_this_cell_did_not_seal_is_no_message() {
    let (cell, served) = crate::cell().await;
    // The last is what an operation is handed when a message opens: nobody hands it over himself.
    for forged in ["nothing", "AAAA", "123456789012\n{}"] {
        let members = [("EncodedMessage", forged)];
        let refused = call(&cell, served.address, &cell.root, OP, &members).await;
        refused.is_fault(400, "InvalidAuthorizationMessageException", "Message is not valid.");
    }
    let users = call(&cell, served.address, &cell.root, "ListUsers", &[]).await;
    assert!(!users.headers.contains_key(HEADER));
    served.close().await;
}

/// What a message says, told to root over gRPC.
async fn decoded(cell: &Cell, address: std::net::SocketAddr, message: &str) -> String {
    let path = "/bailiwick.sts.v1.Sts/DecodeAuthorizationMessage";
    let request = DecodeAuthorizationMessageRequest { encoded_message: message.to_owned() };
    let answer: Response<DecodeAuthorizationMessageResponse> =
        rpc::send(cell, address, &cell.root, path, &request).await.expect("root may decode");
    answer.into_inner().decoded_message.expect("a message")
}

#[tokio::test]
async fn over_grpc_the_message_is_in_the_metadata() {
    let (cell, served) = crate::cell().await;
    let erin = user(&cell, served.address, "erin").await;
    let path = "/bailiwick.iam.v1.Iam/DeleteUser";
    let delete = |user_name: &str| DeleteUserRequest { user_name: user_name.to_owned() };
    let send = async |key: &KeyPair, name: &str| {
        rpc::send::<_, ()>(&cell, served.address, key, path, &delete(name)).await.expect_err("no")
    };
    let status = send(&erin, "erin").await;
    assert_eq!(status.code(), Code::PermissionDenied);
    let message = status.metadata().get(HEADER).expect("a message").to_str().expect("text");
    assert!(!status.message().contains(message), "the text is AWS's alone");
    let text = decoded(&cell, served.address, message).await;
    for part in ["iam:DeleteUser", "arn:aws:iam::123456789012:user/erin"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let status = send(&cell.root, "nobody").await;
    assert_eq!(status.code(), Code::NotFound);
    assert!(!status.metadata().contains_key(HEADER), "it was no policy that refused");
    served.close().await;
}

#[tokio::test]
async fn over_rest_json_the_message_is_in_a_header() {
    let (cell, served) = crate::cell().await;
    let erin = user(&cell, served.address, "erin").await;
    let ask = |body: &str| Ask {
        path: "/policy/validation",
        headers: vec![("content-type", "application/json".to_owned())],
        body: body.as_bytes().to_vec(),
        service: "access-analyzer",
        ..Ask::default()
    };
    let valid = r#"{"policyDocument":"{}","policyType":"IDENTITY_POLICY"}"#;
    let refused = ask(valid).send(&cell, served.address, &erin).await;
    assert_eq!(refused.status, 403, "{refused:?}");
    let message = &refused.headers[HEADER];
    assert!(!refused.body.contains(message), "the text is AWS's alone");
    let text = decoded(&cell, served.address, message).await;
    assert!(text.contains("access-analyzer:ValidatePolicy"), "{text}");
    for (body, status) in [(valid, 200), ("{", 400)] {
        let reply = ask(body).send(&cell, served.address, &cell.root).await;
        assert_eq!(reply.status, status, "{reply:?}");
        assert!(!reply.headers.contains_key(HEADER));
    }
    served.close().await;
}
