//! Users, groups, roles and policies with everything in them, for GetAccountAuthorizationDetails.

use model::arn::{self, HasArn};
use model::{Stored, v1};
use schema::iam::v1::{
    AttachedPolicy, GroupDetail, ManagedPolicyDetail, PolicyDetail, PolicyVersion, RoleDetail,
    UserDetail,
};

use super::super::{boundary, instance_profile, role, timestamp};
use crate::{View, tags};

/// A user with its policies and the names of its groups.
pub(super) fn user(view: &View<'_>, user: &v1::User) -> UserDetail {
    let groups = user.group_ids.iter().filter_map(|id| view.account().group_by_id(id));
    UserDetail {
        path: Some(user.path.clone()),
        user_name: Some(user.name.clone()),
        user_id: Some(user.id.clone()),
        arn: Some(user.arn()),
        create_date: Some(timestamp(user.created_ms)),
        user_policy_list: inline(&user.inline_policies),
        group_list: groups.map(|group| group.name.clone()).collect(),
        attached_managed_policies: attached(&user.attached_policies),
        permissions_boundary: boundary::message(&user.boundary),
        tags: tags::messages(&user.tags),
    }
}

/// A group with its policies.
pub(super) fn group(group: &v1::Group) -> GroupDetail {
    GroupDetail {
        path: Some(group.path.clone()),
        group_name: Some(group.name.clone()),
        group_id: Some(group.id.clone()),
        arn: Some(group.arn()),
        create_date: Some(timestamp(group.created_ms)),
        group_policy_list: inline(&group.inline_policies),
        attached_managed_policies: attached(&group.attached_policies),
    }
}

/// A role with its policies, trust policy and instance profiles.
pub(super) fn role(view: &View<'_>, role: &Stored<v1::Role>) -> RoleDetail {
    let profiles = view.account().profiles_of(&role.id);
    let full = role::full(view.state(), role);
    RoleDetail {
        path: Some(full.path),
        role_name: Some(full.role_name),
        role_id: Some(full.role_id),
        arn: Some(full.arn),
        create_date: full.create_date,
        assume_role_policy_document: full.assume_role_policy_document,
        instance_profile_list: profiles.map(|p| instance_profile::brief(view, p)).collect(),
        role_policy_list: inline(&role.inline_policies),
        attached_managed_policies: attached(&role.attached_policies),
        permissions_boundary: full.permissions_boundary,
        tags: full.tags,
        role_last_used: full.role_last_used,
    }
}

/// A managed policy with its versions and where this account uses it.
pub(super) fn policy(view: &View<'_>, policy: &v1::ManagedPolicy) -> ManagedPolicyDetail {
    let policy_arn = policy.arn();
    let used = view.account().index().attached(&policy_arn);
    let count = |count: usize| Some(i32::try_from(count).unwrap_or(i32::MAX));
    ManagedPolicyDetail {
        policy_name: Some(policy.name.clone()),
        policy_id: Some(policy.id.clone()),
        arn: Some(policy_arn),
        path: Some(policy.path.clone()),
        default_version_id: Some(version_id(policy.default_version)),
        attachment_count: count(used.map_or(0, |used| used.attachment_count())),
        permissions_boundary_usage_count: count(used.map_or(0, |used| used.boundary_count())),
        is_attachable: Some(true),
        description: policy.description.clone(),
        create_date: Some(timestamp(policy.created_ms)),
        update_date: Some(timestamp(policy.updated_ms)),
        policy_version_list: versions(policy),
    }
}

/// The versions of a policy, newest first, with their documents.
fn versions(policy: &v1::ManagedPolicy) -> Vec<PolicyVersion> {
    let message = |version: &v1::PolicyVersion| PolicyVersion {
        document: Some(version.document.clone()),
        version_id: Some(version_id(version.number)),
        is_default_version: Some(version.number == policy.default_version),
        create_date: Some(timestamp(version.created_ms)),
    };
    policy.versions.iter().rev().map(message).collect()
}

fn version_id(number: u32) -> String {
    format!("v{number}")
}

fn inline(policies: &[v1::InlinePolicy]) -> Vec<PolicyDetail> {
    let message = |policy: &v1::InlinePolicy| PolicyDetail {
        policy_name: Some(policy.name.clone()),
        policy_document: Some(policy.document.clone()),
    };
    policies.iter().map(message).collect()
}

fn attached(policy_arns: &[String]) -> Vec<AttachedPolicy> {
    let message = |policy_arn: &String| AttachedPolicy {
        policy_name: arn::managed_policy(policy_arn).map(|(_, name)| name.to_owned()),
        policy_arn: Some(policy_arn.clone()),
    };
    policy_arns.iter().map(message).collect()
}
