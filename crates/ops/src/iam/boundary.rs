//! Permissions boundaries of users and roles.
//!
//! Source: IAM User Guide, "Permissions boundaries for IAM entities".

use model::arn;
use schema::{Fault, iam};

use crate::{View, faults};

/// The boundary of a request, known to exist; empty when none is asked for.
pub(super) fn checked(view: &View<'_>, policy_arn: Option<&str>) -> Result<String, Fault> {
    let Some(policy_arn) = policy_arn else { return Ok(String::new()) };
    if arn::managed_policy(policy_arn).is_none() {
        return Err(faults::invalid_input(format!("ARN {policy_arn} is not valid.")));
    }
    match view.attachable(policy_arn) {
        Some(_) => Ok(policy_arn.to_owned()),
        None => Err(faults::no_such_entity(format!(
            "Scope ARN: {policy_arn} does not exist or is not attachable."
        ))),
    }
}

/// A boundary as answers have it; absent when there is none.
pub(super) fn message(policy_arn: &str) -> Option<iam::v1::AttachedPermissionsBoundary> {
    (!policy_arn.is_empty()).then(|| iam::v1::AttachedPermissionsBoundary {
        permissions_boundary_type: Some("Policy".to_owned()),
        permissions_boundary_arn: Some(policy_arn.to_owned()),
    })
}
