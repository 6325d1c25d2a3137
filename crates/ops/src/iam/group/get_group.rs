//! GetGroup: describes a group and lists its members, in the order of their names.

use model::Record;
use schema::Fault;
use schema::iam::v1::{GetGroupRequest, GetGroupResponse};

use super::super::user::brief;
use super::{find, message};
use crate::page::Page;
use crate::{Access, Operation, Read, View};

impl Operation for GetGroupRequest {
    type Response = GetGroupResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::group("iam:GetGroup", view, &self.group_name)]
    }
}

impl Read for GetGroupRequest {
    fn read(&self, view: &View<'_>) -> Result<GetGroupResponse, Fault> {
        let page = Page::new(view, "GetGroup", self.marker.as_deref(), self.max_items)?;
        let group = find(view, &self.group_name)?;
        let members = view.account().members(&group.id).map(|user| (user.key(), user));
        let members = members.filter(|(name, _)| page.after().is_none_or(|after| name > after));
        let paged = page.take(members.map(|(name, user)| (name, brief(user))));
        Ok(GetGroupResponse {
            group: Some(message(group)),
            users: paged.items,
            is_truncated: Some(paged.is_truncated),
            marker: paged.marker,
        })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{AddUserToGroupRequest, CreateGroupRequest, UpdateUserRequest};

    use super::*;
    use crate::testing::{Cell, assert_fault};

    fn get(group_name: &str) -> GetGroupRequest {
        GetGroupRequest { group_name: group_name.to_owned(), ..Default::default() }
    }

    fn names(answer: &GetGroupResponse) -> Vec<&str> {
        answer.users.iter().map(|user| user.user_name.as_str()).collect()
    }

    fn cell_of(members: &[&str]) -> Cell {
        let mut cell = Cell::new();
        let request = CreateGroupRequest { group_name: "staff".to_owned(), ..Default::default() };
        cell.write(request).unwrap();
        for name in members {
            cell.user(name);
            cell.write(AddUserToGroupRequest {
                group_name: "staff".to_owned(),
                user_name: (*name).to_owned(),
            })
            .unwrap();
        }
        cell
    }

    #[test]
    fn members_come_in_pages_with_the_group_on_each() {
        let cell = cell_of(&["c", "A", "b"]);
        let first = cell.read(GetGroupRequest { max_items: Some(2), ..get("staff") }).unwrap();
        assert_eq!((names(&first), first.is_truncated), (vec!["A", "b"], Some(true)));
        let request = GetGroupRequest { marker: first.marker.clone(), ..get("staff") };
        let second = cell.read(request).unwrap();
        assert_eq!((names(&second), second.is_truncated), (vec!["c"], Some(false)));
        assert_eq!(first.group, second.group);
        assert_eq!(first.group.unwrap().group_name, "staff");
    }

    #[test]
    fn a_renamed_member_stays_a_member() {
        let mut cell = cell_of(&["alice"]);
        cell.write(UpdateUserRequest {
            user_name: "alice".to_owned(),
            new_user_name: Some("zoe".to_owned()),
            ..Default::default()
        })
        .unwrap();
        assert_eq!(names(&cell.read(get("staff")).unwrap()), ["zoe"]);
    }

    #[test]
    fn no_such_group() {
        let message = "The group with name nothing cannot be found.";
        assert_fault(Cell::new().read(get("nothing")), "NoSuchEntity", message);
    }
}
