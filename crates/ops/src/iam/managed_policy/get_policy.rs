//! GetPolicy: describes a managed policy, with how often the account uses it.

use schema::Fault;
use schema::iam::v1::{GetPolicyRequest, GetPolicyResponse};

use super::{check_arn, find, full};
use crate::{Access, Operation, Read, View};

impl Operation for GetPolicyRequest {
    type Response = GetPolicyResponse;

    fn check(&self, _view: &View<'_>) -> Result<(), Fault> {
        check_arn(&self.policy_arn)
    }

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::managed_policy("iam:GetPolicy", view, &self.policy_arn)]
    }
}

impl Read for GetPolicyRequest {
    fn read(&self, view: &View<'_>) -> Result<GetPolicyResponse, Fault> {
        let policy = find(view, &self.policy_arn)?;
        Ok(GetPolicyResponse { policy: Some(full(view, policy)) })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{
        AttachUserPolicyRequest, CreatePolicyRequest, PutUserPermissionsBoundaryRequest, Tag,
    };

    use super::super::made;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault};

    const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

    fn get(policy_arn: &str) -> GetPolicyRequest {
        GetPolicyRequest { policy_arn: policy_arn.to_owned() }
    }

    #[test]
    fn every_account_sees_the_aws_named_ones_with_its_own_counts() {
        let mut cell = Cell::new();
        let other = cell.account("222222222222", "other@example.com");
        cell.user("alice");
        let (user_name, policy_arn) = ("alice".to_owned(), READ_ONLY.to_owned());
        cell.write(AttachUserPolicyRequest { user_name, policy_arn }).unwrap();
        let (user_name, permissions_boundary) = ("alice".to_owned(), READ_ONLY.to_owned());
        cell.write(PutUserPermissionsBoundaryRequest { user_name, permissions_boundary }).unwrap();
        for (caller, expected) in [(&cell.root, Some(1)), (&other, Some(0))] {
            let policy = cell.read_as(caller, get(READ_ONLY)).unwrap().policy.unwrap();
            assert_eq!(policy.policy_name(), "ReadOnlyAccess");
            assert!(policy.description.is_some());
            let counts = (policy.attachment_count, policy.permissions_boundary_usage_count);
            assert_eq!(counts, (expected, expected));
        }
    }

    #[test]
    fn the_whole_arn_counts_and_other_accounts_do_not() {
        let mut cell = Cell::new();
        let other = cell.account("222222222222", "other@example.com");
        let arn = made(&mut cell, "Reader", "s3:Get*");
        assert_eq!(cell.read(get(&arn)).unwrap().policy.unwrap().arn(), arn);
        assert_eq!(cell.read_as(&other, get(&arn)).unwrap_err().code, "NoSuchEntity");
        for wrong in ["reader", "path/Reader"] {
            let wrong = format!("arn:aws:iam::{ACCOUNT}:policy/{wrong}");
            let message = format!("Policy {wrong} was not found.");
            assert_fault(cell.read(get(&wrong)), "NoSuchEntity", &message);
        }
    }

    /// Else a refusal would tell what another account writes on its policies.
    #[test]
    fn another_accounts_tags_are_no_condition() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        let tagged = allow("iam:GetPolicy", "*")
            .replace("}}", r#","Condition":{"StringEquals":{"aws:ResourceTag/team":"red"}}}}"#);
        cell.allow("alice", &tagged);
        let other = cell.account("222222222222", "other@example.com");
        let request = CreatePolicyRequest {
            policy_name: "theirs".to_owned(),
            policy_document: allow("s3:*", "*"),
            tags: vec![Tag { key: "team".to_owned(), value: "red".to_owned() }],
            ..Default::default()
        };
        let theirs = cell.write_as(&other, request.clone()).unwrap().policy.unwrap();
        let mine = cell.write(request).unwrap().policy.unwrap();
        cell.read_as(&caller, get(mine.arn())).unwrap();
        let refused = cell.read_as(&caller, get(theirs.arn()));
        assert_eq!(refused.unwrap_err().code, "AccessDenied");
    }

    #[test]
    fn what_is_no_arn_of_a_policy_is_refused() {
        let cell = Cell::new();
        let message = "ARN longpolicynamebutnoarn is not valid.";
        assert_fault(cell.read(get("longpolicynamebutnoarn")), "ValidationError", message);
        let arn = format!("arn:aws:iam::{ACCOUNT}:not_a_policy/x");
        let message = format!("ARN {arn} is not valid.");
        assert_fault(cell.read(get(&arn)), "InvalidInput", &message);
    }

    #[test]
    fn refused_before_it_is_looked_up() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        let arn = format!("arn:aws:iam::{ACCOUNT}:policy/nothing");
        assert_fault(
            cell.read_as(&caller, get(&arn)),
            "AccessDenied",
            &format!(
                "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: \
                 iam:GetPolicy on resource: policy {arn} because no identity-based policy allows \
                 the iam:GetPolicy action"
            ),
        );
    }
}
