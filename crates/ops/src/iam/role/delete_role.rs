//! DeleteRole: deletes a role that has nothing left. Its sessions end with it.

use schema::Fault;
use schema::iam::v1::{DeleteRoleRequest, DeleteRoleResponse};

use super::find;
use crate::{Access, Operation, Txn, View, Write, faults};

impl Operation for DeleteRoleRequest {
    type Response = DeleteRoleResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::role("iam:DeleteRole", view, &self.role_name)]
    }
}

impl Write for DeleteRoleRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<DeleteRoleResponse, Fault> {
        let role = find(&txn.view(), &self.role_name)?.record().clone();
        if txn.account().profiles_of(&role.id).next().is_some() {
            return Err(faults::delete_conflict(
                "Cannot delete entity, must remove roles from instance profile first.",
            ));
        }
        if !role.attached_policies.is_empty() {
            return Err(faults::delete_conflict(
                "Cannot delete entity, must detach all policies first.",
            ));
        }
        if !role.inline_policies.is_empty() {
            return Err(faults::delete_conflict(
                "Cannot delete entity, must delete policies first.",
            ));
        }
        txn.delete(&role);
        Ok(DeleteRoleResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{
        AddRoleToInstanceProfileRequest, AttachRolePolicyRequest, CreateInstanceProfileRequest,
        DeleteRolePolicyRequest, DetachRolePolicyRequest, GetRoleRequest, PutRolePolicyRequest,
        RemoveRoleFromInstanceProfileRequest,
    };

    use super::super::made;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault};

    const READ_ONLY: &str = "arn:aws:iam::aws:policy/ReadOnlyAccess";

    fn cell() -> Cell {
        let mut cell = Cell::new();
        made(&mut cell, "Worker", ACCOUNT);
        cell
    }

    fn worker() -> String {
        "worker".to_owned()
    }

    fn delete() -> DeleteRoleRequest {
        DeleteRoleRequest { role_name: worker() }
    }

    #[test]
    fn a_bare_role_goes() {
        let mut cell = cell();
        cell.write(delete()).unwrap();
        let message = "The role with name worker cannot be found.";
        let gone = cell.read(GetRoleRequest { role_name: worker() });
        assert_fault(gone, "NoSuchEntity", message);
        assert_fault(cell.write(delete()), "NoSuchEntity", message);
    }

    #[test]
    fn policies_hold_it() {
        let mut cell = cell();
        let (role_name, policy_arn) = (worker(), READ_ONLY.to_owned());
        cell.write(AttachRolePolicyRequest { role_name, policy_arn }).unwrap();
        let message = "Cannot delete entity, must detach all policies first.";
        assert_fault(cell.write(delete()), "DeleteConflict", message);
        let (role_name, policy_arn) = (worker(), READ_ONLY.to_owned());
        cell.write(DetachRolePolicyRequest { role_name, policy_arn }).unwrap();
        let (role_name, policy_name) = (worker(), "p".to_owned());
        let policy_document = allow("*", "*");
        cell.write(PutRolePolicyRequest { role_name, policy_name, policy_document }).unwrap();
        let message = "Cannot delete entity, must delete policies first.";
        assert_fault(cell.write(delete()), "DeleteConflict", message);
        let (role_name, policy_name) = (worker(), "p".to_owned());
        cell.write(DeleteRolePolicyRequest { role_name, policy_name }).unwrap();
        cell.write(delete()).unwrap();
    }

    #[test]
    fn an_instance_profile_holds_it() {
        let mut cell = cell();
        let profile = || "profile".to_owned();
        let create =
            CreateInstanceProfileRequest { instance_profile_name: profile(), ..Default::default() };
        cell.write(create).unwrap();
        let (instance_profile_name, role_name) = (profile(), worker());
        cell.write(AddRoleToInstanceProfileRequest { instance_profile_name, role_name }).unwrap();
        let message = "Cannot delete entity, must remove roles from instance profile first.";
        assert_fault(cell.write(delete()), "DeleteConflict", message);
        let (instance_profile_name, role_name) = (profile(), worker());
        let remove = RemoveRoleFromInstanceProfileRequest { instance_profile_name, role_name };
        cell.write(remove).unwrap();
        cell.write(delete()).unwrap();
    }

    #[test]
    fn it_needs_the_right_on_that_role() {
        let mut cell = cell();
        let caller = cell.user("alice");
        cell.allow("alice", &allow("iam:DeleteRole", &format!("arn:aws:iam::{ACCOUNT}:role/x*")));
        assert_fault(
            cell.write_as(&caller, delete()),
            "AccessDenied",
            &format!(
                "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: \
                 iam:DeleteRole on resource: role worker because no identity-based policy allows \
                 the iam:DeleteRole action"
            ),
        );
    }
}
