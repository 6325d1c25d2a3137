//! The peer: etcd's puts and ranges over its public gRPC API (etcd documentation, "API reference"), called with the
//! very client that calls the cell.

mod members;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use client::Client;
use prost::Message;

use super::cell::READ_USERS;
use super::load::Target;

pub use members::Members;

/// About what the cell logs for a `CreateUser`.
pub const VALUE_BYTES: usize = 300;
const PUT: &str = "/etcdserverpb.KV/Put";
const RANGE: &str = "/etcdserverpb.KV/Range";
const STATUS: &str = "/etcdserverpb.Maintenance/Status";

/// `etcdserverpb.PutRequest`
#[derive(Clone, PartialEq, Message)]
struct PutRequest {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

/// `etcdserverpb.PutResponse`, of which nothing is of use here.
#[derive(Clone, PartialEq, Message)]
struct PutResponse {}

/// `etcdserverpb.RangeRequest`
#[derive(Clone, PartialEq, Message)]
struct RangeRequest {
    #[prost(string, tag = "1")]
    key: String,
    /// Read what the member has, without asking the others.
    #[prost(bool, tag = "7")]
    serializable: bool,
}

/// `etcdserverpb.RangeResponse`
#[derive(Clone, PartialEq, Message)]
struct RangeResponse {
    #[prost(int64, tag = "4")]
    count: i64,
}

/// `etcdserverpb.StatusRequest`
#[derive(Clone, PartialEq, Message)]
struct StatusRequest {}

/// `etcdserverpb.ResponseHeader`
#[derive(Clone, PartialEq, Message)]
struct ResponseHeader {
    #[prost(uint64, tag = "2")]
    member_id: u64,
}

/// `etcdserverpb.StatusResponse`
#[derive(Clone, PartialEq, Message)]
struct StatusResponse {
    #[prost(message, optional, tag = "1")]
    header: Option<ResponseHeader>,
    #[prost(string, tag = "2")]
    version: String,
    #[prost(uint64, tag = "4")]
    leader: u64,
}

/// Puts keys that no other call puts.
pub struct Puts {
    connections: Vec<Client>,
    next: Arc<AtomicU64>,
}

impl Puts {
    /// Over some connections; `next` is shared by all rounds, so that each key is new.
    pub fn new(connections: Vec<Client>, next: Arc<AtomicU64>) -> Self {
        Puts { connections, next }
    }
}

impl Target for Puts {
    async fn call(&self, caller: usize) -> Result<(), String> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        put(&self.connections[caller % self.connections.len()], number).await
    }
}

/// Reads keys one after the other.
pub struct Ranges {
    connections: Vec<Client>,
    next: AtomicU64,
    serializable: bool,
}

impl Ranges {
    /// Puts the keys first; `serializable`: read what the member has, not what is newest.
    ///
    /// # Errors
    /// A key cannot be put.
    pub async fn new(connections: Vec<Client>, serializable: bool) -> Result<Self, String> {
        for number in 0..READ_USERS {
            put(&connections[0], number).await?;
        }
        Ok(Ranges { connections, next: AtomicU64::new(0), serializable })
    }
}

impl Target for Ranges {
    async fn call(&self, caller: usize) -> Result<(), String> {
        let number = self.next.fetch_add(1, Ordering::Relaxed) % READ_USERS;
        let request = RangeRequest { key: key(number), serializable: self.serializable };
        let client = &self.connections[caller % self.connections.len()];
        let answer = client.send::<_, RangeResponse>(RANGE, &request, true).await;
        match answer.map_err(|error| format!("etcd range: {error}"))?.message.count {
            1 => Ok(()),
            count => Err(format!("etcd range: {count} keys")),
        }
    }
}

async fn put(client: &Client, number: u64) -> Result<(), String> {
    let request = PutRequest { key: key(number), value: vec![b'v'; VALUE_BYTES] };
    let answer = client.send::<_, PutResponse>(PUT, &request, false).await;
    answer.map(drop).map_err(|error| format!("etcd put: {error}"))
}

fn key(number: u64) -> String {
    format!("user-{number:08}")
}
