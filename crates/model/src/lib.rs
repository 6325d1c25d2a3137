//! Ids, ARNs, entities, the immutable [`State`], its indexes, changes and their encoding.
//!
//! **Invariant:** nothing here names a clock, a file, a socket, a thread or a die. A [`State`] is a value: cloning
//! is O(1), readers and snapshot builders hold versions without blocking whoever applies the next change.

pub mod account;
pub mod ack;
pub mod arn;
pub mod digest;
pub mod id;
pub mod managed;
pub mod mark;
pub mod name;
pub mod quota;
pub mod record;
pub mod secret;
pub mod shared;
pub mod state;
pub mod table;
pub mod terms;
pub mod token;

pub use account::Account;
pub use ack::{Ack, Level};
pub use digest::Digest;
pub use mark::{AccountMark, StateMark};
pub use name::Name;
pub use record::{Record, Stored};
pub use secret::Sealed;
pub use state::{CorruptSnapshot, State};
pub use table::Table;
pub use terms::Terms;
pub use token::Token;

pub use schema::model::v1;

/// The pseudo-account that holds the AWS-named managed policies.
pub const AWS_ACCOUNT: &str = "aws";
