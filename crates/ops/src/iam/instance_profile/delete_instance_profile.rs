//! DeleteInstanceProfile: deletes an instance profile without a role.

use schema::Fault;
use schema::iam::v1::{DeleteInstanceProfileRequest, DeleteInstanceProfileResponse};

use super::find;
use crate::{Access, Operation, Txn, View, Write, faults};

impl Operation for DeleteInstanceProfileRequest {
    type Response = DeleteInstanceProfileResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let name = &self.instance_profile_name;
        vec![Access::instance_profile("iam:DeleteInstanceProfile", view, name)]
    }
}

impl Write for DeleteInstanceProfileRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<DeleteInstanceProfileResponse, Fault> {
        let profile = find(&txn.view(), &self.instance_profile_name)?.record().clone();
        if !profile.role_id.is_empty() {
            return Err(faults::delete_conflict(
                "Cannot delete entity, must remove roles from instance profile first.",
            ));
        }
        txn.delete(&profile);
        Ok(DeleteInstanceProfileResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::RemoveRoleFromInstanceProfileRequest;

    use super::super::tests::{add, cell};
    use super::*;
    use crate::testing::assert_fault;

    #[test]
    fn a_profile_goes_once_its_role_is_out() {
        let mut cell = cell();
        let delete =
            || DeleteInstanceProfileRequest { instance_profile_name: "machine".to_owned() };
        cell.write(add("machine", "one")).unwrap();
        assert_fault(
            cell.write(delete()),
            "DeleteConflict",
            "Cannot delete entity, must remove roles from instance profile first.",
        );
        cell.write(RemoveRoleFromInstanceProfileRequest {
            instance_profile_name: "machine".to_owned(),
            role_name: "one".to_owned(),
        })
        .unwrap();
        cell.write(delete()).unwrap();
        let message = "Instance Profile machine cannot be found.";
        assert_fault(cell.write(delete()), "NoSuchEntity", message);
    }
}
