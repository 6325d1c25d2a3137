//! AttachUserPolicy: attaches a managed policy to a user.

use schema::Fault;
use schema::iam::v1::{AttachUserPolicyRequest, AttachUserPolicyResponse};

use super::super::user;
use super::{attach, check_arn};
use crate::{Access, Operation, Txn, View, Write};

impl Operation for AttachUserPolicyRequest {
    type Response = AttachUserPolicyResponse;

    fn check(&self, _view: &View<'_>) -> Result<(), Fault> {
        check_arn(&self.policy_arn)
    }

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let attach = Access::user("iam:AttachUserPolicy", view, &self.user_name);
        vec![attach.of_policy(&self.policy_arn)]
    }
}

impl Write for AttachUserPolicyRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<AttachUserPolicyResponse, Fault> {
        let user = user::find(&txn.view(), &self.user_name)?.record().clone();
        attach(txn, user, &self.policy_arn)?;
        Ok(AttachUserPolicyResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::ListAttachedUserPoliciesRequest;

    use super::super::super::managed_policy;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, assert_fault};

    const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

    fn attach(user_name: &str, policy_arn: &str) -> AttachUserPolicyRequest {
        AttachUserPolicyRequest {
            user_name: user_name.to_owned(),
            policy_arn: policy_arn.to_owned(),
        }
    }

    #[test]
    fn a_policy_attached_twice_is_attached_once() {
        let mut cell = Cell::new();
        cell.user("alice");
        for name in ["alice", "ALICE"] {
            cell.write(attach(name, READ_ONLY)).unwrap();
        }
        let list =
            ListAttachedUserPoliciesRequest { user_name: "alice".to_owned(), ..Default::default() };
        let attached = cell.read(list).unwrap().attached_policies;
        assert_eq!(attached.iter().map(|p| p.policy_arn()).collect::<Vec<_>>(), [READ_ONLY]);
    }

    #[test]
    fn ten_at_most() {
        let mut cell = Cell::new();
        cell.user("alice");
        let policies: Vec<String> = (0..11)
            .map(|number| managed_policy::made(&mut cell, &format!("p{number}"), "s3:Get*"))
            .collect();
        for arn in policies[..10].iter().chain(&policies[..1]) {
            cell.write(attach("alice", arn)).unwrap();
        }
        assert_fault(
            cell.write(attach("alice", &policies[10])),
            "LimitExceeded",
            "Cannot exceed quota for PoliciesPerUser: 10",
        );
    }

    #[test]
    fn what_cannot_be_attached_is_refused() {
        let mut cell = Cell::new();
        cell.user("alice");
        let other = cell.account("222222222222", "other@example.com");
        let root = std::mem::replace(&mut cell.root, other);
        let foreign = managed_policy::made(&mut cell, "theirs", "s3:Get*");
        cell.root = root;
        for arn in [format!("arn:aws:iam::{ACCOUNT}:policy/nonexistent"), foreign] {
            let message = format!("Policy {arn} does not exist or is not attachable.");
            assert_fault(cell.write(attach("alice", &arn)), "NoSuchEntity", &message);
        }
        let wrong = attach("alice", "longpolicynamebutnoarn");
        let message = "ARN longpolicynamebutnoarn is not valid.";
        assert_fault(cell.write(wrong), "ValidationError", message);
        let message = "The user with name nobody cannot be found.";
        assert_fault(cell.write(attach("nobody", READ_ONLY)), "NoSuchEntity", message);
    }

    #[test]
    fn a_policy_can_say_which_policies_and_to_which_user() {
        let mut cell = Cell::new();
        cell.user("alice");
        let caller = cell.user("admin");
        cell.allow(
            "admin",
            &format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",
                    "Action":"iam:AttachUserPolicy","Resource":"arn:aws:iam::{ACCOUNT}:user/alice",
                    "Condition":{{"ArnEquals":{{"iam:PolicyARN":"{READ_ONLY}"}}}}}}}}"#
            ),
        );
        cell.write_as(&caller, attach("alice", READ_ONLY)).unwrap();
        let wider = "arn:aws:iam::aws:policy/AdministratorAccess";
        let refused = cell.write_as(&caller, attach("alice", wider));
        assert_eq!(refused.unwrap_err().code, "AccessDenied");
        assert_fault(
            cell.write_as(&caller, attach("nobody", READ_ONLY)),
            "AccessDenied",
            &format!(
                "User: arn:aws:iam::{ACCOUNT}:user/admin is not authorized to perform: \
                 iam:AttachUserPolicy on resource: user nobody because no identity-based policy \
                 allows the iam:AttachUserPolicy action"
            ),
        );
    }
}
