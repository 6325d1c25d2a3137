//! Groups and who is in them.

mod add_user_to_group;
mod create_group;
mod delete_group;
mod get_group;
mod list_groups;
mod list_groups_for_user;
mod remove_user_from_group;
mod update_group;

use std::sync::Arc;

use model::arn::HasArn;
use model::{Stored, v1};
use schema::{Fault, iam};

use super::timestamp;
use crate::{View, faults};

/// The group of a name, whatever its case.
pub(super) fn find<'a>(view: &View<'a>, name: &str) -> Result<&'a Arc<Stored<v1::Group>>, Fault> {
    view.account().groups().named(name).ok_or_else(|| faults::no_group(name))
}

/// A group as every answer shows it.
pub(super) fn message(group: &v1::Group) -> iam::v1::Group {
    iam::v1::Group {
        path: group.path.clone(),
        group_name: group.name.clone(),
        group_id: group.id.clone(),
        arn: group.arn(),
        create_date: Some(timestamp(group.created_ms)),
    }
}
