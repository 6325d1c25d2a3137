//! What goes over the line, looked at without a follower.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use cluster::SystemClock;
use door::Options;
use door::testing::Cell;
use model::Sealed;
use prost::Message;
use schema::follow::v1::{SubscribeRequest, SubscribeResponse};

use crate::{Client, Credentials, Error};

const PATH: &str = "/bailiwick.follow.v1.Follow/Subscribe";

/// Everything up to the first mark.
async fn step(client: &Client, request: &SubscribeRequest) -> Result<SubscribeResponse, Error> {
    let mut incoming = client.open(PATH, request).await?;
    let mut whole = SubscribeResponse::default();
    while whole.mark.is_none() {
        let item: SubscribeResponse = incoming.next(Duration::from_secs(20)).await?;
        whole.restart |= item.restart;
        whole.changes.extend(item.changes);
        whole.mark = item.mark;
    }
    Ok(whole)
}

#[tokio::test]
async fn no_secret_is_in_the_stream_and_nothing_is_sent_twice() {
    let cell = Cell::new(Arc::new(SystemClock::new()));
    let other = cell.account("210987654321", "other@example.com");
    let served =
        cell.serve(Options { drain: Duration::from_millis(200), ..Options::default() }).await;
    let urls = [format!("http://{}", served.address)];
    let root = Credentials::new(&cell.root.id, &cell.root.secret);
    let client = Client::new(&urls, Some(root)).unwrap();
    let accounts = vec![cell.account_id.clone()];
    let mut request = SubscribeRequest { accounts, ..Default::default() };
    let whole = step(&client, &request).await.unwrap();
    assert!(whole.restart);

    let sent = whole.encode_to_vec();
    let holds = |canary: &[u8]| sent.windows(canary.len()).any(|window| window == canary);
    let state = cell.node.state();
    assert!(holds(cell.root.id.as_bytes()), "the key itself is known");
    for id in [&cell.root.id, &other.id] {
        let (_, key) = state.access_key(id).unwrap();
        let sealed = key.sealed_secret().unwrap();
        assert!(sealed.ciphertext.len() > 16 && sealed.nonce.len() == 12);
        for canary in [&sealed.ciphertext, &sealed.nonce, &sealed.key_id] {
            assert!(!holds(canary), "a sealed secret is in the stream");
        }
    }
    let operator = state.operator_keys().values().next().unwrap();
    for secret in [&cell.root.secret, "root@example.com", &cell.operator.id, &other.id] {
        assert!(!holds(secret.as_bytes()), "{secret}");
    }
    assert!(!holds(&operator.sealed_secret().unwrap().ciphertext));

    // The same digest at both ends, so there is nothing to say.
    let mark = whole.mark.unwrap();
    let named = BTreeSet::from([cell.account_id.clone()]);
    assert_eq!(mark.digest[..], state.shared_digest(&named)[..]);
    (request.revision, request.digest) = (mark.revision, mark.digest);
    let resumed = step(&client, &request).await.unwrap();
    assert!(!resumed.restart && resumed.changes.is_empty());
    request.digest = Bytes::from_static(b"another");
    assert!(step(&client, &request).await.unwrap().restart);

    // Nobody is led back, and nobody gets what is another's.
    request.revision += 1_000;
    let ahead = step(&client, &request).await;
    assert!(matches!(ahead, Err(Error::Unavailable { .. })), "{ahead:?}");
    request.accounts.push("210987654321".to_owned());
    request.revision = 0;
    let foreign = step(&client, &request).await;
    assert!(
        matches!(&foreign, Err(Error::Fault { code, .. }) if code == "AccessDenied"),
        "{foreign:?}"
    );
    served.close().await;
}
