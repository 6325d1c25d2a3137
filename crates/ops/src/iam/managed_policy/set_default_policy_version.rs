//! SetDefaultPolicyVersion: puts a version of a managed policy in force, wherever it is attached.

use schema::Fault;
use schema::iam::v1::{SetDefaultPolicyVersionRequest, SetDefaultPolicyVersionResponse};

use super::{check_arn, check_own, version};
use crate::{Access, Operation, Txn, View, Write};

impl Operation for SetDefaultPolicyVersionRequest {
    type Response = SetDefaultPolicyVersionResponse;

    fn check(&self, _view: &View<'_>) -> Result<(), Fault> {
        check_arn(&self.policy_arn)
    }

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::managed_policy("iam:SetDefaultPolicyVersion", view, &self.policy_arn)]
    }
}

impl Write for SetDefaultPolicyVersionRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<SetDefaultPolicyVersionResponse, Fault> {
        let refusal = "Cannot update policies outside your own account.";
        check_own(&txn.view(), &self.policy_arn, refusal)?;
        let (policy, number) = txn
            .view()
            .attachable(&self.policy_arn)
            .and_then(|policy| Some((policy, version::find(policy, &self.version_id)?.number)))
            .ok_or_else(|| version::not_found(&self.policy_arn, &self.version_id))?;
        let mut policy = policy.record().clone();
        policy.default_version = number;
        txn.put(policy);
        Ok(SetDefaultPolicyVersionResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{
        AddUserToGroupRequest, AttachGroupPolicyRequest, CreateGroupRequest,
        CreatePolicyVersionRequest, ListUsersRequest,
    };

    use super::super::made;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault};

    fn set(policy_arn: &str, version_id: &str) -> SetDefaultPolicyVersionRequest {
        SetDefaultPolicyVersionRequest {
            policy_arn: policy_arn.to_owned(),
            version_id: version_id.to_owned(),
        }
    }

    #[test]
    fn it_takes_effect_where_the_policy_is_attached() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        let arn = made(&mut cell, "p", "iam:GetUser");
        let group = || "readers".to_owned();
        cell.write(CreateGroupRequest { group_name: group(), ..Default::default() }).unwrap();
        let (group_name, user_name) = (group(), "alice".to_owned());
        cell.write(AddUserToGroupRequest { group_name, user_name }).unwrap();
        let (group_name, policy_arn) = (group(), arn.clone());
        cell.write(AttachGroupPolicyRequest { group_name, policy_arn }).unwrap();
        cell.write(CreatePolicyVersionRequest {
            policy_arn: arn.clone(),
            policy_document: allow("iam:ListUsers", "*"),
            set_as_default: None,
        })
        .unwrap();
        for (version, allowed) in [("v2", true), ("v1", false)] {
            cell.write(set(&arn, version)).unwrap();
            let answer = cell.read_as(&caller, ListUsersRequest::default());
            assert_eq!(answer.is_ok(), allowed, "{version}");
        }
    }

    #[test]
    fn no_such_version_and_not_ones_own() {
        let mut cell = Cell::new();
        let arn = made(&mut cell, "p", "s3:Get*");
        let none = format!("arn:aws:iam::{ACCOUNT}:policy/none");
        for (arn, version) in [(&arn, "v4"), (&none, "v1")] {
            let message =
                format!("Policy {arn} version {version} does not exist or is not attachable.");
            assert_fault(cell.write(set(arn, version)), "NoSuchEntity", &message);
        }
        let aws = "arn:aws:iam::aws:policy/ReadOnlyAccess";
        let message = "Cannot update policies outside your own account.";
        assert_fault(cell.write(set(aws, "v1")), "AccessDenied", message);
    }
}
