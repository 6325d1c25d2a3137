//! ListUserPolicies: lists the names of the policies that are embedded in a user.

use schema::Fault;
use schema::iam::v1::{ListUserPoliciesRequest, ListUserPoliciesResponse};

use super::super::user;
use super::names;
use crate::page::Page;
use crate::{Access, Operation, Read, View};

impl Operation for ListUserPoliciesRequest {
    type Response = ListUserPoliciesResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::user("iam:ListUserPolicies", view, &self.user_name)]
    }
}

impl Read for ListUserPoliciesRequest {
    fn read(&self, view: &View<'_>) -> Result<ListUserPoliciesResponse, Fault> {
        let page = Page::new(view, "ListUserPolicies", self.marker.as_deref(), self.max_items)?;
        let paged = names(&page, user::find(view, &self.user_name)?.record());
        Ok(ListUserPoliciesResponse {
            policy_names: paged.items,
            is_truncated: Some(paged.is_truncated),
            marker: paged.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::PutUserPolicyRequest;

    use super::*;
    use crate::testing::{Cell, allow, assert_fault};

    fn list(user_name: &str) -> ListUserPoliciesRequest {
        ListUserPoliciesRequest { user_name: user_name.to_owned(), ..Default::default() }
    }

    #[test]
    fn names_come_in_pages_and_in_order() {
        let mut cell = Cell::new();
        cell.user("alice");
        for name in ["b", "c", "a"] {
            cell.write(PutUserPolicyRequest {
                user_name: "alice".to_owned(),
                policy_name: name.to_owned(),
                policy_document: allow("iam:*", "*"),
            })
            .unwrap();
        }
        let first =
            cell.read(ListUserPoliciesRequest { max_items: Some(2), ..list("alice") }).unwrap();
        assert_eq!((first.policy_names, first.is_truncated), (own(&["a", "b"]), Some(true)));
        let rest = cell.read(ListUserPoliciesRequest { marker: first.marker, ..list("alice") });
        let rest = rest.unwrap();
        assert_eq!((rest.policy_names, rest.is_truncated), (own(&["c"]), Some(false)));
    }

    fn own(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn none_is_no_fault_but_no_user_is() {
        let mut cell = Cell::new();
        cell.user("alice");
        assert_eq!(cell.read(list("alice")).unwrap().policy_names, own(&[]));
        let message = "The user with name nobody cannot be found.";
        assert_fault(cell.read(list("nobody")), "NoSuchEntity", message);
    }
}
