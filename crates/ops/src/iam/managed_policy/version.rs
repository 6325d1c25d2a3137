//! Versions of managed policies, and the ids that name them.
//!
//! Source: IAM User Guide, "Versioning IAM policies".

use model::managed::Versions;
use model::v1;
use schema::{Fault, iam};

use super::super::timestamp;
use crate::faults;

/// `v3` for 3.
pub(super) fn version_id(number: u32) -> String {
    format!("v{number}")
}

/// The version of an id.
pub(super) fn find<'a>(
    policy: &'a v1::ManagedPolicy,
    version_id: &str,
) -> Option<&'a v1::PolicyVersion> {
    let number = version_id.strip_prefix('v')?.parse().ok()?;
    policy.version(number)
}

/// No such policy, or no such version of it: AWS does not tell them apart.
pub(super) fn not_found(policy_arn: &str, version_id: &str) -> Fault {
    faults::no_such_entity(format!(
        "Policy {policy_arn} version {version_id} does not exist or is not attachable."
    ))
}

/// A version as lists show it: without its document.
pub(super) fn brief(
    policy: &v1::ManagedPolicy,
    version: &v1::PolicyVersion,
) -> iam::v1::PolicyVersion {
    iam::v1::PolicyVersion {
        version_id: Some(version_id(version.number)),
        is_default_version: Some(version.number == policy.default_version),
        create_date: Some(timestamp(version.created_ms)),
        document: None,
    }
}
