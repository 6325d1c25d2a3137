//! RemoveRoleFromInstanceProfile: takes the role out of an instance profile.

use schema::Fault;
use schema::iam::v1::{
    RemoveRoleFromInstanceProfileRequest, RemoveRoleFromInstanceProfileResponse,
};

use super::find;
use crate::{Access, Operation, Txn, View, Write, faults};

impl Operation for RemoveRoleFromInstanceProfileRequest {
    type Response = RemoveRoleFromInstanceProfileResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let name = &self.instance_profile_name;
        vec![Access::instance_profile("iam:RemoveRoleFromInstanceProfile", view, name)]
    }
}

impl Write for RemoveRoleFromInstanceProfileRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<RemoveRoleFromInstanceProfileResponse, Fault> {
        let mut profile = find(&txn.view(), &self.instance_profile_name)?.record().clone();
        let role = txn.account().roles().named(&self.role_name);
        let role = role.ok_or_else(|| faults::no_role(&self.role_name))?;
        if profile.role_id != role.id {
            return Err(faults::no_such_entity(format!(
                "Role {} in Instance Profile {} cannot be found.",
                self.role_name, self.instance_profile_name
            )));
        }
        profile.role_id.clear();
        txn.put(profile);
        Ok(RemoveRoleFromInstanceProfileResponse {})
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{add, cell};
    use super::*;
    use crate::testing::assert_fault;

    fn remove(profile: &str, role: &str) -> RemoveRoleFromInstanceProfileRequest {
        RemoveRoleFromInstanceProfileRequest {
            instance_profile_name: profile.to_owned(),
            role_name: role.to_owned(),
        }
    }

    #[test]
    fn another_role_may_follow() {
        let mut cell = cell();
        cell.write(add("machine", "one")).unwrap();
        let message = "Role two in Instance Profile machine cannot be found.";
        assert_fault(cell.write(remove("machine", "two")), "NoSuchEntity", message);
        cell.write(remove("Machine", "ONE")).unwrap();
        let message = "Role one in Instance Profile machine cannot be found.";
        assert_fault(cell.write(remove("machine", "one")), "NoSuchEntity", message);
        cell.write(add("machine", "two")).unwrap();
    }

    #[test]
    fn both_must_exist() {
        let mut cell = cell();
        let message = "Instance Profile nothing cannot be found.";
        assert_fault(cell.write(remove("nothing", "one")), "NoSuchEntity", message);
        let message = "The role with name none cannot be found.";
        assert_fault(cell.write(remove("machine", "none")), "NoSuchEntity", message);
    }
}
