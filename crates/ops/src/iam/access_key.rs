//! Access keys of users and of an account's root user.
//!
//! Source: IAM User Guide, "Manage access keys for IAM users".

mod create_access_key;
mod delete_access_key;
mod get_access_key_last_used;
mod list_access_keys;
mod update_access_key;

use std::sync::Arc;

use model::{Stored, v1};
use schema::Fault;

use super::user;
use crate::{Access, View, faults};

/// Whose keys a request is about.
struct Owner {
    /// Unique id of the user, or the account id for root.
    id: String,
    /// The user's name; root has none.
    user_name: Option<String>,
}

/// The owner that a request means: the named user, or the caller where the name is left out.
///
/// # Errors
/// `NoSuchEntity`, or `ValidationError` when the caller is neither user nor root and none is named.
fn owner(view: &View<'_>, user_name: Option<&str>) -> Result<Owner, Fault> {
    if user_name.is_none() && view.principal().is_root() {
        return Ok(Owner { id: view.account().id().to_owned(), user_name: None });
    }
    let user = user::find(view, &view.user_name(user_name)?)?;
    Ok(Owner { id: user.id.clone(), user_name: Some(user.name.clone()) })
}

/// An action on the user that a request means, or on the caller.
fn access(action: &'static str, view: &View<'_>, user_name: Option<&str>) -> Vec<Access> {
    let caller = view.principal();
    vec![match user_name.or(caller.user.as_ref().map(|user| user.name.as_str())) {
        Some(name) => Access::user(action, view, name),
        None => Access::new(action, caller.principal_arn()),
    }]
}

/// A key of an owner; another owner's key is none.
///
/// # Errors
/// `NoSuchEntity`
fn find<'a>(
    view: &View<'a>,
    owner: &Owner,
    key_id: &str,
) -> Result<&'a Arc<Stored<v1::AccessKey>>, Fault> {
    let key = view.account().keys().get(key_id).filter(|key| key.owner_id == owner.id);
    key.ok_or_else(|| {
        faults::no_such_entity(format!("The Access Key with id {key_id} cannot be found."))
    })
}

fn status(key: &v1::AccessKey) -> String {
    if key.active { "Active" } else { "Inactive" }.to_owned()
}
