//! Temporary credentials, from minting to their end.

use std::sync::Arc;
use std::time::Duration;

use door::Options;
use door::testing::{Cell, KeyPair, ManualClock};

use crate::http::call;
use crate::people::{TRUST, session};

#[tokio::test]
async fn a_session_lives_its_time() {
    let clock = Arc::new(ManualClock::at(crate::NOW_MS));
    let cell = Cell::new(clock.clone());
    let served = cell.serve(Options::default()).await;
    let session = session(&cell, served.address).await;
    assert!(session.id.starts_with("ASIA"));
    let who = call(&cell, served.address, &session, "GetCallerIdentity", &[]).await;
    assert_eq!(who.element("Arn"), "arn:aws:sts::123456789012:assumed-role/reader/s1");
    let users = call(&cell, served.address, &session, "ListUsers", &[]).await;
    assert_eq!(users.status, 200, "{users:?}");

    let other = KeyPair { id: "ASIAIOSFODNN7EXAMPLE".to_owned(), ..session.clone() };
    let refused = call(&cell, served.address, &other, "GetCallerIdentity", &[]).await;
    refused.is_fault(403, "InvalidClientTokenId", "is invalid.");
    let wrong = KeyPair { secret: "wrong".to_owned(), ..session.clone() };
    let refused = call(&cell, served.address, &wrong, "GetCallerIdentity", &[]).await;
    refused.is_fault(403, "SignatureDoesNotMatch", "The request signature we calculated");

    clock.advance(Duration::from_secs(900));
    for key in [session, wrong] {
        let over = call(&cell, served.address, &key, "GetCallerIdentity", &[]).await;
        over.is_fault(403, "ExpiredToken", "The security token included in the request is expired");
    }
    served.close().await;
}

#[tokio::test]
async fn a_role_made_again_does_not_revive_its_sessions() {
    let (cell, served) = crate::cell().await;
    let session = session(&cell, served.address).await;
    let arn = "arn:aws:iam::aws:policy/IAMReadOnlyAccess";
    let members = [("RoleName", "reader"), ("PolicyArn", arn)];
    call(&cell, served.address, &cell.root, "DetachRolePolicy", &members).await;
    call(&cell, served.address, &cell.root, "DeleteRole", &[("RoleName", "reader")]).await;
    let members = [("RoleName", "reader"), ("AssumeRolePolicyDocument", TRUST)];
    call(&cell, served.address, &cell.root, "CreateRole", &members).await;
    let refused = call(&cell, served.address, &session, "GetCallerIdentity", &[]).await;
    refused.is_fault(403, "InvalidClientTokenId", "is invalid.");
    served.close().await;
}

#[tokio::test]
async fn a_session_of_another_cell_is_nobodys() {
    let (cell, served) = crate::cell().await;
    let session = session(&cell, served.address).await;
    let (other, elsewhere) = crate::cell().await;
    let other = Cell { keys: Arc::new(door::MasterKey::new(&[1; 32])), ..other };
    let there = other.serve(Options::default()).await;
    let refused = call(&other, there.address, &session, "GetCallerIdentity", &[]).await;
    refused.is_fault(403, "InvalidClientTokenId", "is invalid");
    for door in [served, elsewhere, there] {
        door.close().await;
    }
}
