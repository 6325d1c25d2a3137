//! Roles.

mod create_role;
mod delete_role;
mod delete_role_permissions_boundary;
mod get_role;
mod list_role_tags;
mod list_roles;
mod put_role_permissions_boundary;
mod tag_role;
mod trust;
mod untag_role;
mod update_assume_role_policy;
mod update_role;
mod update_role_description;

use std::sync::Arc;

use model::arn::HasArn;
use model::{State, Stored, v1};
use schema::iam::v1::RoleLastUsed;
use schema::{Fault, iam};

use super::{boundary, timestamp};
use crate::{View, faults, tags};

/// Longest session of a role that says nothing about it, seconds.
const DEFAULT_MAX_SESSION_S: u32 = 3_600;

/// The role of a name, whatever its case.
pub(super) fn find<'a>(view: &View<'a>, name: &str) -> Result<&'a Arc<Stored<v1::Role>>, Fault> {
    view.account().roles().named(name).ok_or_else(|| faults::no_role(name))
}

/// A role as it stands inside an instance profile: the least that any answer has.
pub(in crate::iam) fn nested(state: &State, role: &Stored<v1::Role>) -> iam::v1::Role {
    iam::v1::Role {
        path: role.path.clone(),
        role_name: role.name.clone(),
        role_id: role.id.clone(),
        arn: role.arn(),
        create_date: Some(timestamp(role.created_ms)),
        assume_role_policy_document: Some(trust::shown(state, role)),
        ..Default::default()
    }
}

/// A role as CreateRole answers it: without description, longest session and last use.
fn created(state: &State, role: &Stored<v1::Role>) -> iam::v1::Role {
    iam::v1::Role {
        permissions_boundary: boundary::message(&role.boundary),
        tags: tags::messages(&role.tags),
        ..nested(state, role)
    }
}

/// A role as UpdateRoleDescription answers it.
fn described(state: &State, role: &Stored<v1::Role>) -> iam::v1::Role {
    iam::v1::Role { description: role.description.clone(), ..nested(state, role) }
}

/// A role as lists show it: without tags, boundary and last use.
fn listed(state: &State, role: &Stored<v1::Role>) -> iam::v1::Role {
    iam::v1::Role {
        max_session_duration: i32::try_from(role.max_session_s).ok(),
        ..described(state, role)
    }
}

/// A role with everything.
pub(super) fn full(state: &State, role: &Stored<v1::Role>) -> iam::v1::Role {
    iam::v1::Role {
        permissions_boundary: boundary::message(&role.boundary),
        tags: tags::messages(&role.tags),
        role_last_used: Some(last_used(role)),
        ..listed(state, role)
    }
}

/// Empty, not absent, for a role that was never used.
fn last_used(role: &v1::Role) -> RoleLastUsed {
    role.last_used.as_ref().map_or_else(RoleLastUsed::default, |last_used| RoleLastUsed {
        last_used_date: Some(timestamp(last_used.time_ms)),
        region: Some(last_used.region.clone()),
    })
}

/// The longest session of a request, seconds; front doors have checked its limits.
fn max_session_s(asked_s: Option<i32>) -> Option<u32> {
    asked_s.and_then(|seconds| u32::try_from(seconds).ok())
}

/// A description as it is kept: an empty one is none.
fn description(asked: &str) -> Option<String> {
    (!asked.is_empty()).then(|| asked.to_owned())
}

/// For cases: makes a role that a principal is trusted to assume.
#[cfg(test)]
pub(in crate::iam) fn made(
    cell: &mut crate::testing::Cell,
    name: &str,
    trusted: &str,
) -> iam::v1::Role {
    let request = iam::v1::CreateRoleRequest {
        role_name: name.to_owned(),
        assume_role_policy_document: crate::testing::trust(trusted),
        ..Default::default()
    };
    cell.write(request).expect("a role can be made").role.expect("the role is told")
}
