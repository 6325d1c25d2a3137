//! DeleteUser: deletes a user that has nothing left.

use schema::Fault;
use schema::iam::v1::{DeleteUserRequest, DeleteUserResponse};

use super::find;
use crate::{Access, Operation, Txn, View, Write, faults};

impl Operation for DeleteUserRequest {
    type Response = DeleteUserResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::user("iam:DeleteUser", view, &self.user_name)]
    }
}

impl Write for DeleteUserRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<DeleteUserResponse, Fault> {
        let user = find(&txn.view(), &self.user_name)?.record().clone();
        // In the order in which AWS complains.
        if !user.attached_policies.is_empty() {
            return Err(faults::delete_conflict(
                "Cannot delete entity, must detach all policies first.",
            ));
        }
        if !user.inline_policies.is_empty() {
            return Err(faults::delete_conflict(
                "Cannot delete entity, must delete policies first.",
            ));
        }
        if !user.group_ids.is_empty() {
            return Err(faults::delete_conflict(
                "Cannot delete entity, must remove users from group first.",
            ));
        }
        if txn.account().keys_of(&user.id).next().is_some() {
            return Err(faults::delete_conflict(
                "Cannot delete entity, must remove referenced objects first.",
            ));
        }
        txn.delete(&user);
        Ok(DeleteUserResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{CreateUserRequest, GetUserRequest};

    use super::*;
    use crate::testing::{Cell, allow, assert_fault};

    fn delete(name: &str) -> DeleteUserRequest {
        DeleteUserRequest { user_name: name.to_owned() }
    }

    #[test]
    fn a_bare_user_goes() {
        let mut cell = Cell::new();
        let request = CreateUserRequest { user_name: "Alice".to_owned(), ..Default::default() };
        cell.write(request).unwrap();
        cell.write(delete("alice")).unwrap();
        let message = "The user with name Alice cannot be found.";
        let gone = cell.read(GetUserRequest { user_name: Some("Alice".to_owned()) });
        assert_fault(gone, "NoSuchEntity", message);
        assert_fault(cell.write(delete("Alice")), "NoSuchEntity", message);
    }

    #[test]
    fn what_it_still_has_holds_it() {
        let mut cell = Cell::new();
        cell.user("alice");
        let message = "Cannot delete entity, must remove referenced objects first.";
        assert_fault(cell.write(delete("alice")), "DeleteConflict", message);
        cell.allow("alice", &allow("*", "*"));
        let message = "Cannot delete entity, must delete policies first.";
        assert_fault(cell.write(delete("alice")), "DeleteConflict", message);
    }
}
