//! Users.

mod create_user;
mod delete_user;
mod delete_user_permissions_boundary;
mod get_user;
mod list_user_tags;
mod list_users;
mod put_user_permissions_boundary;
mod tag_user;
mod untag_user;
mod update_user;

use std::sync::Arc;

use model::arn::HasArn;
use model::{Stored, v1};
use schema::{Fault, iam};

use super::timestamp;
use crate::{View, faults, tags};

/// The user of a name, whatever its case.
pub(super) fn find<'a>(view: &View<'a>, name: &str) -> Result<&'a Arc<Stored<v1::User>>, Fault> {
    view.account().users().named(name).ok_or_else(|| faults::no_user(name))
}

/// A user as lists show it: without tags and boundary.
pub(super) fn brief(user: &v1::User) -> iam::v1::User {
    iam::v1::User {
        path: user.path.clone(),
        user_name: user.name.clone(),
        user_id: user.id.clone(),
        arn: user.arn(),
        create_date: Some(timestamp(user.created_ms)),
        ..Default::default()
    }
}

/// A user with everything.
pub(super) fn full(user: &v1::User) -> iam::v1::User {
    iam::v1::User {
        permissions_boundary: super::boundary::message(&user.boundary),
        tags: tags::messages(&user.tags),
        ..brief(user)
    }
}
