//! DetachGroupPolicy: detaches a managed policy from a group.

use schema::Fault;
use schema::iam::v1::{DetachGroupPolicyRequest, DetachGroupPolicyResponse};

use super::super::group;
use super::{check_arn, detach};
use crate::{Access, Operation, Txn, View, Write};

impl Operation for DetachGroupPolicyRequest {
    type Response = DetachGroupPolicyResponse;

    fn check(&self, _view: &View<'_>) -> Result<(), Fault> {
        check_arn(&self.policy_arn)
    }

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let detach = Access::group("iam:DetachGroupPolicy", view, &self.group_name);
        vec![detach.of_policy(&self.policy_arn)]
    }
}

impl Write for DetachGroupPolicyRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<DetachGroupPolicyResponse, Fault> {
        let group = group::find(&txn.view(), &self.group_name)?.record().clone();
        detach(txn, group, &self.policy_arn)?;
        Ok(DetachGroupPolicyResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{AttachGroupPolicyRequest, CreateGroupRequest, GetPolicyRequest};

    use super::*;
    use crate::testing::{Cell, assert_fault};

    const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

    fn detach(group_name: &str, policy_arn: &str) -> DetachGroupPolicyRequest {
        DetachGroupPolicyRequest {
            group_name: group_name.to_owned(),
            policy_arn: policy_arn.to_owned(),
        }
    }

    fn group(cell: &mut Cell, name: &str) {
        let request = CreateGroupRequest { group_name: name.to_owned(), ..Default::default() };
        cell.write(request).unwrap();
    }

    #[test]
    fn a_policy_is_detached_once() {
        let mut cell = Cell::new();
        group(&mut cell, "readers");
        let (group_name, policy_arn) = ("readers".to_owned(), READ_ONLY.to_owned());
        cell.write(AttachGroupPolicyRequest { group_name, policy_arn }).unwrap();
        let count = |cell: &Cell| {
            let policy = cell.read(GetPolicyRequest { policy_arn: READ_ONLY.to_owned() }).unwrap();
            policy.policy.unwrap().attachment_count()
        };
        assert_eq!(count(&cell), 1);
        cell.write(detach("readers", READ_ONLY)).unwrap();
        assert_eq!(count(&cell), 0);
        let message = format!("Policy {READ_ONLY} was not found.");
        assert_fault(cell.write(detach("readers", READ_ONLY)), "NoSuchEntity", &message);
    }

    #[test]
    fn what_does_not_exist_cannot_be_detached() {
        let mut cell = Cell::new();
        group(&mut cell, "readers");
        let none = "arn:aws:iam::aws:policy/service-role/Nonexistent";
        let message = format!("Policy {none} was not found.");
        assert_fault(cell.write(detach("readers", none)), "NoSuchEntity", &message);
        let message = "The group with name nothing cannot be found.";
        assert_fault(cell.write(detach("nothing", READ_ONLY)), "NoSuchEntity", message);
        let wrong = detach("readers", "longpolicynamebutnoarn");
        let message = "ARN longpolicynamebutnoarn is not valid.";
        assert_fault(cell.write(wrong), "ValidationError", message);
    }
}
