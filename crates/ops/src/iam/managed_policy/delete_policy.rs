//! DeletePolicy: deletes a managed policy that nobody uses and that has no version but its default.

use schema::Fault;
use schema::iam::v1::{DeletePolicyRequest, DeletePolicyResponse};

use super::{check_arn, check_own, find};
use crate::{Access, Operation, Txn, View, Write, faults};

impl Operation for DeletePolicyRequest {
    type Response = DeletePolicyResponse;

    fn check(&self, _view: &View<'_>) -> Result<(), Fault> {
        check_arn(&self.policy_arn)
    }

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::managed_policy("iam:DeletePolicy", view, &self.policy_arn)]
    }
}

impl Write for DeletePolicyRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<DeletePolicyResponse, Fault> {
        let refusal = "Cannot delete policies outside your own account.";
        check_own(&txn.view(), &self.policy_arn, refusal)?;
        let policy = find(&txn.view(), &self.policy_arn)?.record().clone();
        if txn.account().index().attached(&self.policy_arn).is_some() {
            return Err(faults::delete_conflict("Cannot delete a policy attached to entities."));
        }
        if policy.versions.len() > 1 {
            return Err(faults::delete_conflict(
                "This policy has more than one version. Before you delete a policy, you must \
                 delete the policy's versions. The default version is deleted with the policy.",
            ));
        }
        txn.delete(&policy);
        Ok(DeletePolicyResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{
        AttachUserPolicyRequest, CreatePolicyVersionRequest, DetachUserPolicyRequest,
        GetPolicyRequest, PutUserPermissionsBoundaryRequest,
    };

    use super::super::made;
    use super::*;
    use crate::testing::{Cell, allow, assert_fault};

    fn delete(policy_arn: &str) -> DeletePolicyRequest {
        DeletePolicyRequest { policy_arn: policy_arn.to_owned() }
    }

    #[test]
    fn a_policy_that_is_not_used_goes() {
        let mut cell = Cell::new();
        let arn = made(&mut cell, "p", "s3:Get*");
        cell.write(delete(&arn)).unwrap();
        let message = format!("Policy {arn} was not found.");
        assert_fault(cell.write(delete(&arn)), "NoSuchEntity", &message);
        let gone = cell.read(GetPolicyRequest { policy_arn: arn });
        assert_fault(gone, "NoSuchEntity", &message);
    }

    #[test]
    fn whoever_carries_it_holds_it() {
        let mut cell = Cell::new();
        cell.user("alice");
        let arn = made(&mut cell, "p", "s3:Get*");
        let message = "Cannot delete a policy attached to entities.";
        let (user_name, policy_arn) = ("alice".to_owned(), arn.clone());
        cell.write(AttachUserPolicyRequest { user_name, policy_arn }).unwrap();
        assert_fault(cell.write(delete(&arn)), "DeleteConflict", message);
        let (user_name, policy_arn) = ("alice".to_owned(), arn.clone());
        cell.write(DetachUserPolicyRequest { user_name, policy_arn }).unwrap();
        let (user_name, permissions_boundary) = ("alice".to_owned(), arn.clone());
        cell.write(PutUserPermissionsBoundaryRequest { user_name, permissions_boundary }).unwrap();
        assert_fault(cell.write(delete(&arn)), "DeleteConflict", message);
    }

    #[test]
    fn its_other_versions_hold_it() {
        let mut cell = Cell::new();
        let arn = made(&mut cell, "p", "s3:Get*");
        let version = CreatePolicyVersionRequest {
            policy_arn: arn.clone(),
            policy_document: allow("s3:Put*", "*"),
            set_as_default: Some(true),
        };
        cell.write(version).unwrap();
        assert_fault(
            cell.write(delete(&arn)),
            "DeleteConflict",
            "This policy has more than one version. Before you delete a policy, you must delete \
             the policy's versions. The default version is deleted with the policy.",
        );
    }

    #[test]
    fn nobody_deletes_an_aws_named_one() {
        let mut cell = Cell::new();
        let message = "Cannot delete policies outside your own account.";
        for arn in ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::222222222222:policy/x"]
        {
            assert_fault(cell.write(delete(arn)), "AccessDenied", message);
        }
    }
}
