//! AddRoleToInstanceProfile: puts a role into an instance profile that has none.

use schema::Fault;
use schema::iam::v1::{AddRoleToInstanceProfileRequest, AddRoleToInstanceProfileResponse};

use super::find;
use crate::{Access, Operation, Txn, View, Write, faults};

impl Operation for AddRoleToInstanceProfileRequest {
    type Response = AddRoleToInstanceProfileResponse;

    /// Handing a role to machines needs the right to pass it, too.
    ///
    /// Source: IAM User Guide, "Grant a user permissions to pass a role to an AWS service".
    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let name = &self.instance_profile_name;
        let add = Access::instance_profile("iam:AddRoleToInstanceProfile", view, name);
        vec![add, Access::pass_role(view, &self.role_name, "ec2.amazonaws.com")]
    }
}

impl Write for AddRoleToInstanceProfileRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<AddRoleToInstanceProfileResponse, Fault> {
        let mut profile = find(&txn.view(), &self.instance_profile_name)?.record().clone();
        let role = txn.account().roles().named(&self.role_name);
        let role_id = role.ok_or_else(|| faults::no_role(&self.role_name))?.id.clone();
        if !profile.role_id.is_empty() {
            return Err(faults::quota("InstanceSessionsPerInstanceProfile", 1));
        }
        profile.role_id = role_id;
        txn.put(profile);
        Ok(AddRoleToInstanceProfileResponse {})
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{add, cell};
    use crate::testing::{ACCOUNT, assert_fault};

    #[test]
    fn a_profile_holds_one_role() {
        let mut cell = cell();
        cell.write(add("machine", "One")).unwrap();
        for role in ["one", "two"] {
            assert_fault(
                cell.write(add("machine", role)),
                "LimitExceeded",
                "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1",
            );
        }
    }

    #[test]
    fn both_must_exist() {
        let mut cell = cell();
        let message = "Instance Profile nothing cannot be found.";
        assert_fault(cell.write(add("nothing", "one")), "NoSuchEntity", message);
        let message = "The role with name none cannot be found.";
        assert_fault(cell.write(add("machine", "none")), "NoSuchEntity", message);
    }

    #[test]
    fn the_role_must_be_one_that_the_caller_may_pass_to_machines() {
        let mut cell = cell();
        let caller = cell.user("alice");
        cell.allow(
            "alice",
            &format!(
                r#"{{"Version":"2012-10-17","Statement":[
                    {{"Effect":"Allow","Action":"iam:AddRoleToInstanceProfile","Resource":"*"}},
                    {{"Effect":"Allow","Action":"iam:PassRole",
                      "Resource":"arn:aws:iam::{ACCOUNT}:role/two","Condition":
                      {{"StringEquals":{{"iam:PassedToService":"ec2.amazonaws.com"}}}}}}]}}"#
            ),
        );
        assert_fault(
            cell.write_as(&caller, add("machine", "one")),
            "AccessDenied",
            &format!(
                "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: \
                 iam:PassRole on resource: arn:aws:iam::{ACCOUNT}:role/one because no \
                 identity-based policy allows the iam:PassRole action"
            ),
        );
        cell.write_as(&caller, add("machine", "two")).unwrap();
    }
}
