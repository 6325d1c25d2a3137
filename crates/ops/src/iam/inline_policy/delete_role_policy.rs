//! DeleteRolePolicy: deletes a policy that is embedded in a role.

use schema::Fault;
use schema::iam::v1::{DeleteRolePolicyRequest, DeleteRolePolicyResponse};

use super::super::role;
use super::delete;
use crate::{Access, Operation, Txn, View, Write};

impl Operation for DeleteRolePolicyRequest {
    type Response = DeleteRolePolicyResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::role("iam:DeleteRolePolicy", view, &self.role_name)]
    }
}

impl Write for DeleteRolePolicyRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<DeleteRolePolicyResponse, Fault> {
        let role = role::find(&txn.view(), &self.role_name)?.record().clone();
        delete(txn, role, &self.policy_name)?;
        Ok(DeleteRolePolicyResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{ListRolePoliciesRequest, PutRolePolicyRequest};

    use super::super::super::role::made;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault};

    fn cell() -> Cell {
        let mut cell = Cell::new();
        made(&mut cell, "Worker", ACCOUNT);
        for policy_name in ["b", "c", "a"] {
            cell.write(PutRolePolicyRequest {
                role_name: "worker".to_owned(),
                policy_name: policy_name.to_owned(),
                policy_document: format!(" {}\n", allow("iam:*", "*")),
            })
            .unwrap();
        }
        cell
    }

    fn delete(role_name: &str, policy_name: &str) -> DeleteRolePolicyRequest {
        DeleteRolePolicyRequest {
            role_name: role_name.to_owned(),
            policy_name: policy_name.to_owned(),
        }
    }

    #[test]
    fn a_policy_goes_and_the_others_stay() {
        let mut cell = cell();
        cell.write(delete("worker", "b")).unwrap();
        let list = ListRolePoliciesRequest { role_name: "worker".to_owned(), ..Default::default() };
        assert_eq!(cell.read(list).unwrap().policy_names, ["a", "c"]);
    }

    #[test]
    fn no_such_role_and_no_such_policy() {
        let message = "The role with name nothing cannot be found.";
        assert_fault(cell().write(delete("nothing", "b")), "NoSuchEntity", message);
        let message = "The role policy with name p cannot be found.";
        assert_fault(cell().write(delete("worker", "p")), "NoSuchEntity", message);
    }
}
