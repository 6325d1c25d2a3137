//! DeleteGroup: deletes a group that has neither members nor policies.

use schema::Fault;
use schema::iam::v1::{DeleteGroupRequest, DeleteGroupResponse};

use super::find;
use crate::{Access, Operation, Txn, View, Write, faults};

impl Operation for DeleteGroupRequest {
    type Response = DeleteGroupResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::group("iam:DeleteGroup", view, &self.group_name)]
    }
}

impl Write for DeleteGroupRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<DeleteGroupResponse, Fault> {
        let group = find(&txn.view(), &self.group_name)?.record().clone();
        let conflict = if !group.attached_policies.is_empty() {
            Some("must detach all policies first.")
        } else if !group.inline_policies.is_empty() {
            Some("must delete policies first.")
        } else if txn.account().members(&group.id).next().is_some() {
            Some("must remove users from group first.")
        } else {
            None
        };
        if let Some(conflict) = conflict {
            return Err(faults::delete_conflict(format!("Cannot delete entity, {conflict}")));
        }
        txn.delete(&group);
        Ok(DeleteGroupResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{
        AddUserToGroupRequest, AttachGroupPolicyRequest, CreateGroupRequest,
        DeleteGroupPolicyRequest, DetachGroupPolicyRequest, PutGroupPolicyRequest,
        RemoveUserFromGroupRequest,
    };

    use super::*;
    use crate::testing::{Cell, allow, assert_fault};

    const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

    fn delete() -> DeleteGroupRequest {
        DeleteGroupRequest { group_name: group_name() }
    }

    fn group_name() -> String {
        "staff".to_owned()
    }

    /// A group with a member, an inline policy and an attached one.
    fn full_group() -> Cell {
        let mut cell = Cell::new();
        cell.user("alice");
        cell.write(CreateGroupRequest { group_name: group_name(), ..Default::default() }).unwrap();
        cell.write(AddUserToGroupRequest {
            group_name: group_name(),
            user_name: "alice".to_owned(),
        })
        .unwrap();
        cell.write(PutGroupPolicyRequest {
            group_name: group_name(),
            policy_name: "p".to_owned(),
            policy_document: allow("iam:*", "*"),
        })
        .unwrap();
        let policy_arn = READ_ONLY.to_owned();
        cell.write(AttachGroupPolicyRequest { group_name: group_name(), policy_arn }).unwrap();
        cell
    }

    #[test]
    fn a_group_goes_when_all_it_held_has_gone() {
        let mut cell = full_group();
        let refused = |cell: &mut Cell, message| {
            assert_fault(cell.write(delete()), "DeleteConflict", message);
        };
        refused(&mut cell, "Cannot delete entity, must detach all policies first.");
        let policy_arn = READ_ONLY.to_owned();
        cell.write(DetachGroupPolicyRequest { group_name: group_name(), policy_arn }).unwrap();
        refused(&mut cell, "Cannot delete entity, must delete policies first.");
        let policy_name = "p".to_owned();
        cell.write(DeleteGroupPolicyRequest { group_name: group_name(), policy_name }).unwrap();
        refused(&mut cell, "Cannot delete entity, must remove users from group first.");
        let user_name = "alice".to_owned();
        cell.write(RemoveUserFromGroupRequest { group_name: group_name(), user_name }).unwrap();
        cell.write(delete()).unwrap();
        let message = "The group with name staff cannot be found.";
        assert_fault(cell.write(delete()), "NoSuchEntity", message);
    }
}
