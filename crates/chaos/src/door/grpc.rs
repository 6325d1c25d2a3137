//! gRPC, by way of the project's own client.

use std::collections::BTreeMap;

use bytes::Bytes;
use client::{Answer, Client, Credentials, Error};
use prost::Message;
use schema::Kind;
use schema::iam::v1::CreateAccessKeyResponse;

use super::{Asking, Body, Heard, Outcome};

/// A client of each node.
pub(crate) struct Grpc {
    credentials: Credentials,
    clients: BTreeMap<u64, Client>,
}

impl Grpc {
    pub(super) fn new(credentials: Credentials) -> Self {
        Grpc { credentials, clients: BTreeMap::new() }
    }

    pub(super) async fn ask(&mut self, url: &str, node: u64, asking: Asking<'_>) -> Heard {
        let client = match self.clients.get(&node) {
            Some(client) => client.clone(),
            None => match Client::new(&[url.to_owned()], Some(self.credentials.clone())) {
                Ok(client) => self.clients.entry(node).or_insert(client).clone(),
                Err(error) => return Heard::nothing(Outcome::NothingDone(error.to_string())),
            },
        };
        let mut client = client.with_deadline(asking.patience);
        if let Some((name, value)) = asking.header {
            client = client.with_header(name, value);
        }
        let writes = asking.operation.kind == Kind::Write;
        match client.call(asking.operation, asking.request).await {
            Ok(answer) => {
                let body = Outcome::Response(Body::Message(answer.message.clone()));
                heard(body, &answer)
            }
            Err(Error::Fault { code, answer, .. }) => heard(Outcome::Fault(code), &answer),
            Err(Error::Unavailable { message, maybe_applied: true }) if writes => {
                Heard::nothing(Outcome::Unknown(message))
            }
            Err(error) => Heard::nothing(Outcome::NothingDone(error.to_string())),
        }
    }
}

fn heard<T>(outcome: Outcome, answer: &Answer<T>) -> Heard {
    Heard {
        outcome,
        revision: answer.revision,
        age_ms: answer.age_ms,
        token: answer.token.clone(),
        request_id: answer.request_id.clone(),
        propagation: String::new(),
    }
}

pub(super) fn key_id(response: &Bytes) -> String {
    let response = CreateAccessKeyResponse::decode(response.clone()).unwrap_or_default();
    response.access_key.unwrap_or_default().access_key_id
}
