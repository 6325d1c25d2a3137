//! UpdateUser: renames or moves a user.

use schema::Fault;
use schema::iam::v1::{UpdateUserRequest, UpdateUserResponse};

use super::find;
use crate::{Access, Operation, Txn, View, Write, faults};

impl Operation for UpdateUserRequest {
    type Response = UpdateUserResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        // AWS asks for the right on the new name as well as on the old one.
        let old = Access::user("iam:UpdateUser", view, &self.user_name);
        let path = self.new_path.as_deref();
        let new = self
            .new_user_name
            .as_deref()
            .map(|name| Access::new_entity("iam:UpdateUser", view, "user", path, name));
        std::iter::once(old).chain(new).collect()
    }
}

impl Write for UpdateUserRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<UpdateUserResponse, Fault> {
        let old = find(&txn.view(), &self.user_name)?.record().clone();
        let mut user = old.clone();
        if let Some(name) = &self.new_user_name {
            let taken = txn.account().users().named(name).is_some_and(|other| other.id != old.id);
            if taken {
                return Err(faults::already_exists(format!(
                    "User with name {name} already exists."
                )));
            }
            user.name.clone_from(name);
        }
        if let Some(path) = &self.new_path {
            user.path.clone_from(path);
        }
        txn.delete(&old);
        txn.put(user);
        Ok(UpdateUserResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{GetUserRequest, ListAccessKeysRequest};

    use super::*;
    use crate::testing::{Cell, assert_fault};

    fn rename(from: &str, to: &str) -> UpdateUserRequest {
        UpdateUserRequest {
            user_name: from.to_owned(),
            new_user_name: Some(to.to_owned()),
            new_path: Some("/new/".to_owned()),
        }
    }

    #[test]
    fn a_renamed_user_keeps_its_id_and_its_keys() {
        let mut cell = Cell::new();
        cell.user("old");
        cell.write(rename("old", "New")).unwrap();
        let user =
            cell.read(GetUserRequest { user_name: Some("new".to_owned()) }).unwrap().user.unwrap();
        assert!(user.arn.ends_with(":user/new/New"));
        let keys =
            ListAccessKeysRequest { user_name: Some("New".to_owned()), ..Default::default() };
        assert_eq!(cell.read(keys).unwrap().access_key_metadata.len(), 1);
    }

    #[test]
    fn a_change_of_case_is_a_rename() {
        let mut cell = Cell::new();
        cell.user("alice");
        cell.write(rename("alice", "Alice")).unwrap();
        let user = cell
            .read(GetUserRequest { user_name: Some("alice".to_owned()) })
            .unwrap()
            .user
            .unwrap();
        assert_eq!(user.user_name, "Alice");
    }

    #[test]
    fn a_name_that_is_taken_is_refused() {
        let mut cell = Cell::new();
        cell.user("a");
        cell.user("b");
        let message = "User with name B already exists.";
        assert_fault(cell.write(rename("a", "B")), "EntityAlreadyExists", message);
        assert_fault(
            cell.write(rename("nobody", "c")),
            "NoSuchEntity",
            "The user with name nobody cannot be found.",
        );
    }
}
