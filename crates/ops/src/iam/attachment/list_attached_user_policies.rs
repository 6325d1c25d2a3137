//! ListAttachedUserPolicies: lists the managed policies that are attached to a user, by name.

use schema::Fault;
use schema::iam::v1::{ListAttachedUserPoliciesRequest, ListAttachedUserPoliciesResponse};

use super::super::user;
use super::page;
use crate::page::Page;
use crate::{Access, Operation, Read, View};

impl Operation for ListAttachedUserPoliciesRequest {
    type Response = ListAttachedUserPoliciesResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::user("iam:ListAttachedUserPolicies", view, &self.user_name)]
    }
}

impl Read for ListAttachedUserPoliciesRequest {
    fn read(&self, view: &View<'_>) -> Result<ListAttachedUserPoliciesResponse, Fault> {
        let (marker, max_items) = (self.marker.as_deref(), self.max_items);
        let asked = Page::new(view, "ListAttachedUserPolicies", marker, max_items)?;
        let user = user::find(view, &self.user_name)?;
        let paged = page(&asked, user.record(), self.path_prefix.as_deref());
        Ok(ListAttachedUserPoliciesResponse {
            attached_policies: paged.items,
            is_truncated: Some(paged.is_truncated),
            marker: paged.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::AttachUserPolicyRequest;

    use super::super::super::managed_policy;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, assert_fault};

    /// A user with two AWS-named policies, and one of the account's that shares a name.
    fn cell() -> Cell {
        let mut cell = Cell::new();
        cell.user("alice");
        let own = managed_policy::made(&mut cell, "ReadOnlyAccess", "s3:Get*");
        let aws = ["ReadOnlyAccess", "job-function/Billing"];
        let aws = aws.map(|name| format!("arn:aws:iam::aws:policy/{name}"));
        for policy_arn in aws.into_iter().chain([own]) {
            let user_name = "alice".to_owned();
            cell.write(AttachUserPolicyRequest { user_name, policy_arn }).unwrap();
        }
        cell
    }

    fn list(user_name: &str) -> ListAttachedUserPoliciesRequest {
        ListAttachedUserPoliciesRequest { user_name: user_name.to_owned(), ..Default::default() }
    }

    fn arns(response: &ListAttachedUserPoliciesResponse) -> Vec<&str> {
        response.attached_policies.iter().map(|policy| policy.policy_arn()).collect()
    }

    #[test]
    fn pages_follow_each_other_in_the_order_of_names() {
        let cell = cell();
        let own = format!("arn:aws:iam::{ACCOUNT}:policy/ReadOnlyAccess");
        let first = ListAttachedUserPoliciesRequest { max_items: Some(2), ..list("alice") };
        let first = cell.read(first).unwrap();
        let expected = vec!["arn:aws:iam::aws:policy/job-function/Billing", own.as_str()];
        assert_eq!((arns(&first), first.is_truncated), (expected, Some(true)));
        assert_eq!(first.attached_policies[0].policy_name(), "Billing");
        let rest =
            ListAttachedUserPoliciesRequest { marker: first.marker.clone(), ..list("alice") };
        let rest = cell.read(rest).unwrap();
        assert_eq!(arns(&rest), ["arn:aws:iam::aws:policy/ReadOnlyAccess"]);
    }

    #[test]
    fn a_prefix_selects() {
        let path_prefix = Some("/job-function/".to_owned());
        let request = ListAttachedUserPoliciesRequest { path_prefix, ..list("alice") };
        let found = cell().read(request).unwrap();
        assert_eq!(arns(&found), ["arn:aws:iam::aws:policy/job-function/Billing"]);
    }

    #[test]
    fn no_such_user() {
        let message = "The user with name nobody cannot be found.";
        assert_fault(Cell::new().read(list("nobody")), "NoSuchEntity", message);
    }
}
