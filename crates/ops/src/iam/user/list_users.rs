//! ListUsers: lists the users below a path, in the order of their names.

use schema::Fault;
use schema::iam::v1::{ListUsersRequest, ListUsersResponse};

use super::brief;
use crate::page::Page;
use crate::{Access, Operation, Read, View};

impl Operation for ListUsersRequest {
    type Response = ListUsersResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::list("iam:ListUsers", view, "user", self.path_prefix.as_deref())]
    }
}

impl Read for ListUsersRequest {
    fn read(&self, view: &View<'_>) -> Result<ListUsersResponse, Fault> {
        let page = Page::new(view, "ListUsers", self.marker.as_deref(), self.max_items)?;
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        let users = view.account().users().after(page.after());
        let users = users.filter(|(_, user)| user.path.starts_with(prefix));
        let paged = page.take(users.map(|(name, user)| (name.clone(), brief(user))));
        Ok(ListUsersResponse {
            users: paged.items,
            is_truncated: Some(paged.is_truncated),
            marker: paged.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::CreateUserRequest;

    use super::*;
    use crate::testing::{Cell, assert_fault};

    fn cell_of(users: &[(&str, &str)]) -> Cell {
        let mut cell = Cell::new();
        for (path, name) in users {
            let request = CreateUserRequest {
                path: Some((*path).to_owned()),
                user_name: (*name).to_owned(),
                ..Default::default()
            };
            cell.write(request).unwrap();
        }
        cell
    }

    #[test]
    fn pages_follow_each_other_in_the_order_of_names() {
        let cell = cell_of(&[("/", "c"), ("/", "A"), ("/", "b")]);
        let page = |marker| {
            let request = ListUsersRequest { max_items: Some(2), marker, ..Default::default() };
            cell.read(request).unwrap()
        };
        let first = page(None);
        let names = |page: &ListUsersResponse| {
            page.users.iter().map(|user| user.user_name.clone()).collect::<Vec<_>>()
        };
        assert_eq!(
            (names(&first), first.is_truncated),
            (vec!["A".to_owned(), "b".to_owned()], Some(true))
        );
        let second = page(first.marker);
        assert_eq!((names(&second), second.is_truncated), (vec!["c".to_owned()], Some(false)));
        assert_eq!(second.marker, None);
    }

    #[test]
    fn a_prefix_selects() {
        let cell = cell_of(&[("/a/", "one"), ("/b/", "two")]);
        let request = ListUsersRequest { path_prefix: Some("/b".to_owned()), ..Default::default() };
        assert_eq!(cell.read(request).unwrap().users[0].user_name, "two");
    }

    #[test]
    fn a_marker_that_was_not_issued_is_refused() {
        let request = ListUsersRequest { marker: Some("junk".to_owned()), ..Default::default() };
        assert_fault(Cell::new().read(request), "ValidationError", "Invalid Marker.");
    }
}
