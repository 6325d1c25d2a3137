//! RemoveUserFromGroup: takes a user out of a group.

use schema::Fault;
use schema::iam::v1::{RemoveUserFromGroupRequest, RemoveUserFromGroupResponse};

use super::super::user;
use super::find;
use crate::{Access, Operation, Txn, View, Write};

impl Operation for RemoveUserFromGroupRequest {
    type Response = RemoveUserFromGroupResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::group("iam:RemoveUserFromGroup", view, &self.group_name)]
    }
}

impl Write for RemoveUserFromGroupRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<RemoveUserFromGroupResponse, Fault> {
        let group_id = find(&txn.view(), &self.group_name)?.id.clone();
        let mut user = user::find(&txn.view(), &self.user_name)?.record().clone();
        // A user who is no member is no fault: AWS answers success.
        if user.group_ids.contains(&group_id) {
            user.group_ids.retain(|id| *id != group_id);
            txn.put(user);
        }
        Ok(RemoveUserFromGroupResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{
        AddUserToGroupRequest, CreateGroupRequest, ListGroupsForUserRequest, PutGroupPolicyRequest,
    };

    use super::*;
    use crate::testing::{Cell, allow, assert_fault};

    fn remove(group_name: &str, user_name: &str) -> RemoveUserFromGroupRequest {
        RemoveUserFromGroupRequest {
            group_name: group_name.to_owned(),
            user_name: user_name.to_owned(),
        }
    }

    fn cell() -> Cell {
        let mut cell = Cell::new();
        let request = CreateGroupRequest { group_name: "staff".to_owned(), ..Default::default() };
        cell.write(request).unwrap();
        cell
    }

    #[test]
    fn what_the_group_allowed_is_allowed_no_more() {
        let mut cell = cell();
        let caller = cell.user("alice");
        cell.write(AddUserToGroupRequest {
            group_name: "staff".to_owned(),
            user_name: "alice".to_owned(),
        })
        .unwrap();
        cell.write(PutGroupPolicyRequest {
            group_name: "staff".to_owned(),
            policy_name: "p".to_owned(),
            policy_document: allow("iam:*", "*"),
        })
        .unwrap();
        cell.write_as(&caller, remove("staff", "alice")).unwrap();
        let list = ListGroupsForUserRequest { user_name: "alice".to_owned(), ..Default::default() };
        assert_eq!(cell.read_as(&caller, list.clone()).unwrap_err().code, "AccessDenied");
        assert_eq!(cell.read(list).unwrap().groups.len(), 0);
    }

    #[test]
    fn who_is_no_member_is_no_fault() {
        let mut cell = cell();
        cell.user("alice");
        cell.write(remove("staff", "alice")).unwrap();
    }

    #[test]
    fn both_must_exist() {
        let mut cell = cell();
        let message = "The group with name nothing cannot be found.";
        assert_fault(cell.write(remove("nothing", "any-user")), "NoSuchEntity", message);
        let message = "The user with name any-user cannot be found.";
        assert_fault(cell.write(remove("staff", "any-user")), "NoSuchEntity", message);
    }
}
