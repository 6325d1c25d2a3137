//! TagPolicy: puts tags on a managed policy, in place of those of the same keys.

use schema::Fault;
use schema::iam::v1::{TagPolicyRequest, TagPolicyResponse};

use super::{check_arn, check_own, find};
use crate::tags::{self, Keys};
use crate::{Access, Operation, Txn, View, Write};

impl Operation for TagPolicyRequest {
    type Response = TagPolicyResponse;

    fn check(&self, _view: &View<'_>) -> Result<(), Fault> {
        check_arn(&self.policy_arn)
    }

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let tag = Access::managed_policy("iam:TagPolicy", view, &self.policy_arn);
        vec![tag.requesting(tags::pairs(&self.tags))]
    }
}

impl Write for TagPolicyRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<TagPolicyResponse, Fault> {
        let refusal = "Cannot update policies outside your own account.";
        check_own(&txn.view(), &self.policy_arn, refusal)?;
        let mut policy = find(&txn.view(), &self.policy_arn)?.record().clone();
        tags::add(&mut policy.tags, &self.tags, Keys::Exact)?;
        txn.put(policy);
        Ok(TagPolicyResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{GetPolicyRequest, Tag};

    use super::super::made;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, assert_fault};

    fn tag(policy_arn: &str, tags: &[(&str, &str)]) -> TagPolicyRequest {
        let tag = |(key, value): &(&str, &str)| Tag {
            key: (*key).to_owned(),
            value: (*value).to_owned(),
        };
        TagPolicyRequest { policy_arn: policy_arn.to_owned(), tags: tags.iter().map(tag).collect() }
    }

    #[test]
    fn keys_that_differ_in_case_are_different_keys() {
        let mut cell = Cell::new();
        let arn = made(&mut cell, "p", "s3:Get*");
        cell.write(tag(&arn, &[("k", "1"), ("K", "2")])).unwrap();
        cell.write(tag(&arn, &[("k", "3")])).unwrap();
        let policy = cell.read(GetPolicyRequest { policy_arn: arn }).unwrap().policy.unwrap();
        assert_eq!(policy.tags, tag("", &[("k", "3"), ("K", "2")]).tags);
    }

    #[test]
    fn duplicates_and_strangers_are_refused() {
        let mut cell = Cell::new();
        let arn = made(&mut cell, "p", "s3:Get*");
        let message = "Duplicate tag keys found.";
        assert_fault(cell.write(tag(&arn, &[("k", "1"), ("k", "2")])), "InvalidInput", message);
        let none = format!("arn:aws:iam::{ACCOUNT}:policy/NotAPolicy");
        let message = format!("Policy {none} was not found.");
        assert_fault(cell.write(tag(&none, &[("k", "1")])), "NoSuchEntity", &message);
        let aws = "arn:aws:iam::aws:policy/ReadOnlyAccess";
        assert_eq!(cell.write(tag(aws, &[("k", "1")])).unwrap_err().code, "AccessDenied");
    }
}
