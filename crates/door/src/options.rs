//! What an operator may set about a front door, with its defaults.

use std::time::Duration;

use cluster::Consistency;

use crate::Ack;

/// Limits and habits of a front door.
#[derive(Clone, Debug)]
pub struct Options {
    /// What a read gets that asks for nothing; `None`: what the node behind the door prefers.
    pub consistency: Option<Consistency>,
    /// What a write waits for that asks for nothing.
    pub ack: Ack,
    /// Regions a signature may name; empty: any.
    pub regions: Vec<String>,
    /// How long a call may take that sets no deadline itself.
    pub deadline: Duration,
    /// The longest deadline a call may set.
    pub longest_deadline: Duration,
    /// How long a key that may not be here yet is waited for.
    pub not_here_yet_wait: Duration,
    /// Bytes of a Query request's body. AWS: 10,000,000.
    pub body_bytes: usize,
    /// Bytes of a gRPC message.
    pub message_bytes: usize,
    /// Bytes of all request bodies held at once.
    pub buffered_bytes: usize,
    /// Calls under way at once; more are told to slow down.
    pub calls: usize,
    /// Time for a client to send its first request's headers, and the body of any.
    pub read_timeout: Duration,
    /// Time between an HTTP/1.1 answer and the end of the next request's headers.
    pub keep_alive: Duration,
    /// Header lines of a request.
    pub headers: usize,
    /// Bytes of a request's header section.
    pub header_bytes: u32,
    /// Connections at once.
    pub connections: usize,
    /// Connections at once from one address.
    pub connections_per_address: usize,
    /// HTTP/2 streams at once on a connection.
    pub streams: u32,
    /// A connection with nothing under way for so long is closed.
    pub idle: Duration,
    /// Time that calls under way are given when the door closes.
    pub drain: Duration,
    /// A view older than this makes the node not ready.
    pub ready_age: Duration,
    /// Signing keys kept derived.
    pub signing_keys: usize,
    /// Principals kept ready for `Decide`, those who ask among them, each in some tens of kilobytes.
    pub subjects: usize,
    /// Keys and roles whose last use is remembered until it is written.
    pub uses: usize,
    /// Whether `/metrics` answers on this port.
    pub metrics: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            consistency: None,
            ack: Ack::Committed,
            regions: Vec::new(),
            deadline: Duration::from_secs(10),
            longest_deadline: Duration::from_secs(300),
            not_here_yet_wait: Duration::from_secs(2),
            body_bytes: 10_000_000,
            message_bytes: 4 << 20,
            buffered_bytes: 256 << 20,
            calls: 1024,
            read_timeout: Duration::from_secs(20),
            keep_alive: Duration::from_secs(75),
            headers: 100,
            header_bytes: 64 << 10,
            connections: 10_000,
            connections_per_address: 2_000,
            streams: 256,
            idle: Duration::from_secs(600),
            drain: Duration::from_secs(10),
            ready_age: Duration::from_secs(30),
            signing_keys: 16_384,
            subjects: 4_096,
            uses: 16_384,
            metrics: true,
        }
    }
}
