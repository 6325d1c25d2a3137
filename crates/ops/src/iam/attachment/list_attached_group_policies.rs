//! ListAttachedGroupPolicies: lists the managed policies that are attached to a group, by name.

use schema::Fault;
use schema::iam::v1::{ListAttachedGroupPoliciesRequest, ListAttachedGroupPoliciesResponse};

use super::super::group;
use super::page;
use crate::page::Page;
use crate::{Access, Operation, Read, View};

impl Operation for ListAttachedGroupPoliciesRequest {
    type Response = ListAttachedGroupPoliciesResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::group("iam:ListAttachedGroupPolicies", view, &self.group_name)]
    }
}

impl Read for ListAttachedGroupPoliciesRequest {
    fn read(&self, view: &View<'_>) -> Result<ListAttachedGroupPoliciesResponse, Fault> {
        let (marker, max_items) = (self.marker.as_deref(), self.max_items);
        let asked = Page::new(view, "ListAttachedGroupPolicies", marker, max_items)?;
        let group = group::find(view, &self.group_name)?;
        let paged = page(&asked, group.record(), self.path_prefix.as_deref());
        Ok(ListAttachedGroupPoliciesResponse {
            attached_policies: paged.items,
            is_truncated: Some(paged.is_truncated),
            marker: paged.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{AttachGroupPolicyRequest, CreateGroupRequest};

    use super::super::super::managed_policy;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, assert_fault};

    fn group(cell: &mut Cell, name: &str) {
        let request = CreateGroupRequest { group_name: name.to_owned(), ..Default::default() };
        cell.write(request).unwrap();
    }

    /// A group with two AWS-named policies, and one of the account's that shares a name.
    fn cell() -> Cell {
        let mut cell = Cell::new();
        group(&mut cell, "readers");
        let own = managed_policy::made(&mut cell, "ReadOnlyAccess", "s3:Get*");
        let aws = ["ReadOnlyAccess", "job-function/Billing"];
        let aws = aws.map(|name| format!("arn:aws:iam::aws:policy/{name}"));
        for policy_arn in aws.into_iter().chain([own]) {
            let group_name = "readers".to_owned();
            cell.write(AttachGroupPolicyRequest { group_name, policy_arn }).unwrap();
        }
        cell
    }

    fn list(group_name: &str) -> ListAttachedGroupPoliciesRequest {
        ListAttachedGroupPoliciesRequest { group_name: group_name.to_owned(), ..Default::default() }
    }

    fn arns(response: &ListAttachedGroupPoliciesResponse) -> Vec<&str> {
        response.attached_policies.iter().map(|policy| policy.policy_arn()).collect()
    }

    #[test]
    fn pages_follow_each_other_in_the_order_of_names() {
        let cell = cell();
        let own = format!("arn:aws:iam::{ACCOUNT}:policy/ReadOnlyAccess");
        let first = ListAttachedGroupPoliciesRequest { max_items: Some(2), ..list("readers") };
        let first = cell.read(first).unwrap();
        let expected = vec!["arn:aws:iam::aws:policy/job-function/Billing", own.as_str()];
        assert_eq!((arns(&first), first.is_truncated), (expected, Some(true)));
        assert_eq!(first.attached_policies[0].policy_name(), "Billing");
        let rest =
            ListAttachedGroupPoliciesRequest { marker: first.marker.clone(), ..list("readers") };
        let rest = cell.read(rest).unwrap();
        assert_eq!(arns(&rest), ["arn:aws:iam::aws:policy/ReadOnlyAccess"]);
    }

    #[test]
    fn a_prefix_selects() {
        let path_prefix = Some("/job-function/".to_owned());
        let request = ListAttachedGroupPoliciesRequest { path_prefix, ..list("readers") };
        let found = cell().read(request).unwrap();
        assert_eq!(arns(&found), ["arn:aws:iam::aws:policy/job-function/Billing"]);
    }

    #[test]
    fn no_such_group() {
        let message = "The group with name nothing cannot be found.";
        assert_fault(Cell::new().read(list("nothing")), "NoSuchEntity", message);
    }
}
