//! PutNamedPolicy: adds an AWS-named managed policy, or gives one a new version.

use model::arn::HasArn;
use model::id::Prefix;
use model::{AWS_ACCOUNT, quota, v1};
use policy::{Kind, Policy};
use schema::Fault;
use schema::admin::v1::{PutNamedPolicyRequest, PutNamedPolicyResponse};

use crate::{Access, Operation, Txn, View, Write, faults};

impl Operation for PutNamedPolicyRequest {
    type Response = PutNamedPolicyResponse;

    fn access(&self, _view: &View<'_>) -> Vec<Access> {
        Vec::new()
    }
}

impl Write for PutNamedPolicyRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<PutNamedPolicyResponse, Fault> {
        Policy::parse(&self.policy_document, Kind::Identity)
            .map_err(|malformed| faults::malformed_policy(&malformed))?;
        let mut policy = match named(txn, &self.policy_name) {
            Some(policy) => policy,
            None => v1::ManagedPolicy {
                account_id: AWS_ACCOUNT.to_owned(),
                name: self.policy_name.clone(),
                path: self.path.clone().unwrap_or_else(|| "/".to_owned()),
                id: txn.new_id(Prefix::ManagedPolicy),
                created_ms: txn.now_ms(),
                next_version: 1,
                ..Default::default()
            },
        };
        if self.path.as_ref().is_some_and(|path| *path != policy.path) {
            let message = format!("Policy {} has the path {}.", policy.name, policy.path);
            return Err(faults::invalid_input(message));
        }
        if let Some(description) = &self.description {
            policy.description = Some(description.clone());
        }
        let number = policy.next_version;
        policy.versions.push(v1::PolicyVersion {
            number,
            document: self.policy_document.clone(),
            created_ms: txn.now_ms(),
        });
        if policy.versions.len() > quota::VERSIONS_PER_POLICY {
            policy.versions.remove(0);
        }
        policy.default_version = number;
        policy.next_version = number + 1;
        policy.updated_ms = txn.now_ms();
        let response =
            PutNamedPolicyResponse { arn: policy.arn(), version_id: format!("v{number}") };
        txn.put(policy);
        Ok(response)
    }
}

fn named(txn: &Txn<'_>, name: &str) -> Option<v1::ManagedPolicy> {
    let policy = txn.state().account(AWS_ACCOUNT)?.policies().named(name)?;
    Some(policy.record().clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Cell, allow, assert_fault};

    fn put(name: &str, document: &str) -> PutNamedPolicyRequest {
        PutNamedPolicyRequest {
            policy_name: name.to_owned(),
            policy_document: document.to_owned(),
            ..Default::default()
        }
    }

    #[test]
    fn a_new_document_is_a_new_version_and_the_oldest_goes() {
        let mut cell = Cell::new();
        for version in 1..=7 {
            let put = put("OurStorageAccess", &allow("s3:*", "*"));
            let made = cell.write_as(&Cell::operator(), put).unwrap();
            assert_eq!(made.version_id, format!("v{version}"));
            assert_eq!(made.arn, "arn:aws:iam::aws:policy/OurStorageAccess");
        }
        let policy = cell.state.managed_policy("arn:aws:iam::aws:policy/OurStorageAccess").unwrap();
        assert_eq!(policy.versions.len(), quota::VERSIONS_PER_POLICY);
    }

    #[test]
    fn a_malformed_document_is_refused() {
        assert_fault(
            Cell::new().write_as(&Cell::operator(), put("x", "{")),
            "MalformedPolicyDocument",
            "Syntax errors in policy.",
        );
    }
}
