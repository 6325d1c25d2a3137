//! AddUserToGroup: puts a user into a group.

use model::quota;
use schema::Fault;
use schema::iam::v1::{AddUserToGroupRequest, AddUserToGroupResponse};

use super::super::user;
use super::find;
use crate::{Access, Operation, Txn, View, Write, faults};

impl Operation for AddUserToGroupRequest {
    type Response = AddUserToGroupResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::group("iam:AddUserToGroup", view, &self.group_name)]
    }
}

impl Write for AddUserToGroupRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<AddUserToGroupResponse, Fault> {
        let group_id = find(&txn.view(), &self.group_name)?.id.clone();
        let mut user = user::find(&txn.view(), &self.user_name)?.record().clone();
        // A user who is a member already is no fault.
        if user.group_ids.contains(&group_id) {
            return Ok(AddUserToGroupResponse {});
        }
        if user.group_ids.len() >= quota::GROUPS_PER_USER {
            return Err(faults::quota("GroupsPerUser", quota::GROUPS_PER_USER));
        }
        user.group_ids.push(group_id);
        txn.put(user);
        Ok(AddUserToGroupResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{CreateGroupRequest, GetGroupRequest, ListGroupsForUserRequest};

    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault};

    fn add(group_name: &str, user_name: &str) -> AddUserToGroupRequest {
        AddUserToGroupRequest { group_name: group_name.to_owned(), user_name: user_name.to_owned() }
    }

    fn cell_of(groups: &[&str]) -> Cell {
        let mut cell = Cell::new();
        for name in groups {
            let group_name = (*name).to_owned();
            cell.write(CreateGroupRequest { group_name, ..Default::default() }).unwrap();
        }
        cell
    }

    #[test]
    fn a_user_becomes_a_member_once() {
        let mut cell = cell_of(&["staff"]);
        cell.user("alice");
        for _ in 0..2 {
            cell.write(add("Staff", "Alice")).unwrap();
        }
        let request = GetGroupRequest { group_name: "staff".to_owned(), ..Default::default() };
        assert_eq!(cell.read(request).unwrap().users.len(), 1);
        let user_name = "alice".to_owned();
        let request = ListGroupsForUserRequest { user_name, ..Default::default() };
        assert_eq!(cell.read(request).unwrap().groups.len(), 1);
    }

    #[test]
    fn a_user_is_in_at_most_ten_groups() {
        let names: Vec<String> = (0..11).map(|number| format!("g{number}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut cell = cell_of(&names);
        cell.user("alice");
        for name in &names[..10] {
            cell.write(add(name, "alice")).unwrap();
        }
        assert_fault(
            cell.write(add("g10", "alice")),
            "LimitExceeded",
            "Cannot exceed quota for GroupsPerUser: 10",
        );
    }

    #[test]
    fn both_must_exist() {
        let mut cell = cell_of(&["staff"]);
        cell.user("alice");
        let message = "The group with name nothing cannot be found.";
        assert_fault(cell.write(add("nothing", "alice")), "NoSuchEntity", message);
        let message = "The user with name nobody cannot be found.";
        assert_fault(cell.write(add("staff", "nobody")), "NoSuchEntity", message);
    }

    #[test]
    fn the_right_is_asked_for_on_the_group() {
        let mut cell = cell_of(&["staff", "admins"]);
        let caller = cell.user("alice");
        let arn = format!("arn:aws:iam::{ACCOUNT}:group/staff");
        cell.allow("alice", &allow("iam:AddUserToGroup", &arn));
        cell.write_as(&caller, add("staff", "alice")).unwrap();
        let refused = cell.write_as(&caller, add("admins", "alice"));
        assert_eq!(refused.unwrap_err().code, "AccessDenied");
    }
}
