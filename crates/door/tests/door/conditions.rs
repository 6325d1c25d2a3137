//! What the front door sees of a request, as policies look at it.

use crate::http::{Ask, IAM, Reply, call};
use crate::people::user;

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:GetUser","Resource":"*",
    "Condition":{"StringEquals":{"aws:UserAgent":"agent/1","aws:Referer":"https://example.com/",
        "aws:RequestedRegion":"us-east-1"},
    "IpAddress":{"aws:SourceIp":"127.0.0.1/32"},"Bool":{"aws:SecureTransport":"false"}}}}"#;

#[tokio::test]
async fn headers_and_the_peers_address_are_condition_keys() {
    let (cell, served) = crate::cell().await;
    let erin = user(&cell, served.address, "erin").await;
    let members = [("UserName", "erin"), ("PolicyName", "p"), ("PolicyDocument", POLICY)];
    let put = call(&cell, served.address, &cell.root, "PutUserPolicy", &members).await;
    assert_eq!(put.status, 200, "{put:?}");
    let get = async |headers: &[(&'static str, &str)]| -> Reply {
        let ask = Ask::form("GetUser", IAM, &[("UserName", "erin")]);
        let ask = headers.iter().fold(ask, |ask, (name, value)| ask.header(name, value));
        ask.send(&cell, served.address, &erin).await
    };
    let (agent, referer) = (("user-agent", "agent/1"), ("referer", "https://example.com/"));
    let found = get(&[agent, referer]).await;
    assert_eq!(found.status, 200, "{found:?}");
    for headers in [
        &[][..],
        &[agent],
        &[referer],
        &[("user-agent", "agent/2"), referer],
        &[agent, ("referer", "https://example.org/")],
    ] {
        get(headers).await.is_fault(403, "AccessDenied", "iam:GetUser");
    }
    // An address that a client claims is not believed.
    let claimed = ("x-forwarded-for", "192.0.2.1");
    assert_eq!(get(&[agent, referer, claimed]).await.status, 200);
    served.close().await;
}
