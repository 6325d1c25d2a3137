//! AttachRolePolicy: attaches a managed policy to a role.

use schema::Fault;
use schema::iam::v1::{AttachRolePolicyRequest, AttachRolePolicyResponse};

use super::super::role;
use super::{attach, check_arn};
use crate::{Access, Operation, Txn, View, Write};

impl Operation for AttachRolePolicyRequest {
    type Response = AttachRolePolicyResponse;

    fn check(&self, _view: &View<'_>) -> Result<(), Fault> {
        check_arn(&self.policy_arn)
    }

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let attach = Access::role("iam:AttachRolePolicy", view, &self.role_name);
        vec![attach.of_policy(&self.policy_arn)]
    }
}

impl Write for AttachRolePolicyRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<AttachRolePolicyResponse, Fault> {
        let role = role::find(&txn.view(), &self.role_name)?.record().clone();
        attach(txn, role, &self.policy_arn)?;
        Ok(AttachRolePolicyResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::ListAttachedRolePoliciesRequest;

    use super::super::super::managed_policy;
    use super::super::super::role::made;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, assert_fault};

    const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

    fn attach(role_name: &str, policy_arn: &str) -> AttachRolePolicyRequest {
        AttachRolePolicyRequest {
            role_name: role_name.to_owned(),
            policy_arn: policy_arn.to_owned(),
        }
    }

    #[test]
    fn a_policy_attached_twice_is_attached_once() {
        let mut cell = Cell::new();
        made(&mut cell, "worker", ACCOUNT);
        for name in ["worker", "WORKER"] {
            cell.write(attach(name, READ_ONLY)).unwrap();
        }
        let list = ListAttachedRolePoliciesRequest {
            role_name: "worker".to_owned(),
            ..Default::default()
        };
        let attached = cell.read(list).unwrap().attached_policies;
        assert_eq!(attached.iter().map(|p| p.policy_arn()).collect::<Vec<_>>(), [READ_ONLY]);
    }

    #[test]
    fn ten_at_most() {
        let mut cell = Cell::new();
        made(&mut cell, "worker", ACCOUNT);
        let policies: Vec<String> = (0..11)
            .map(|number| managed_policy::made(&mut cell, &format!("p{number}"), "s3:Get*"))
            .collect();
        for arn in policies[..10].iter().chain(&policies[..1]) {
            cell.write(attach("worker", arn)).unwrap();
        }
        assert_fault(
            cell.write(attach("worker", &policies[10])),
            "LimitExceeded",
            "Cannot exceed quota for PoliciesPerRole: 10",
        );
    }

    #[test]
    fn what_cannot_be_attached_is_refused() {
        let mut cell = Cell::new();
        made(&mut cell, "worker", ACCOUNT);
        let other = cell.account("222222222222", "other@example.com");
        let root = std::mem::replace(&mut cell.root, other);
        let foreign = managed_policy::made(&mut cell, "theirs", "s3:Get*");
        cell.root = root;
        for arn in [format!("arn:aws:iam::{ACCOUNT}:policy/nonexistent"), foreign] {
            let message = format!("Policy {arn} does not exist or is not attachable.");
            assert_fault(cell.write(attach("worker", &arn)), "NoSuchEntity", &message);
        }
        let wrong = attach("worker", "longpolicynamebutnoarn");
        let message = "ARN longpolicynamebutnoarn is not valid.";
        assert_fault(cell.write(wrong), "ValidationError", message);
        let message = "The role with name nothing cannot be found.";
        assert_fault(cell.write(attach("nothing", READ_ONLY)), "NoSuchEntity", message);
    }

    #[test]
    fn a_policy_can_say_which_policies_and_to_which_role() {
        let mut cell = Cell::new();
        made(&mut cell, "worker", ACCOUNT);
        let caller = cell.user("admin");
        cell.allow(
            "admin",
            &format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",
                    "Action":"iam:AttachRolePolicy","Resource":"arn:aws:iam::{ACCOUNT}:role/worker",
                    "Condition":{{"ArnEquals":{{"iam:PolicyARN":"{READ_ONLY}"}}}}}}}}"#
            ),
        );
        cell.write_as(&caller, attach("worker", READ_ONLY)).unwrap();
        let wider = "arn:aws:iam::aws:policy/AdministratorAccess";
        let refused = cell.write_as(&caller, attach("worker", wider));
        assert_eq!(refused.unwrap_err().code, "AccessDenied");
        assert_fault(
            cell.write_as(&caller, attach("nothing", READ_ONLY)),
            "AccessDenied",
            &format!(
                "User: arn:aws:iam::{ACCOUNT}:user/admin is not authorized to perform: \
                 iam:AttachRolePolicy on resource: role nothing because no identity-based policy \
                 allows the iam:AttachRolePolicy action"
            ),
        );
    }
}
