//! DeletePolicyVersion: deletes a version of a managed policy that is not in force.

use schema::Fault;
use schema::iam::v1::{DeletePolicyVersionRequest, DeletePolicyVersionResponse};

use super::{check_arn, check_own, version};
use crate::{Access, Operation, Txn, View, Write, faults};

impl Operation for DeletePolicyVersionRequest {
    type Response = DeletePolicyVersionResponse;

    fn check(&self, _view: &View<'_>) -> Result<(), Fault> {
        check_arn(&self.policy_arn)
    }

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::managed_policy("iam:DeletePolicyVersion", view, &self.policy_arn)]
    }
}

impl Write for DeletePolicyVersionRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<DeletePolicyVersionResponse, Fault> {
        let refusal = "Cannot delete policy versions for policies outside your own account.";
        check_own(&txn.view(), &self.policy_arn, refusal)?;
        let (policy, number) = txn
            .view()
            .attachable(&self.policy_arn)
            .and_then(|policy| Some((policy, version::find(policy, &self.version_id)?.number)))
            .ok_or_else(|| version::not_found(&self.policy_arn, &self.version_id))?;
        let mut policy = policy.record().clone();
        if number == policy.default_version {
            return Err(faults::delete_conflict("Cannot delete the default version of a policy."));
        }
        policy.versions.retain(|version| version.number != number);
        txn.put(policy);
        Ok(DeletePolicyVersionResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{CreatePolicyVersionRequest, GetPolicyVersionRequest};

    use super::super::made;
    use super::*;
    use crate::testing::{Cell, allow, assert_fault};

    fn delete(policy_arn: &str, version_id: &str) -> DeletePolicyVersionRequest {
        DeletePolicyVersionRequest {
            policy_arn: policy_arn.to_owned(),
            version_id: version_id.to_owned(),
        }
    }

    #[test]
    fn the_default_version_stays_and_others_go() {
        let mut cell = Cell::new();
        let arn = made(&mut cell, "p", "s3:Get*");
        cell.write(CreatePolicyVersionRequest {
            policy_arn: arn.clone(),
            policy_document: allow("s3:Put*", "*"),
            set_as_default: Some(true),
        })
        .unwrap();
        let message = "Cannot delete the default version of a policy.";
        assert_fault(cell.write(delete(&arn, "v2")), "DeleteConflict", message);
        cell.write(delete(&arn, "v1")).unwrap();
        let message = format!("Policy {arn} version v1 does not exist or is not attachable.");
        assert_fault(cell.write(delete(&arn, "v1")), "NoSuchEntity", &message);
        let (policy_arn, version_id) = (arn, "v1".to_owned());
        let gone = cell.read(GetPolicyVersionRequest { policy_arn, version_id });
        assert_fault(gone, "NoSuchEntity", &message);
    }

    #[test]
    fn nobody_deletes_a_version_of_an_aws_named_one() {
        let aws = delete("arn:aws:iam::aws:policy/ReadOnlyAccess", "v1");
        let message = "Cannot delete policy versions for policies outside your own account.";
        assert_fault(Cell::new().write(aws), "AccessDenied", message);
    }
}
