//! Attaching managed policies to users, groups and roles: one set of rules for all three.
//!
//! Source: IAM User Guide, "Managed policies and inline policies"; "IAM and AWS STS quotas".

mod attach_group_policy;
mod attach_role_policy;
mod attach_user_policy;
mod detach_group_policy;
mod detach_role_policy;
mod detach_user_policy;
mod list_attached_group_policies;
mod list_attached_role_policies;
mod list_attached_user_policies;

use model::{Name, Record, arn, quota, v1};
use schema::Fault;
use schema::iam::v1::AttachedPolicy;

use super::managed_policy::check_arn;
use crate::page::{Page, Paged};
use crate::{Txn, faults};

/// An entity that managed policies are attached to.
trait Carries: Record {
    /// The quota's name in faults.
    const QUOTA: &'static str;

    /// ARNs of its attached policies.
    fn attached(&self) -> &[String];
    /// The same, to be changed.
    fn attached_mut(&mut self) -> &mut Vec<String>;
}

macro_rules! carries {
    ($type:ident, $quota:literal) => {
        impl Carries for v1::$type {
            const QUOTA: &'static str = $quota;

            fn attached(&self) -> &[String] {
                &self.attached_policies
            }

            fn attached_mut(&mut self) -> &mut Vec<String> {
                &mut self.attached_policies
            }
        }
    };
}

carries!(User, "PoliciesPerUser");
carries!(Group, "PoliciesPerGroup");
carries!(Role, "PoliciesPerRole");

/// Attaches a policy to an entity; one that is attached already stays, and that is no fault.
///
/// # Errors
/// `NoSuchEntity`, or `LimitExceeded` when as many as may be are attached.
fn attach<E: Carries>(txn: &mut Txn<'_>, mut entity: E, policy_arn: &str) -> Result<(), Fault> {
    if txn.view().attachable(policy_arn).is_none() {
        return Err(faults::not_attachable(policy_arn));
    }
    if entity.attached().iter().any(|attached| attached == policy_arn) {
        return Ok(());
    }
    if entity.attached().len() >= quota::ATTACHED_POLICIES {
        return Err(faults::quota(E::QUOTA, quota::ATTACHED_POLICIES));
    }
    entity.attached_mut().push(policy_arn.to_owned());
    txn.put(entity);
    Ok(())
}

/// Detaches a policy from an entity.
///
/// # Errors
/// `NoSuchEntity` when it is not attached.
fn detach<E: Carries>(txn: &mut Txn<'_>, mut entity: E, policy_arn: &str) -> Result<(), Fault> {
    let attached = entity.attached().iter().position(|attached| attached == policy_arn);
    let position = attached.ok_or_else(|| faults::no_policy(policy_arn))?;
    entity.attached_mut().remove(position);
    txn.put(entity);
    Ok(())
}

/// A page of an entity's attached policies below a path, in the order of their names.
fn page(page: &Page, entity: &impl Carries, path_prefix: Option<&str>) -> Paged<AttachedPolicy> {
    let prefix = path_prefix.unwrap_or("/");
    let policies = entity.attached().iter().filter_map(|policy_arn| {
        let (account, name) = arn::managed_policy(policy_arn)?;
        path(policy_arn)?.starts_with(prefix).then(|| {
            let attached = AttachedPolicy {
                policy_name: Some(name.to_owned()),
                policy_arn: Some(policy_arn.clone()),
            };
            // Names are unique in an account, but one of the account's may be one of AWS's, too.
            (Name::new(&format!("{name}/{account}")), attached)
        })
    });
    page.take_sorted(policies)
}

/// The path in a managed policy's ARN, with both its slashes.
fn path(policy_arn: &str) -> Option<&str> {
    let path_and_name = arn::parse(policy_arn)?.rest.strip_prefix("policy")?;
    let end = path_and_name.rfind('/')?;
    path_and_name.get(..=end)
}
