//! UpdateUser: renames or moves a user.

use schema::Fault;
use schema::iam::v1::{UpdateUserRequest, UpdateUserResponse};

use super::find;
use crate::{Access, Operation, Txn, View, Write, faults};

impl Operation for UpdateUserRequest {
    type Response = UpdateUserResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        // A rename or a move needs the right on the user's new ARN as well as on the one it has.
        let old = Access::user("iam:UpdateUser", view, &self.user_name);
        if self.new_user_name.is_none() && self.new_path.is_none() {
            return vec![old];
        }
        let user = view.account().users().named(&self.user_name);
        let (path, name) =
            user.map_or((None, &self.user_name), |user| (Some(user.path.as_str()), &user.name));
        let name = self.new_user_name.as_ref().unwrap_or(name);
        let path = self.new_path.as_deref().or(path);
        let new = Access::new_entity("iam:UpdateUser", view, "user", path, name);
        // It is the same user with the same tags.
        vec![old.clone(), Access { keys: old.keys, ..new }]
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
    use schema::iam::v1::{CreateUserRequest, GetUserRequest, ListAccessKeysRequest};

    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault};

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

    /// Source: IAM API reference, UpdateUser, "permissions on both the source and the target".
    #[test]
    fn the_right_is_asked_for_on_the_old_arn_and_on_the_new_one() {
        let mut cell = Cell::new();
        let (user_name, path) = ("one".to_owned(), Some("/a/".to_owned()));
        cell.write(CreateUserRequest { user_name, path, ..Default::default() }).unwrap();
        let caller = cell.user("alice");
        let below = format!("arn:aws:iam::{ACCOUNT}:user/a/*");
        cell.allow("alice", &allow("iam:UpdateUser", &below));
        let update = |new_path: Option<&str>, new_user_name: Option<&str>| UpdateUserRequest {
            user_name: "ONE".to_owned(),
            new_path: new_path.map(str::to_owned),
            new_user_name: new_user_name.map(str::to_owned),
        };
        cell.write_as(&caller, update(None, Some("One"))).unwrap();
        cell.write_as(&caller, update(Some("/a/b/"), None)).unwrap();
        for request in [update(Some("/c/"), None), update(Some("/c/"), Some("two"))] {
            let refused = cell.write_as(&caller, request);
            assert_eq!(refused.unwrap_err().code, "AccessDenied");
        }
    }

    #[test]
    fn a_deny_on_the_new_arn_is_not_passed_by_spelling_the_old_name_differently() {
        let mut cell = Cell::new();
        cell.user("one");
        let caller = cell.user("alice");
        let target = format!("arn:aws:iam::{ACCOUNT}:user/c/one");
        let denied = allow("*", &target).replace("Allow", "Deny");
        cell.allow("alice", &allow("iam:UpdateUser", "*"));
        cell.write(schema::iam::v1::PutUserPolicyRequest {
            user_name: "alice".to_owned(),
            policy_name: "deny".to_owned(),
            policy_document: denied,
        })
        .unwrap();
        for user_name in ["one", "ONE"] {
            let request = UpdateUserRequest {
                user_name: user_name.to_owned(),
                new_path: Some("/c/".to_owned()),
                new_user_name: None,
            };
            assert_eq!(cell.write_as(&caller, request).unwrap_err().code, "AccessDenied");
        }
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
