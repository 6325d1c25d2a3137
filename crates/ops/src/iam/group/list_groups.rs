//! ListGroups: lists the groups below a path, in the order of their names.

use schema::Fault;
use schema::iam::v1::{ListGroupsRequest, ListGroupsResponse};

use super::message;
use crate::page::Page;
use crate::{Access, Operation, Read, View};

impl Operation for ListGroupsRequest {
    type Response = ListGroupsResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::list("iam:ListGroups", view, "group", self.path_prefix.as_deref())]
    }
}

impl Read for ListGroupsRequest {
    fn read(&self, view: &View<'_>) -> Result<ListGroupsResponse, Fault> {
        let page = Page::new(view, "ListGroups", self.marker.as_deref(), self.max_items)?;
        let prefix = self.path_prefix.as_deref().unwrap_or("/");
        let groups = view.account().groups().after(page.after());
        let groups = groups.filter(|(_, group)| group.path.starts_with(prefix));
        let paged = page.take(groups.map(|(name, group)| (name.clone(), message(group))));
        Ok(ListGroupsResponse {
            groups: paged.items,
            is_truncated: Some(paged.is_truncated),
            marker: paged.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::CreateGroupRequest;

    use super::*;
    use crate::testing::Cell;

    fn cell() -> Cell {
        let mut cell = Cell::new();
        for (path, name) in [("/x/", "c"), ("/", "B"), ("/x/y/", "a")] {
            cell.write(CreateGroupRequest {
                path: Some(path.to_owned()),
                group_name: name.to_owned(),
            })
            .unwrap();
        }
        cell
    }

    fn names(answer: &ListGroupsResponse) -> Vec<&str> {
        answer.groups.iter().map(|group| group.group_name.as_str()).collect()
    }

    #[test]
    fn pages_follow_each_other_in_the_order_of_names() {
        let cell = cell();
        let request = ListGroupsRequest { max_items: Some(2), ..Default::default() };
        let first = cell.read(request).unwrap();
        assert_eq!((names(&first), first.is_truncated), (vec!["a", "B"], Some(true)));
        let request = ListGroupsRequest { marker: first.marker.clone(), ..Default::default() };
        let second = cell.read(request).unwrap();
        assert_eq!((names(&second), second.is_truncated), (vec!["c"], Some(false)));
    }

    #[test]
    fn a_prefix_selects() {
        let request =
            ListGroupsRequest { path_prefix: Some("/x/".to_owned()), ..Default::default() };
        assert_eq!(names(&cell().read(request).unwrap()), ["a", "c"]);
    }
}
