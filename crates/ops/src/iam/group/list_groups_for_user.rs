//! ListGroupsForUser: lists the groups that a user is in, in the order of their names.

use model::Record;
use schema::Fault;
use schema::iam::v1::{ListGroupsForUserRequest, ListGroupsForUserResponse};

use super::super::user;
use super::message;
use crate::page::Page;
use crate::{Access, Operation, Read, View};

impl Operation for ListGroupsForUserRequest {
    type Response = ListGroupsForUserResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::user("iam:ListGroupsForUser", view, &self.user_name)]
    }
}

impl Read for ListGroupsForUserRequest {
    fn read(&self, view: &View<'_>) -> Result<ListGroupsForUserResponse, Fault> {
        let page = Page::new(view, "ListGroupsForUser", self.marker.as_deref(), self.max_items)?;
        let user = user::find(view, &self.user_name)?;
        let groups = user.group_ids.iter().filter_map(|id| view.account().group_by_id(id));
        let paged = page.take_sorted(groups.map(|group| (group.key(), message(group))));
        Ok(ListGroupsForUserResponse {
            groups: paged.items,
            is_truncated: Some(paged.is_truncated),
            marker: paged.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{AddUserToGroupRequest, CreateGroupRequest};

    use super::*;
    use crate::testing::{Cell, assert_fault};

    fn list(user_name: &str) -> ListGroupsForUserRequest {
        ListGroupsForUserRequest { user_name: user_name.to_owned(), ..Default::default() }
    }

    #[test]
    fn groups_come_in_pages_and_in_order() {
        let mut cell = Cell::new();
        cell.user("alice");
        for name in ["c", "A", "b"] {
            let group_name = name.to_owned();
            cell.write(CreateGroupRequest { group_name, ..Default::default() }).unwrap();
            cell.write(AddUserToGroupRequest {
                group_name: name.to_owned(),
                user_name: "alice".to_owned(),
            })
            .unwrap();
        }
        let names = |answer: &ListGroupsForUserResponse| {
            answer.groups.iter().map(|group| group.group_name.clone()).collect::<Vec<_>>()
        };
        let first = ListGroupsForUserRequest { max_items: Some(2), ..list("alice") };
        let first = cell.read(first).unwrap();
        assert_eq!((names(&first).join(" ").as_str(), first.is_truncated), ("A b", Some(true)));
        let rest = ListGroupsForUserRequest { marker: first.marker, ..list("alice") };
        let rest = cell.read(rest).unwrap();
        assert_eq!((names(&rest).join(" ").as_str(), rest.is_truncated), ("c", Some(false)));
    }

    #[test]
    fn no_such_user() {
        let message = "The user with name nobody cannot be found.";
        assert_fault(Cell::new().read(list("nobody")), "NoSuchEntity", message);
    }
}
