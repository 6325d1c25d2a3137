//! ListGroupPolicies: lists the names of the policies that are embedded in a group.

use schema::Fault;
use schema::iam::v1::{ListGroupPoliciesRequest, ListGroupPoliciesResponse};

use super::super::group;
use super::names;
use crate::page::Page;
use crate::{Access, Operation, Read, View};

impl Operation for ListGroupPoliciesRequest {
    type Response = ListGroupPoliciesResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::group("iam:ListGroupPolicies", view, &self.group_name)]
    }
}

impl Read for ListGroupPoliciesRequest {
    fn read(&self, view: &View<'_>) -> Result<ListGroupPoliciesResponse, Fault> {
        let page = Page::new(view, "ListGroupPolicies", self.marker.as_deref(), self.max_items)?;
        let paged = names(&page, group::find(view, &self.group_name)?.record());
        Ok(ListGroupPoliciesResponse {
            policy_names: paged.items,
            is_truncated: Some(paged.is_truncated),
            marker: paged.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{CreateGroupRequest, PutGroupPolicyRequest};

    use super::*;
    use crate::testing::{Cell, allow, assert_fault};

    fn list(group_name: &str) -> ListGroupPoliciesRequest {
        ListGroupPoliciesRequest { group_name: group_name.to_owned(), ..Default::default() }
    }

    #[test]
    fn names_come_in_pages_and_in_order() {
        let mut cell = Cell::new();
        let request = CreateGroupRequest { group_name: "staff".to_owned(), ..Default::default() };
        cell.write(request).unwrap();
        for name in ["b", "a"] {
            cell.write(PutGroupPolicyRequest {
                group_name: "staff".to_owned(),
                policy_name: name.to_owned(),
                policy_document: allow("iam:*", "*"),
            })
            .unwrap();
        }
        let first = ListGroupPoliciesRequest { max_items: Some(1), ..list("staff") };
        let first = cell.read(first).unwrap();
        assert_eq!((first.policy_names[0].as_str(), first.is_truncated), ("a", Some(true)));
        let rest = ListGroupPoliciesRequest { marker: first.marker, ..list("staff") };
        let rest = cell.read(rest).unwrap();
        assert_eq!((rest.policy_names[0].as_str(), rest.is_truncated), ("b", Some(false)));
    }

    #[test]
    fn no_such_group() {
        let message = "The group with name nothing cannot be found.";
        assert_fault(Cell::new().read(list("nothing")), "NoSuchEntity", message);
    }
}
