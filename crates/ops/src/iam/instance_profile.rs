//! Instance profiles: what hands a role to a machine.
//!
//! Source: IAM User Guide, "Use instance profiles".

mod add_role_to_instance_profile;
mod create_instance_profile;
mod delete_instance_profile;
mod get_instance_profile;
mod list_instance_profile_tags;
mod list_instance_profiles;
mod list_instance_profiles_for_role;
mod remove_role_from_instance_profile;
mod tag_instance_profile;
mod untag_instance_profile;

use std::sync::Arc;

use model::arn::HasArn;
use model::{Stored, v1};
use schema::{Fault, iam};

use super::{role, timestamp};
use crate::{View, faults, tags};

/// The instance profile of a name, whatever its case.
fn find<'a>(view: &View<'a>, name: &str) -> Result<&'a Arc<Stored<v1::InstanceProfile>>, Fault> {
    view.account().profiles().named(name).ok_or_else(|| faults::no_instance_profile(name))
}

/// An instance profile as lists show it: with its role, without tags.
pub(super) fn brief(view: &View<'_>, profile: &v1::InstanceProfile) -> iam::v1::InstanceProfile {
    let role = view.account().role_by_id(&profile.role_id);
    iam::v1::InstanceProfile {
        path: profile.path.clone(),
        instance_profile_name: profile.name.clone(),
        instance_profile_id: profile.id.clone(),
        arn: profile.arn(),
        create_date: Some(timestamp(profile.created_ms)),
        roles: role.into_iter().map(|role| role::nested(view.state(), role)).collect(),
        tags: Vec::new(),
    }
}

/// An instance profile with everything.
fn full(view: &View<'_>, profile: &v1::InstanceProfile) -> iam::v1::InstanceProfile {
    iam::v1::InstanceProfile { tags: tags::messages(&profile.tags), ..brief(view, profile) }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{
        AddRoleToInstanceProfileRequest, CreateInstanceProfileRequest, CreateRoleRequest,
    };

    use crate::testing::{ACCOUNT, Cell, trust};

    /// A cell with an instance profile `machine` and roles `one` and `two`, none of them in it.
    pub(super) fn cell() -> Cell {
        let mut cell = Cell::new();
        cell.write(CreateInstanceProfileRequest {
            instance_profile_name: "machine".to_owned(),
            ..Default::default()
        })
        .unwrap();
        for name in ["one", "two"] {
            cell.write(CreateRoleRequest {
                role_name: name.to_owned(),
                assume_role_policy_document: trust(ACCOUNT),
                ..Default::default()
            })
            .unwrap();
        }
        cell
    }

    /// That role into that instance profile.
    pub(super) fn add(profile: &str, role: &str) -> AddRoleToInstanceProfileRequest {
        AddRoleToInstanceProfileRequest {
            instance_profile_name: profile.to_owned(),
            role_name: role.to_owned(),
        }
    }
}
