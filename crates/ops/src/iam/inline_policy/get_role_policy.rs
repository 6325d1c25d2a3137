//! GetRolePolicy: shows a policy that is embedded in a role.

use schema::Fault;
use schema::iam::v1::{GetRolePolicyRequest, GetRolePolicyResponse};

use super::super::role;
use super::get;
use crate::{Access, Operation, Read, View};

impl Operation for GetRolePolicyRequest {
    type Response = GetRolePolicyResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::role("iam:GetRolePolicy", view, &self.role_name)]
    }
}

impl Read for GetRolePolicyRequest {
    fn read(&self, view: &View<'_>) -> Result<GetRolePolicyResponse, Fault> {
        let role = role::find(view, &self.role_name)?;
        let policy = get(role.record(), &self.policy_name)?;
        Ok(GetRolePolicyResponse {
            role_name: role.name.clone(),
            policy_name: policy.name.clone(),
            policy_document: policy.document.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::PutRolePolicyRequest;

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

    fn get(role_name: &str, policy_name: &str) -> GetRolePolicyRequest {
        GetRolePolicyRequest {
            role_name: role_name.to_owned(),
            policy_name: policy_name.to_owned(),
        }
    }

    #[test]
    fn the_document_comes_back_as_it_was_put() {
        let found = cell().read(get("worker", "b")).unwrap();
        assert_eq!((found.role_name.as_str(), found.policy_name.as_str()), ("Worker", "b"));
        assert_eq!(found.policy_document, format!(" {}\n", allow("iam:*", "*")));
    }

    #[test]
    fn no_such_role_and_no_such_policy() {
        let message = "The role with name nothing cannot be found.";
        assert_fault(cell().read(get("nothing", "b")), "NoSuchEntity", message);
        let message = "The role policy with name p cannot be found.";
        assert_fault(cell().read(get("worker", "p")), "NoSuchEntity", message);
    }
}
