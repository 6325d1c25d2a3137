//! GetPolicyVersion: shows a version of a managed policy with its document.

use schema::Fault;
use schema::iam::v1::{GetPolicyVersionRequest, GetPolicyVersionResponse, PolicyVersion};

use super::{check_arn, version};
use crate::{Access, Operation, Read, View};

impl Operation for GetPolicyVersionRequest {
    type Response = GetPolicyVersionResponse;

    fn check(&self, _view: &View<'_>) -> Result<(), Fault> {
        check_arn(&self.policy_arn)
    }

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::managed_policy("iam:GetPolicyVersion", view, &self.policy_arn)]
    }
}

impl Read for GetPolicyVersionRequest {
    fn read(&self, view: &View<'_>) -> Result<GetPolicyVersionResponse, Fault> {
        let (policy, found) = view
            .attachable(&self.policy_arn)
            .and_then(|policy| Some((policy, version::find(policy, &self.version_id)?)))
            .ok_or_else(|| version::not_found(&self.policy_arn, &self.version_id))?;
        let policy_version = PolicyVersion {
            document: Some(found.document.clone()),
            ..version::brief(policy, found)
        };
        Ok(GetPolicyVersionResponse { policy_version: Some(policy_version) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::made;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault};

    fn get(policy_arn: &str, version_id: &str) -> GetPolicyVersionRequest {
        GetPolicyVersionRequest {
            policy_arn: policy_arn.to_owned(),
            version_id: version_id.to_owned(),
        }
    }

    #[test]
    fn the_document_comes_back() {
        let mut cell = Cell::new();
        let arn = made(&mut cell, "p", "s3:Get*");
        let version = cell.read(get(&arn, "v1")).unwrap().policy_version.unwrap();
        assert_eq!(version.document(), allow("s3:Get*", "*"));
        assert_eq!((version.version_id(), version.is_default_version()), ("v1", true));
        assert!(version.create_date.is_some());
        let aws = get("arn:aws:iam::aws:policy/AdministratorAccess", "v1");
        assert!(cell.read(aws).unwrap().policy_version.unwrap().document.is_some());
    }

    #[test]
    fn no_such_policy_and_no_such_version() {
        let mut cell = Cell::new();
        let arn = made(&mut cell, "p", "s3:Get*");
        let none = format!("arn:aws:iam::{ACCOUNT}:policy/none");
        for (arn, version) in [(&arn, "v9"), (&arn, "v1.x"), (&arn, "v99999999999"), (&none, "v1")]
        {
            let message =
                format!("Policy {arn} version {version} does not exist or is not attachable.");
            assert_fault(cell.read(get(arn, version)), "NoSuchEntity", &message);
        }
    }
}
