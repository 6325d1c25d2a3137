//! The front door: one port that speaks gRPC, the AWS Query protocol and AWS's REST-JSON; who
//! calls, and what is done about it.
//!
//! ```text
//! socket ─ listen ─┬─ grpc ──┐                       ┌─ read  ─ a view as fresh as asked for
//!                  ├─ query ─┼─ identify ─ dispatch ─┼─ mint  ─ a view, and a sealed session
//!                  ├─ rest ──┘                       └─ write ─ the log, with a sealed secret
//!                  └─ probes, metrics
//! ```
//!
//! A [`Door`] answers HTTP requests over a [`cluster::Backend`]; it has no socket of its own, so a
//! simulation drives it as [`listen()`] does. Clock and entropy are handed in. All protocols meet
//! in one dispatch, so that a caller gets the same answers, the same checks and the same three
//! facts about every answer (docs/consistency.md): the revision it was made at, how old that may
//! be, and who made it.

mod ack;
mod answer;
mod authz;
mod budget;
mod call;
mod consistency;
mod dispatch;
mod door;
mod entropy;
mod follow;
mod grpc;
mod headers;
mod identify;
pub mod keys;
mod listen;
mod metrics;
mod options;
mod path;
mod probes;
mod propagation;
mod query;
mod rest;
mod services;
#[cfg(feature = "testing")]
pub mod testing;
mod tls;
mod uses;

pub use ack::parse as parse_ack;
pub use cluster::Ack;
pub use consistency::parse as parse_consistency;
pub use door::{Door, Parts, Peer};
pub use entropy::{Entropy, SystemEntropy};
pub use keys::MasterKey;
pub use listen::{Closed, listen};
pub use model::Token;
pub use options::Options;
pub use services::{Caller, Services};
pub use tls::{TlsError, server_config};
