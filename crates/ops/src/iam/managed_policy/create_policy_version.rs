//! CreatePolicyVersion: gives a managed policy another version, and puts it in force if so asked.

use model::{quota, v1};
use schema::Fault;
use schema::iam::v1::{CreatePolicyVersionRequest, CreatePolicyVersionResponse};

use super::{check_arn, check_document, check_own, find, version};
use crate::{Access, Operation, Txn, View, Write};

impl Operation for CreatePolicyVersionRequest {
    type Response = CreatePolicyVersionResponse;

    fn check(&self, _view: &View<'_>) -> Result<(), Fault> {
        check_arn(&self.policy_arn)
    }

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::managed_policy("iam:CreatePolicyVersion", view, &self.policy_arn)]
    }
}

impl Write for CreatePolicyVersionRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<CreatePolicyVersionResponse, Fault> {
        let refusal = "Cannot update policies outside your own account.";
        check_own(&txn.view(), &self.policy_arn, refusal)?;
        check_document(&self.policy_document)?;
        let mut policy = find(&txn.view(), &self.policy_arn)?.record().clone();
        if policy.versions.len() >= quota::VERSIONS_PER_POLICY {
            return Err(Fault::new(
                "LimitExceeded",
                format!(
                    "A managed policy can have up to {} versions. Before you create a new \
                     version, you must delete an existing version.",
                    quota::VERSIONS_PER_POLICY
                ),
            ));
        }
        let made = v1::PolicyVersion {
            number: policy.next_version,
            document: self.policy_document.clone(),
            created_ms: txn.now_ms(),
        };
        policy.next_version += 1;
        policy.updated_ms = txn.now_ms();
        if self.set_as_default() {
            policy.default_version = made.number;
        }
        policy.versions.push(made.clone());
        let policy_version = Some(version::brief(&policy, &made));
        txn.put(policy);
        Ok(CreatePolicyVersionResponse { policy_version })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{
        AttachUserPolicyRequest, DeletePolicyVersionRequest, GetPolicyRequest, ListUsersRequest,
    };

    use super::super::made;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault};

    fn create(policy_arn: &str, action: &str, set_as_default: bool) -> CreatePolicyVersionRequest {
        CreatePolicyVersionRequest {
            policy_arn: policy_arn.to_owned(),
            policy_document: allow(action, "*"),
            set_as_default: set_as_default.then_some(true),
        }
    }

    #[test]
    fn a_version_is_in_force_only_as_the_default() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        let arn = made(&mut cell, "p", "iam:GetUser");
        let (user_name, policy_arn) = ("alice".to_owned(), arn.clone());
        cell.write(AttachUserPolicyRequest { user_name, policy_arn }).unwrap();
        let version = cell.write(create(&arn, "iam:ListUsers", false)).unwrap().policy_version;
        let version = version.unwrap();
        assert_eq!((version.version_id(), version.is_default_version), ("v2", Some(false)));
        assert_eq!(version.document, None);
        let refused = cell.read_as(&caller, ListUsersRequest::default());
        assert_eq!(refused.unwrap_err().code, "AccessDenied");
        let version = cell.write(create(&arn, "iam:ListUsers", true)).unwrap().policy_version;
        assert_eq!(version.unwrap().is_default_version, Some(true));
        cell.read_as(&caller, ListUsersRequest::default()).unwrap();
        let policy = cell.read(GetPolicyRequest { policy_arn: arn }).unwrap().policy.unwrap();
        assert_eq!(policy.default_version_id(), "v3");
    }

    #[test]
    fn five_versions_at_most_and_numbers_are_never_used_again() {
        let mut cell = Cell::new();
        let arn = made(&mut cell, "p", "iam:GetUser");
        for _ in 2..=5 {
            cell.write(create(&arn, "iam:ListUsers", false)).unwrap();
        }
        assert_fault(
            cell.write(create(&arn, "iam:ListUsers", false)),
            "LimitExceeded",
            "A managed policy can have up to 5 versions. Before you create a new version, you \
             must delete an existing version.",
        );
        let (policy_arn, version_id) = (arn.clone(), "v5".to_owned());
        cell.write(DeletePolicyVersionRequest { policy_arn, version_id }).unwrap();
        let version = cell.write(create(&arn, "iam:ListUsers", false)).unwrap().policy_version;
        assert_eq!(version.unwrap().version_id(), "v6");
    }

    #[test]
    fn what_is_no_policy_or_not_ones_own_is_refused() {
        let mut cell = Cell::new();
        let arn = made(&mut cell, "p", "iam:GetUser");
        let broken = CreatePolicyVersionRequest {
            policy_document: "{".to_owned(),
            ..create(&arn, "*", false)
        };
        let message = "Syntax errors in policy.";
        assert_fault(cell.write(broken), "MalformedPolicyDocument", message);
        let none = format!("arn:aws:iam::{ACCOUNT}:policy/none");
        let message = format!("Policy {none} was not found.");
        assert_fault(cell.write(create(&none, "*", false)), "NoSuchEntity", &message);
        let aws = "arn:aws:iam::aws:policy/ReadOnlyAccess";
        let message = "Cannot update policies outside your own account.";
        assert_fault(cell.write(create(aws, "*", true)), "AccessDenied", message);
    }
}
