//! A door before a cell in memory, spoken to over a real socket.

mod authorization;
mod authz;
mod bad_input;
mod conditions;
mod exact;
mod fresh;
mod grpc;
mod http;
mod limits;
mod operator;
mod people;
mod query;
mod refusals;
mod rest;
mod rpc;
mod sessions;
mod tls;
mod visible;

use std::sync::Arc;

use door::Options;
use door::testing::{Cell, ManualClock, Served};

/// 2026-01-02T03:04:05Z
const NOW_MS: u64 = 1_767_323_045_000;

/// A cell and a door with default options.
async fn cell() -> (Cell, Served) {
    let cell = Cell::new(Arc::new(ManualClock::at(NOW_MS)));
    let served = cell.serve(Options::default()).await;
    (cell, served)
}
