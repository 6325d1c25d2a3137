//! ListRolePolicies: lists the names of the policies that are embedded in a role.

use schema::Fault;
use schema::iam::v1::{ListRolePoliciesRequest, ListRolePoliciesResponse};

use super::super::role;
use super::names;
use crate::page::Page;
use crate::{Access, Operation, Read, View};

impl Operation for ListRolePoliciesRequest {
    type Response = ListRolePoliciesResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::role("iam:ListRolePolicies", view, &self.role_name)]
    }
}

impl Read for ListRolePoliciesRequest {
    fn read(&self, view: &View<'_>) -> Result<ListRolePoliciesResponse, Fault> {
        let page = Page::new(view, "ListRolePolicies", self.marker.as_deref(), self.max_items)?;
        let paged = names(&page, role::find(view, &self.role_name)?.record());
        Ok(ListRolePoliciesResponse {
            policy_names: paged.items,
            is_truncated: Some(paged.is_truncated),
            marker: paged.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::PutRolePolicyRequest;

    use super::super::super::role::made;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault};

    fn cell() -> Cell {
        let mut cell = Cell::new();
        made(&mut cell, "Worker", ACCOUNT);
        for policy_name in ["b", "c", "a"] {
            cell.write(PutRolePolicyRequest {
                role_name: "worker".to_owned(),
                policy_name: policy_name.to_owned(),
                policy_document: format!(" {}\n", allow("iam:*", "*")),
            })
            .unwrap();
        }
        cell
    }

    fn list(role_name: &str) -> ListRolePoliciesRequest {
        ListRolePoliciesRequest { role_name: role_name.to_owned(), ..Default::default() }
    }

    #[test]
    fn names_come_in_pages_and_in_order() {
        let cell = cell();
        let first = ListRolePoliciesRequest { max_items: Some(2), ..list("worker") };
        let first = cell.read(first).unwrap();
        assert_eq!((names(&first), first.is_truncated), (vec!["a", "b"], Some(true)));
        let rest = ListRolePoliciesRequest { marker: first.marker.clone(), ..list("worker") };
        let rest = cell.read(rest).unwrap();
        assert_eq!((names(&rest), rest.is_truncated), (vec!["c"], Some(false)));
    }

    fn names(response: &ListRolePoliciesResponse) -> Vec<&str> {
        response.policy_names.iter().map(String::as_str).collect()
    }

    #[test]
    fn none_is_no_fault_but_no_role_is() {
        let mut cell = Cell::new();
        made(&mut cell, "bare", ACCOUNT);
        assert!(cell.read(list("bare")).unwrap().policy_names.is_empty());
        let message = "The role with name nothing cannot be found.";
        assert_fault(cell.read(list("nothing")), "NoSuchEntity", message);
    }
}
