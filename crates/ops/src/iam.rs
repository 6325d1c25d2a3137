//! IAM: one folder per resource, one file per operation.

mod access_key;
mod account;
mod attachment;
mod boundary;
mod group;
mod inline_policy;
mod instance_profile;
mod managed_policy;
mod role;
mod simulation;
mod user;

use prost_types::Timestamp;

/// A time as answers carry it, in whole seconds.
///
/// Source: IAM API reference, "CreateDate", ISO 8601 date-times.
pub(crate) fn timestamp(time_ms: u64) -> Timestamp {
    Timestamp { seconds: i64::try_from(time_ms / 1000).unwrap_or(i64::MAX), nanos: 0 }
}
