//! ListRoleTags: lists the tags of a role, in the order of their keys.

use schema::Fault;
use schema::iam::v1::{ListRoleTagsRequest, ListRoleTagsResponse};

use super::find;
use crate::page::Page;
use crate::{Access, Operation, Read, View, tags};

impl Operation for ListRoleTagsRequest {
    type Response = ListRoleTagsResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::role("iam:ListRoleTags", view, &self.role_name)]
    }
}

impl Read for ListRoleTagsRequest {
    fn read(&self, view: &View<'_>) -> Result<ListRoleTagsResponse, Fault> {
        let page = Page::new(view, "ListRoleTags", self.marker.as_deref(), self.max_items)?;
        let paged = tags::page(&page, &find(view, &self.role_name)?.tags);
        Ok(ListRoleTagsResponse {
            tags: paged.items,
            is_truncated: Some(paged.is_truncated),
            marker: paged.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{CreateRoleRequest, Tag};

    use super::*;
    use crate::testing::{ACCOUNT, Cell, assert_fault, trust};

    fn list(role_name: &str) -> ListRoleTagsRequest {
        ListRoleTagsRequest { role_name: role_name.to_owned(), ..Default::default() }
    }

    #[test]
    fn tags_come_in_pages_and_in_order() {
        let mut cell = Cell::new();
        let tag = |key: &str| Tag { key: key.to_owned(), value: format!("{key}!") };
        let request = CreateRoleRequest {
            role_name: "worker".to_owned(),
            assume_role_policy_document: trust(ACCOUNT),
            tags: vec![tag("b"), tag("a"), tag("c")],
            ..Default::default()
        };
        cell.write(request).unwrap();
        let first = ListRoleTagsRequest { max_items: Some(2), ..list("worker") };
        let first = cell.read(first).unwrap();
        assert_eq!((first.tags, first.is_truncated), (vec![tag("a"), tag("b")], Some(true)));
        let rest = ListRoleTagsRequest { marker: first.marker, ..list("worker") };
        let rest = cell.read(rest).unwrap();
        assert_eq!((rest.tags, rest.is_truncated), (vec![tag("c")], Some(false)));
    }

    #[test]
    fn no_such_role() {
        let message = "The role with name nothing cannot be found.";
        assert_fault(Cell::new().read(list("nothing")), "NoSuchEntity", message);
    }
}
