//! DeleteRolePermissionsBoundary: lifts the boundary of a role.

use schema::Fault;
use schema::iam::v1::{
    DeleteRolePermissionsBoundaryRequest, DeleteRolePermissionsBoundaryResponse,
};

use super::find;
use crate::{Access, Operation, Txn, View, Write};

impl Operation for DeleteRolePermissionsBoundaryRequest {
    type Response = DeleteRolePermissionsBoundaryResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::role("iam:DeleteRolePermissionsBoundary", view, &self.role_name)]
    }
}

impl Write for DeleteRolePermissionsBoundaryRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<DeleteRolePermissionsBoundaryResponse, Fault> {
        let mut role = find(&txn.view(), &self.role_name)?.record().clone();
        // Where there is none, the role already is as asked for.
        role.boundary.clear();
        txn.put(role);
        Ok(DeleteRolePermissionsBoundaryResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{CreateRoleRequest, GetRoleRequest};

    use super::*;
    use crate::testing::{ACCOUNT, Cell, assert_fault, trust};

    const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

    fn delete() -> DeleteRolePermissionsBoundaryRequest {
        DeleteRolePermissionsBoundaryRequest { role_name: "worker".to_owned() }
    }

    fn cell() -> Cell {
        let mut cell = Cell::new();
        let request = CreateRoleRequest {
            role_name: "worker".to_owned(),
            assume_role_policy_document: trust(ACCOUNT),
            permissions_boundary: Some(READ_ONLY.to_owned()),
            ..Default::default()
        };
        cell.write(request).unwrap();
        cell
    }

    #[test]
    fn a_boundary_is_lifted_and_that_twice_is_no_fault() {
        let mut cell = cell();
        for _ in 0..2 {
            cell.write(delete()).unwrap();
        }
        let role = cell.read(GetRoleRequest { role_name: "worker".to_owned() }).unwrap();
        assert_eq!(role.role.unwrap().permissions_boundary, None);
    }

    /// Source: IAM User Guide, "Delegating responsibility to others using permissions boundaries".
    #[test]
    fn a_policy_can_protect_roles_that_have_a_boundary() {
        let mut cell = cell();
        let caller = cell.user("alice");
        cell.allow(
            "alice",
            &format!(
                r#"{{"Version":"2012-10-17","Statement":[
                    {{"Effect":"Allow","Action":"*","Resource":"*"}},
                    {{"Effect":"Deny","Action":"*","Resource":"*","Condition":
                        {{"StringEquals":{{"iam:PermissionsBoundary":"{READ_ONLY}"}}}}}}]}}"#
            ),
        );
        assert_fault(
            cell.write_as(&caller, delete()),
            "AccessDenied",
            &format!(
                "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: \
                 iam:DeleteRolePermissionsBoundary on resource: role worker with an explicit deny \
                 in an identity-based policy"
            ),
        );
    }

    #[test]
    fn no_such_role() {
        let message = "The role with name worker cannot be found.";
        assert_fault(Cell::new().write(delete()), "NoSuchEntity", message);
    }
}
