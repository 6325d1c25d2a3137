//! UntagPolicy: takes tags of a managed policy away.

use schema::Fault;
use schema::iam::v1::{UntagPolicyRequest, UntagPolicyResponse};

use super::{check_arn, check_own, find};
use crate::tags::{self, Keys};
use crate::{Access, Operation, Txn, View, Write};

impl Operation for UntagPolicyRequest {
    type Response = UntagPolicyResponse;

    fn check(&self, _view: &View<'_>) -> Result<(), Fault> {
        check_arn(&self.policy_arn)
    }

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let untag = Access::managed_policy("iam:UntagPolicy", view, &self.policy_arn);
        vec![untag.naming_tags(&self.tag_keys)]
    }
}

impl Write for UntagPolicyRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<UntagPolicyResponse, Fault> {
        let refusal = "Cannot update policies outside your own account.";
        check_own(&txn.view(), &self.policy_arn, refusal)?;
        let mut policy = find(&txn.view(), &self.policy_arn)?.record().clone();
        tags::remove(&mut policy.tags, &self.tag_keys, Keys::Exact);
        txn.put(policy);
        Ok(UntagPolicyResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{GetPolicyRequest, Tag, TagPolicyRequest};

    use super::super::made;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, assert_fault};

    fn untag(policy_arn: &str, tag_keys: &[&str]) -> UntagPolicyRequest {
        UntagPolicyRequest {
            policy_arn: policy_arn.to_owned(),
            tag_keys: tag_keys.iter().map(|key| (*key).to_owned()).collect(),
        }
    }

    #[test]
    fn only_the_exact_key_goes() {
        let mut cell = Cell::new();
        let arn = made(&mut cell, "p", "s3:Get*");
        let tag = |key: &str| Tag { key: key.to_owned(), value: String::new() };
        let (policy_arn, tags) = (arn.clone(), vec![tag("k"), tag("K")]);
        cell.write(TagPolicyRequest { policy_arn, tags }).unwrap();
        cell.write(untag(&arn, &["k", "unknown"])).unwrap();
        let policy = cell.read(GetPolicyRequest { policy_arn: arn }).unwrap().policy.unwrap();
        assert_eq!(policy.tags, [tag("K")]);
    }

    #[test]
    fn no_such_policy() {
        let none = format!("arn:aws:iam::{ACCOUNT}:policy/NotAPolicy");
        let message = format!("Policy {none} was not found.");
        assert_fault(Cell::new().write(untag(&none, &["k"])), "NoSuchEntity", &message);
    }
}
