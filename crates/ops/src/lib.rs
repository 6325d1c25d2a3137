//! The operations of IAM, STS and the cell's own administration: what each needs, reads and changes.
//!
//! An operation is a message that knows what it does. Everything here is a pure function of its arguments: the
//! state, the request, who asks, and the time and chance that the leader stamped on the entry.
//!
//! **Invariant:** [`apply`] is total and deterministic: any bytes in, the same answer on every node, no panic.

pub mod access;
mod access_analyzer;
mod admin;
mod apply;
mod authorize;
pub mod authz;
pub mod cache;
pub mod call;
pub mod caller;
mod context;
mod denial;
pub mod faults;
mod iam;
mod internal;
pub mod operation;
mod page;
mod sts;
pub mod table;
mod tags;
pub mod txn;
pub mod view;

#[cfg(test)]
mod testing;

pub use access::Access;
pub use apply::{Applied, apply};
pub use call::{Call, Minted, mint, read, secret_owner};
pub use caller::Principal;
pub use denial::{Denial, Refused};
pub use operation::{Mint, Operation, Read, Write};
pub use schema::Fault;
pub use txn::Txn;
pub use view::View;
