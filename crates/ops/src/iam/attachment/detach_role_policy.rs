//! DetachRolePolicy: detaches a managed policy from a role.

use schema::Fault;
use schema::iam::v1::{DetachRolePolicyRequest, DetachRolePolicyResponse};

use super::super::role;
use super::{check_arn, detach};
use crate::{Access, Operation, Txn, View, Write};

impl Operation for DetachRolePolicyRequest {
    type Response = DetachRolePolicyResponse;

    fn check(&self, _view: &View<'_>) -> Result<(), Fault> {
        check_arn(&self.policy_arn)
    }

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let detach = Access::role("iam:DetachRolePolicy", view, &self.role_name);
        vec![detach.of_policy(&self.policy_arn)]
    }
}

impl Write for DetachRolePolicyRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<DetachRolePolicyResponse, Fault> {
        let role = role::find(&txn.view(), &self.role_name)?.record().clone();
        detach(txn, role, &self.policy_arn)?;
        Ok(DetachRolePolicyResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{AttachRolePolicyRequest, GetPolicyRequest};

    use super::super::super::role::made;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, assert_fault};

    const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

    fn detach(role_name: &str, policy_arn: &str) -> DetachRolePolicyRequest {
        DetachRolePolicyRequest {
            role_name: role_name.to_owned(),
            policy_arn: policy_arn.to_owned(),
        }
    }

    #[test]
    fn a_policy_is_detached_once() {
        let mut cell = Cell::new();
        made(&mut cell, "worker", ACCOUNT);
        let (role_name, policy_arn) = ("worker".to_owned(), READ_ONLY.to_owned());
        cell.write(AttachRolePolicyRequest { role_name, policy_arn }).unwrap();
        let count = |cell: &Cell| {
            let policy = cell.read(GetPolicyRequest { policy_arn: READ_ONLY.to_owned() }).unwrap();
            policy.policy.unwrap().attachment_count()
        };
        assert_eq!(count(&cell), 1);
        cell.write(detach("worker", READ_ONLY)).unwrap();
        assert_eq!(count(&cell), 0);
        let message = format!("Policy {READ_ONLY} was not found.");
        assert_fault(cell.write(detach("worker", READ_ONLY)), "NoSuchEntity", &message);
    }

    #[test]
    fn what_does_not_exist_cannot_be_detached() {
        let mut cell = Cell::new();
        made(&mut cell, "worker", ACCOUNT);
        let none = "arn:aws:iam::aws:policy/service-role/Nonexistent";
        let message = format!("Policy {none} was not found.");
        assert_fault(cell.write(detach("worker", none)), "NoSuchEntity", &message);
        let message = "The role with name nothing cannot be found.";
        assert_fault(cell.write(detach("nothing", READ_ONLY)), "NoSuchEntity", message);
        let wrong = detach("worker", "longpolicynamebutnoarn");
        let message = "ARN longpolicynamebutnoarn is not valid.";
        assert_fault(cell.write(wrong), "ValidationError", message);
    }
}
