//! DetachUserPolicy: detaches a managed policy from a user.

use schema::Fault;
use schema::iam::v1::{DetachUserPolicyRequest, DetachUserPolicyResponse};

use super::super::user;
use super::{check_arn, detach};
use crate::{Access, Operation, Txn, View, Write};

impl Operation for DetachUserPolicyRequest {
    type Response = DetachUserPolicyResponse;

    fn check(&self, _view: &View<'_>) -> Result<(), Fault> {
        check_arn(&self.policy_arn)
    }

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let detach = Access::user("iam:DetachUserPolicy", view, &self.user_name);
        vec![detach.of_policy(&self.policy_arn)]
    }
}

impl Write for DetachUserPolicyRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<DetachUserPolicyResponse, Fault> {
        let user = user::find(&txn.view(), &self.user_name)?.record().clone();
        detach(txn, user, &self.policy_arn)?;
        Ok(DetachUserPolicyResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{AttachUserPolicyRequest, GetPolicyRequest};

    use super::*;
    use crate::testing::{Cell, assert_fault};

    const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

    fn detach(user_name: &str, policy_arn: &str) -> DetachUserPolicyRequest {
        DetachUserPolicyRequest {
            user_name: user_name.to_owned(),
            policy_arn: policy_arn.to_owned(),
        }
    }

    #[test]
    fn a_policy_is_detached_once() {
        let mut cell = Cell::new();
        cell.user("alice");
        let (user_name, policy_arn) = ("alice".to_owned(), READ_ONLY.to_owned());
        cell.write(AttachUserPolicyRequest { user_name, policy_arn }).unwrap();
        let count = |cell: &Cell| {
            let policy = cell.read(GetPolicyRequest { policy_arn: READ_ONLY.to_owned() }).unwrap();
            policy.policy.unwrap().attachment_count()
        };
        assert_eq!(count(&cell), 1);
        cell.write(detach("alice", READ_ONLY)).unwrap();
        assert_eq!(count(&cell), 0);
        let message = format!("Policy {READ_ONLY} was not found.");
        assert_fault(cell.write(detach("alice", READ_ONLY)), "NoSuchEntity", &message);
    }

    #[test]
    fn what_does_not_exist_cannot_be_detached() {
        let mut cell = Cell::new();
        cell.user("alice");
        let none = "arn:aws:iam::aws:policy/service-role/Nonexistent";
        let message = format!("Policy {none} was not found.");
        assert_fault(cell.write(detach("alice", none)), "NoSuchEntity", &message);
        let message = "The user with name nobody cannot be found.";
        assert_fault(cell.write(detach("nobody", READ_ONLY)), "NoSuchEntity", message);
        let wrong = detach("alice", "longpolicynamebutnoarn");
        let message = "ARN longpolicynamebutnoarn is not valid.";
        assert_fault(cell.write(wrong), "ValidationError", message);
    }
}
