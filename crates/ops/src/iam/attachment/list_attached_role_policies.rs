//! ListAttachedRolePolicies: lists the managed policies that are attached to a role, by name.

use schema::Fault;
use schema::iam::v1::{ListAttachedRolePoliciesRequest, ListAttachedRolePoliciesResponse};

use super::super::role;
use super::page;
use crate::page::Page;
use crate::{Access, Operation, Read, View};

impl Operation for ListAttachedRolePoliciesRequest {
    type Response = ListAttachedRolePoliciesResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::role("iam:ListAttachedRolePolicies", view, &self.role_name)]
    }
}

impl Read for ListAttachedRolePoliciesRequest {
    fn read(&self, view: &View<'_>) -> Result<ListAttachedRolePoliciesResponse, Fault> {
        let (marker, max_items) = (self.marker.as_deref(), self.max_items);
        let asked = Page::new(view, "ListAttachedRolePolicies", marker, max_items)?;
        let role = role::find(view, &self.role_name)?;
        let paged = page(&asked, role.record(), self.path_prefix.as_deref());
        Ok(ListAttachedRolePoliciesResponse {
            attached_policies: paged.items,
            is_truncated: Some(paged.is_truncated),
            marker: paged.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::AttachRolePolicyRequest;

    use super::super::super::managed_policy;
    use super::super::super::role::made;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, assert_fault};

    /// A role with two AWS-named policies, and one of the account's that shares a name.
    fn cell() -> Cell {
        let mut cell = Cell::new();
        made(&mut cell, "worker", ACCOUNT);
        let own = managed_policy::made(&mut cell, "ReadOnlyAccess", "s3:Get*");
        let aws = ["ReadOnlyAccess", "job-function/Billing"];
        let aws = aws.map(|name| format!("arn:aws:iam::aws:policy/{name}"));
        for policy_arn in aws.into_iter().chain([own]) {
            let role_name = "worker".to_owned();
            cell.write(AttachRolePolicyRequest { role_name, policy_arn }).unwrap();
        }
        cell
    }

    fn list(role_name: &str) -> ListAttachedRolePoliciesRequest {
        ListAttachedRolePoliciesRequest { role_name: role_name.to_owned(), ..Default::default() }
    }

    fn arns(response: &ListAttachedRolePoliciesResponse) -> Vec<&str> {
        response.attached_policies.iter().map(|policy| policy.policy_arn()).collect()
    }

    #[test]
    fn pages_follow_each_other_in_the_order_of_names() {
        let cell = cell();
        let own = format!("arn:aws:iam::{ACCOUNT}:policy/ReadOnlyAccess");
        let first = ListAttachedRolePoliciesRequest { max_items: Some(2), ..list("worker") };
        let first = cell.read(first).unwrap();
        let expected = vec!["arn:aws:iam::aws:policy/job-function/Billing", own.as_str()];
        assert_eq!((arns(&first), first.is_truncated), (expected, Some(true)));
        assert_eq!(first.attached_policies[0].policy_name(), "Billing");
        let rest =
            ListAttachedRolePoliciesRequest { marker: first.marker.clone(), ..list("worker") };
        let rest = cell.read(rest).unwrap();
        assert_eq!(arns(&rest), ["arn:aws:iam::aws:policy/ReadOnlyAccess"]);
    }

    #[test]
    fn a_prefix_selects() {
        let path_prefix = Some("/job-function/".to_owned());
        let request = ListAttachedRolePoliciesRequest { path_prefix, ..list("worker") };
        let found = cell().read(request).unwrap();
        assert_eq!(arns(&found), ["arn:aws:iam::aws:policy/job-function/Billing"]);
    }

    #[test]
    fn no_such_role() {
        let message = "The role with name nothing cannot be found.";
        assert_fault(Cell::new().read(list("nothing")), "NoSuchEntity", message);
    }
}
