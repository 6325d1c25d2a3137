//! AttachGroupPolicy: attaches a managed policy to a group.

use schema::Fault;
use schema::iam::v1::{AttachGroupPolicyRequest, AttachGroupPolicyResponse};

use super::super::group;
use super::{attach, check_arn};
use crate::{Access, Operation, Txn, View, Write};

impl Operation for AttachGroupPolicyRequest {
    type Response = AttachGroupPolicyResponse;

    fn check(&self, _view: &View<'_>) -> Result<(), Fault> {
        check_arn(&self.policy_arn)
    }

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let attach = Access::group("iam:AttachGroupPolicy", view, &self.group_name);
        vec![attach.of_policy(&self.policy_arn)]
    }
}

impl Write for AttachGroupPolicyRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<AttachGroupPolicyResponse, Fault> {
        let group = group::find(&txn.view(), &self.group_name)?.record().clone();
        attach(txn, group, &self.policy_arn)?;
        Ok(AttachGroupPolicyResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{CreateGroupRequest, ListAttachedGroupPoliciesRequest};

    use super::super::super::managed_policy;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, assert_fault};

    const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

    fn attach(group_name: &str, policy_arn: &str) -> AttachGroupPolicyRequest {
        AttachGroupPolicyRequest {
            group_name: group_name.to_owned(),
            policy_arn: policy_arn.to_owned(),
        }
    }

    fn group(cell: &mut Cell, name: &str) {
        let request = CreateGroupRequest { group_name: name.to_owned(), ..Default::default() };
        cell.write(request).unwrap();
    }

    #[test]
    fn a_policy_attached_twice_is_attached_once() {
        let mut cell = Cell::new();
        group(&mut cell, "readers");
        for name in ["readers", "READERS"] {
            cell.write(attach(name, READ_ONLY)).unwrap();
        }
        let list = ListAttachedGroupPoliciesRequest {
            group_name: "readers".to_owned(),
            ..Default::default()
        };
        let attached = cell.read(list).unwrap().attached_policies;
        assert_eq!(attached.iter().map(|p| p.policy_arn()).collect::<Vec<_>>(), [READ_ONLY]);
    }

    #[test]
    fn ten_at_most() {
        let mut cell = Cell::new();
        group(&mut cell, "readers");
        let policies: Vec<String> = (0..11)
            .map(|number| managed_policy::made(&mut cell, &format!("p{number}"), "s3:Get*"))
            .collect();
        for arn in policies[..10].iter().chain(&policies[..1]) {
            cell.write(attach("readers", arn)).unwrap();
        }
        assert_fault(
            cell.write(attach("readers", &policies[10])),
            "LimitExceeded",
            "Cannot exceed quota for PoliciesPerGroup: 10",
        );
    }

    #[test]
    fn what_cannot_be_attached_is_refused() {
        let mut cell = Cell::new();
        group(&mut cell, "readers");
        let other = cell.account("222222222222", "other@example.com");
        let root = std::mem::replace(&mut cell.root, other);
        let foreign = managed_policy::made(&mut cell, "theirs", "s3:Get*");
        cell.root = root;
        for arn in [format!("arn:aws:iam::{ACCOUNT}:policy/nonexistent"), foreign] {
            let message = format!("Policy {arn} does not exist or is not attachable.");
            assert_fault(cell.write(attach("readers", &arn)), "NoSuchEntity", &message);
        }
        let wrong = attach("readers", "longpolicynamebutnoarn");
        let message = "ARN longpolicynamebutnoarn is not valid.";
        assert_fault(cell.write(wrong), "ValidationError", message);
        let message = "The group with name nothing cannot be found.";
        assert_fault(cell.write(attach("nothing", READ_ONLY)), "NoSuchEntity", message);
    }

    #[test]
    fn a_policy_can_say_which_policies_and_to_which_group() {
        let mut cell = Cell::new();
        group(&mut cell, "readers");
        let caller = cell.user("admin");
        cell.allow(
            "admin",
            &format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",
                    "Action":"iam:AttachGroupPolicy",
                    "Resource":"arn:aws:iam::{ACCOUNT}:group/readers",
                    "Condition":{{"ArnEquals":{{"iam:PolicyARN":"{READ_ONLY}"}}}}}}}}"#
            ),
        );
        cell.write_as(&caller, attach("readers", READ_ONLY)).unwrap();
        let wider = "arn:aws:iam::aws:policy/AdministratorAccess";
        let refused = cell.write_as(&caller, attach("readers", wider));
        assert_eq!(refused.unwrap_err().code, "AccessDenied");
        assert_fault(
            cell.write_as(&caller, attach("nothing", READ_ONLY)),
            "AccessDenied",
            &format!(
                "User: arn:aws:iam::{ACCOUNT}:user/admin is not authorized to perform: \
                 iam:AttachGroupPolicy on resource: group nothing because no identity-based policy \
                 allows the iam:AttachGroupPolicy action"
            ),
        );
    }
}
