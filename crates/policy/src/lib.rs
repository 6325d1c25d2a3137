//! The AWS policy language: parse, validate, compile, decide, explain. Usable alone.
//!
//! A [`Policy`] is read once, with AWS's own write-time refusals ([`Policy::parse`]), and kept in a
//! compiled form. [`decide`] then answers a [`Request`] against every set of policies that applies
//! to it and says why ([`Decision`]). The crate is pure: no clock, file, socket, thread or
//! randomness, `no_std` with `alloc`, and no dependency.
//!
//! ```
//! use policy::{Context, Kind, Outcome, Policies, Policy, Principal, Request, decide};
//!
//! let text = r#"{"Version":"2012-10-17","Statement":{
//!     "Effect":"Allow","Action":"s3:Get*","Resource":"arn:aws:s3:::b/${aws:username}/*"}}"#;
//! let policy = Policy::parse(text, Kind::Identity)?;
//! let mut context = Context::new();
//! context.set("aws:username", "alice");
//! let request = Request {
//!     principal: Principal::user("111122223333", "arn:aws:iam::111122223333:user/alice", "AIDA…"),
//!     action: "s3:GetObject",
//!     resource: "arn:aws:s3:::b/alice/x",
//!     resource_account: "111122223333",
//!     context: &context,
//! };
//! let policies = Policies { identity: &[&policy], ..Policies::default() };
//! assert_eq!(decide(&request, &policies).outcome, Outcome::Allowed);
//! # Ok::<(), policy::Malformed>(())
//! ```
#![no_std]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod action;
mod arn;
pub mod check;
mod compile;
mod condition;
mod context;
mod decide;
mod document;
mod explain;
mod glob;
mod hash;
mod index;
mod json;
pub mod limits;
mod malformed;
mod policy;
mod pool;
mod position;
mod principal;
mod reason;
mod resource;
mod silence;
mod steps;
mod validate;
mod variable;

pub use context::{Context, KnownKey, List, Value, lowered};
pub use decide::{Policies, Request, decide};
pub use document::{Effect, Version};
pub use explain::{
    Explanation, FailedCondition, Grant, Layer, MatchedStatement, StatementPlace, UnmetStatement,
    context_keys, explain,
};
pub use glob::glob_matches;
pub use limits::{MAX_CHARACTERS, MAX_DEPTH};
pub use malformed::Malformed;
pub use policy::{Kind, Policy, StatementView};
pub use pool::Pool;
pub use position::{Position, position};
pub use principal::{Principal, PrincipalKind};
pub use reason::{Decision, Outcome, Reason, Set};
pub use silence::RULES;

/// A range of bytes in a policy's source text.
pub type Span = core::ops::Range<usize>;
