//! Managed policies: the account's own, and the AWS-named ones that every account sees.

mod create_policy;
mod create_policy_version;
mod delete_policy;
mod delete_policy_version;
mod get_policy;
mod get_policy_version;
mod list_entities_for_policy;
mod list_policies;
mod list_policy_tags;
mod list_policy_versions;
mod set_default_policy_version;
mod tag_policy;
mod untag_policy;
mod usage;
mod version;

use std::sync::Arc;

use model::arn::{self, HasArn};
use model::{Stored, quota, v1};
use policy::{Kind, Policy};
use schema::{Fault, iam};

use super::timestamp;
use crate::{View, faults, tags};
use version::version_id;

/// Refuses what is no ARN of a managed policy.
///
/// # Errors
/// `ValidationError` for what is no ARN at all, `InvalidInput` for an ARN of something else.
pub(super) fn check_arn(policy_arn: &str) -> Result<(), Fault> {
    let message = || format!("ARN {policy_arn} is not valid.");
    match (arn::parse(policy_arn), arn::managed_policy(policy_arn)) {
        (_, Some(_)) => Ok(()),
        (None, None) => Err(faults::validation(message())),
        (Some(_), None) => Err(faults::invalid_input(message())),
    }
}

/// A managed policy that the account sees: one of its own, or an AWS-named one.
fn find<'a>(
    view: &View<'a>,
    policy_arn: &str,
) -> Result<&'a Arc<Stored<v1::ManagedPolicy>>, Fault> {
    view.attachable(policy_arn).ok_or_else(|| faults::no_policy(policy_arn))
}

/// Refuses to change what is not the account's own: no policy of the caller's can allow that.
fn check_own(view: &View<'_>, policy_arn: &str, refusal: &str) -> Result<(), Fault> {
    match arn::managed_policy(policy_arn) {
        Some((account_id, _)) if account_id != view.account().id() => {
            Err(faults::access_denied(refusal))
        }
        _ => Ok(()),
    }
}

/// Refuses what is no policy, or too large a one.
fn check_document(document: &str) -> Result<(), Fault> {
    let policy =
        Policy::parse(document, Kind::Identity).map_err(|m| faults::malformed_policy(&m))?;
    if policy.size() > quota::MANAGED_POLICY_SIZE {
        return Err(faults::quota("PolicySize", quota::MANAGED_POLICY_SIZE));
    }
    Ok(())
}

/// A policy as lists show it: without description and tags.
fn brief(view: &View<'_>, policy: &v1::ManagedPolicy) -> iam::v1::Policy {
    let used = view.account().index().attached(&policy.arn());
    let count = |counted: Option<usize>| i32::try_from(counted.unwrap_or(0)).ok();
    iam::v1::Policy {
        policy_name: Some(policy.name.clone()),
        policy_id: Some(policy.id.clone()),
        arn: Some(policy.arn()),
        path: Some(policy.path.clone()),
        default_version_id: Some(version_id(policy.default_version)),
        attachment_count: count(used.map(|used| used.attachment_count())),
        permissions_boundary_usage_count: count(used.map(|used| used.boundary_count())),
        is_attachable: Some(true),
        create_date: Some(timestamp(policy.created_ms)),
        update_date: Some(timestamp(policy.updated_ms)),
        ..Default::default()
    }
}

/// A policy as CreatePolicy answers it: without description.
fn created(view: &View<'_>, policy: &v1::ManagedPolicy) -> iam::v1::Policy {
    iam::v1::Policy { tags: tags::messages(&policy.tags), ..brief(view, policy) }
}

/// A policy with everything but its documents.
fn full(view: &View<'_>, policy: &v1::ManagedPolicy) -> iam::v1::Policy {
    iam::v1::Policy { description: policy.description.clone(), ..created(view, policy) }
}

/// For cases: makes a policy that allows an action on everything, and answers its ARN.
#[cfg(test)]
pub(super) fn made(cell: &mut crate::testing::Cell, name: &str, action: &str) -> String {
    let request = iam::v1::CreatePolicyRequest {
        policy_name: name.to_owned(),
        policy_document: crate::testing::allow(action, "*"),
        ..Default::default()
    };
    let made = cell.write(request).expect("a policy can be made");
    made.policy.and_then(|policy| policy.arn).expect("the ARN is told")
}
