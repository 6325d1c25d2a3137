//! Users and sessions for the tests to call as.

use std::net::SocketAddr;

use door::testing::{Cell, KeyPair};

use crate::http::{Reply, call};

/// Lets the user `erin` assume a role.
pub const TRUST: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Principal":{"AWS":"arn:aws:iam::123456789012:user/erin"},"Action":"sts:AssumeRole"}]}"#;
const ROLE: &str = "arn:aws:iam::123456789012:role/reader";

/// A user with a key.
pub async fn user(cell: &Cell, address: SocketAddr, name: &str) -> KeyPair {
    call(cell, address, &cell.root, "CreateUser", &[("UserName", name)]).await;
    let made = call(cell, address, &cell.root, "CreateAccessKey", &[("UserName", name)]).await;
    key(&made)
}

/// The credentials in an answer.
pub fn key(reply: &Reply) -> KeyPair {
    let has_token = reply.body.contains("<SessionToken>");
    KeyPair {
        id: reply.element("AccessKeyId").to_owned(),
        secret: reply.element("SecretAccessKey").to_owned(),
        token: has_token.then(|| reply.element("SessionToken").to_owned()),
    }
}

/// A session of a role that the user `erin` may assume.
pub async fn session(cell: &Cell, address: SocketAddr) -> KeyPair {
    let erin = user(cell, address, "erin").await;
    let members = [("RoleName", "reader"), ("AssumeRolePolicyDocument", TRUST)];
    call(cell, address, &cell.root, "CreateRole", &members).await;
    let arn = "arn:aws:iam::aws:policy/IAMReadOnlyAccess";
    let members = [("RoleName", "reader"), ("PolicyArn", arn)];
    call(cell, address, &cell.root, "AttachRolePolicy", &members).await;
    let members = [("RoleArn", ROLE), ("RoleSessionName", "s1"), ("DurationSeconds", "900")];
    let assumed = call(cell, address, &erin, "AssumeRole", &members).await;
    assert_eq!(assumed.status, 200, "{assumed:?}");
    key(&assumed)
}
