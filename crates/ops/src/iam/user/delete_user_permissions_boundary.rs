//! DeleteUserPermissionsBoundary: lifts the boundary of a user.

use schema::Fault;
use schema::iam::v1::{
    DeleteUserPermissionsBoundaryRequest, DeleteUserPermissionsBoundaryResponse,
};

use super::find;
use crate::{Access, Operation, Txn, View, Write};

impl Operation for DeleteUserPermissionsBoundaryRequest {
    type Response = DeleteUserPermissionsBoundaryResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::user("iam:DeleteUserPermissionsBoundary", view, &self.user_name)]
    }
}

impl Write for DeleteUserPermissionsBoundaryRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<DeleteUserPermissionsBoundaryResponse, Fault> {
        let mut user = find(&txn.view(), &self.user_name)?.record().clone();
        // Where there is none, the user already is as asked for.
        user.boundary.clear();
        txn.put(user);
        Ok(DeleteUserPermissionsBoundaryResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{GetUserRequest, PutUserPermissionsBoundaryRequest};

    use super::*;
    use crate::testing::{Cell, allow, assert_fault};

    fn delete(user_name: &str) -> DeleteUserPermissionsBoundaryRequest {
        DeleteUserPermissionsBoundaryRequest { user_name: user_name.to_owned() }
    }

    #[test]
    fn a_boundary_is_lifted_and_that_twice_is_no_fault() {
        let mut cell = Cell::new();
        cell.user("alice");
        cell.write(PutUserPermissionsBoundaryRequest {
            user_name: "alice".to_owned(),
            permissions_boundary: "arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned(),
        })
        .unwrap();
        for _ in 0..2 {
            cell.write(delete("alice")).unwrap();
        }
        let user = GetUserRequest { user_name: Some("alice".to_owned()) };
        assert_eq!(cell.read(user).unwrap().user.unwrap().permissions_boundary, None);
    }

    /// Source: IAM User Guide, "Delegating responsibility to others using permissions boundaries".
    #[test]
    fn the_bounded_cannot_lift_their_boundary_where_a_policy_protects_it() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        cell.allow("alice", &allow("*", "*"));
        cell.write(PutUserPermissionsBoundaryRequest {
            user_name: "alice".to_owned(),
            permissions_boundary: "arn:aws:iam::aws:policy/PowerUserAccess".to_owned(),
        })
        .unwrap();
        let refused = cell.write_as(&caller, delete("alice"));
        assert_eq!(refused.unwrap_err().code, "AccessDenied");
    }

    #[test]
    fn no_such_user() {
        let message = "The user with name nobody cannot be found.";
        assert_fault(Cell::new().write(delete("nobody")), "NoSuchEntity", message);
    }
}
