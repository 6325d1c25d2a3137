//! Canaries: every secret that passes the door, looked for where it must not be.
//!
//! A test program of its own, because the log that it reads is that of the whole process.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use door::Options;
use door::testing::{Cell, KeyPair, ManualClock};
use http::call;
use people::{session, user};
use prost::Message;
use schema::iam::v1::{CreateAccessKeyRequest, CreateAccessKeyResponse};

#[allow(dead_code, reason = "shared with the tests of the door")]
#[path = "door/http.rs"]
mod http;
#[path = "door/people.rs"]
mod people;
#[allow(dead_code, reason = "shared with the tests of the door")]
#[path = "door/rpc.rs"]
mod rpc;

/// A log that is kept.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn no_secret_is_logged_or_stored_in_clear() {
    let log = Log::default();
    let writer = log.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .init();
    let cell = Cell::new(Arc::new(ManualClock::at(1_767_323_045_000)));
    let served = cell.serve(Options::default()).await;
    let secrets = live(&cell, served.address).await;
    served.close().await;

    let log = log.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let stored: Vec<u8> =
        cell.node.state().entities().flat_map(|entity| entity.encode_to_vec()).collect();
    assert!(contains(&log, "answered"), "something is logged at all");
    assert!(contains(&stored, "grace"), "something is stored at all");
    for secret in secrets {
        assert!(!contains(&log, &secret), "a secret is in the log");
        assert!(!contains(&stored, &secret), "a secret is stored in clear");
    }
}

/// Calls of every kind that has to do with secrets; gives the secrets.
async fn live(cell: &Cell, address: std::net::SocketAddr) -> Vec<String> {
    let grace = user(cell, address, "grace").await;
    let session = session(cell, address).await;
    call(cell, address, &session, "GetCallerIdentity", &[]).await;
    let wrong = KeyPair { secret: "hunter2hunter2".to_owned(), ..grace.clone() };
    let refused = call(cell, address, &wrong, "GetCallerIdentity", &[]).await;
    refused.is_fault(403, "SignatureDoesNotMatch", "");
    let path = "/bailiwick.sts.v1.Sts/GetCallerIdentity";
    let nothing = bytes::Bytes::new();
    rpc::bytes(cell, address, &session, path, nothing, &[]).await.expect("a session signs");
    let path = "/bailiwick.iam.v1.Iam/CreateAccessKey";
    let request = CreateAccessKeyRequest { user_name: Some("grace".to_owned()) };
    let made: tonic::Response<CreateAccessKeyResponse> =
        rpc::send(cell, address, &cell.root, path, &request).await.expect("a key");
    let made = made.into_inner().access_key.expect("a key");
    assert!(!format!("{made:?}").contains(&made.secret_access_key), "Debug shows it");
    let token = session.token.expect("a session has a token");
    let root = cell.root.secret.clone();
    vec![root, grace.secret, session.secret, token, made.secret_access_key, wrong.secret]
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
