//! Voters of one cell in one process: in memory with the timer paused, and over sockets.

#![expect(clippy::unwrap_used, reason = "tests")]

mod exact;
mod failover;
mod feed;
mod grpc;
mod repeat;
mod restart;
mod support;
mod write;
