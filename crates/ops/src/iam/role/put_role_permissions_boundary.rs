//! PutRolePermissionsBoundary: sets the policy that bounds what a role can be allowed.

use schema::Fault;
use schema::iam::v1::{PutRolePermissionsBoundaryRequest, PutRolePermissionsBoundaryResponse};

use super::super::boundary;
use super::find;
use crate::{Access, Operation, Txn, View, Write};

impl Operation for PutRolePermissionsBoundaryRequest {
    type Response = PutRolePermissionsBoundaryResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        // `iam:PermissionsBoundary` is the boundary to be set, not the one that stands.
        let put = Access::role("iam:PutRolePermissionsBoundary", view, &self.role_name);
        vec![put.bounded(&self.permissions_boundary)]
    }
}

impl Write for PutRolePermissionsBoundaryRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<PutRolePermissionsBoundaryResponse, Fault> {
        let mut role = find(&txn.view(), &self.role_name)?.record().clone();
        role.boundary = boundary::checked(&txn.view(), Some(&self.permissions_boundary))?;
        txn.put(role);
        Ok(PutRolePermissionsBoundaryResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{ListUsersRequest, PutRolePolicyRequest};
    use schema::sts::v1::AssumeRoleRequest;

    use super::super::made;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault};

    const SSH_KEYS: &str = "arn:aws:iam::aws:policy/IAMUserSSHKeys";

    fn put(role_name: &str, policy_arn: &str) -> PutRolePermissionsBoundaryRequest {
        PutRolePermissionsBoundaryRequest {
            role_name: role_name.to_owned(),
            permissions_boundary: policy_arn.to_owned(),
        }
    }

    #[test]
    fn a_boundary_binds_sessions_that_exist() {
        let mut cell = Cell::new();
        let alice = cell.user("alice");
        made(&mut cell, "worker", &format!("arn:aws:iam::{ACCOUNT}:user/alice"));
        let grant = PutRolePolicyRequest {
            role_name: "worker".to_owned(),
            policy_name: "p".to_owned(),
            policy_document: allow("*", "*"),
        };
        cell.write(grant).unwrap();
        let assume = AssumeRoleRequest {
            role_arn: format!("arn:aws:iam::{ACCOUNT}:role/worker"),
            role_session_name: "work".to_owned(),
            ..Default::default()
        };
        let (session, _) = cell.mint_as(&alice, assume).unwrap();
        cell.read_as(&session, ListUsersRequest::default()).unwrap();
        cell.write(put("worker", SSH_KEYS)).unwrap();
        assert_fault(
            cell.read_as(&session, ListUsersRequest::default()),
            "AccessDenied",
            &format!(
                "User: arn:aws:sts::{ACCOUNT}:assumed-role/worker/work is not authorized to \
                 perform: iam:ListUsers on resource: arn:aws:iam::{ACCOUNT}:user/ because no \
                 permissions boundary allows the iam:ListUsers action"
            ),
        );
    }

    #[test]
    fn what_is_no_policy_of_the_account_is_refused() {
        let mut cell = Cell::new();
        made(&mut cell, "worker", ACCOUNT);
        let wrong = format!("arn:aws:iam::{ACCOUNT}:not_a_policy/invalid");
        let message = format!("ARN {wrong} is not valid.");
        assert_fault(cell.write(put("worker", &wrong)), "InvalidInput", &message);
        let none = format!("arn:aws:iam::{ACCOUNT}:policy/none");
        let message = format!("Scope ARN: {none} does not exist or is not attachable.");
        assert_fault(cell.write(put("worker", &none)), "NoSuchEntity", &message);
        let message = "The role with name nothing cannot be found.";
        assert_fault(cell.write(put("nothing", SSH_KEYS)), "NoSuchEntity", message);
    }
}
