//! ListRoles: lists the roles below a path, in the order of their names.

use schema::Fault;
use schema::iam::v1::{ListRolesRequest, ListRolesResponse};

use super::listed;
use crate::page::Page;
use crate::{Access, Operation, Read, View};

impl Operation for ListRolesRequest {
    type Response = ListRolesResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::list("iam:ListRoles", view, "role", self.path_prefix.as_deref())]
    }
}

impl Read for ListRolesRequest {
    fn read(&self, view: &View<'_>) -> Result<ListRolesResponse, Fault> {
        let page = Page::new(view, "ListRoles", self.marker.as_deref(), self.max_items)?;
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        let roles = view.account().roles().after(page.after());
        let roles = roles.filter(|(_, role)| role.path.starts_with(prefix));
        let paged = page.take(roles.map(|(name, role)| (name.clone(), listed(view.state(), role))));
        Ok(ListRolesResponse {
            roles: paged.items,
            is_truncated: Some(paged.is_truncated),
            marker: paged.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{CreateRoleRequest, Tag};

    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault, trust};

    fn cell_of(roles: &[(&str, &str)]) -> Cell {
        let mut cell = Cell::new();
        for (path, name) in roles {
            let request = CreateRoleRequest {
                path: Some((*path).to_owned()),
                role_name: (*name).to_owned(),
                assume_role_policy_document: trust(ACCOUNT),
                description: Some("works".to_owned()),
                permissions_boundary: Some("arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()),
                tags: vec![Tag { key: "k".to_owned(), value: "v".to_owned() }],
                ..Default::default()
            };
            cell.write(request).unwrap();
        }
        cell
    }

    fn names(response: &ListRolesResponse) -> Vec<&str> {
        response.roles.iter().map(|role| role.role_name.as_str()).collect()
    }

    #[test]
    fn pages_follow_each_other_in_the_order_of_names() {
        let cell = cell_of(&[("/", "c"), ("/", "A"), ("/", "b")]);
        let page = |marker| {
            cell.read(ListRolesRequest { max_items: Some(2), marker, ..Default::default() })
                .unwrap()
        };
        let first = page(None);
        assert_eq!((names(&first), first.is_truncated), (vec!["A", "b"], Some(true)));
        let second = page(first.marker.clone());
        assert_eq!((names(&second), second.is_truncated), (vec!["c"], Some(false)));
    }

    #[test]
    fn a_prefix_selects() {
        let cell = cell_of(&[("/a/", "one"), ("/b/", "two")]);
        let request =
            ListRolesRequest { path_prefix: Some("/b/".to_owned()), ..Default::default() };
        assert_eq!(names(&cell.read(request).unwrap()), ["two"]);
    }

    #[test]
    fn descriptions_are_listed_but_not_tags_boundaries_and_last_use() {
        let cell = cell_of(&[("/", "worker")]);
        let role = cell.read(ListRolesRequest::default()).unwrap().roles.remove(0);
        assert_eq!((role.description(), role.max_session_duration()), ("works", 3_600));
        assert_eq!(
            (role.tags, role.permissions_boundary, role.role_last_used),
            (vec![], None, None)
        );
    }

    #[test]
    fn a_policy_can_open_one_path() {
        let mut cell = cell_of(&[("/a/", "one")]);
        let caller = cell.user("alice");
        cell.allow("alice", &allow("iam:ListRoles", &format!("arn:aws:iam::{ACCOUNT}:role/a/*")));
        let below = |path: &str| ListRolesRequest {
            path_prefix: Some(path.to_owned()),
            ..Default::default()
        };
        cell.read_as(&caller, below("/a/")).unwrap();
        assert_fault(
            cell.read_as(&caller, below("/b/")),
            "AccessDenied",
            &format!(
                "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: \
                 iam:ListRoles on resource: arn:aws:iam::{ACCOUNT}:role/b/ because no \
                 identity-based policy allows the iam:ListRoles action"
            ),
        );
    }
}
