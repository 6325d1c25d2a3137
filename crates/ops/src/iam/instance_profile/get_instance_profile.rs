//! GetInstanceProfile: describes an instance profile and its role.

use schema::Fault;
use schema::iam::v1::{GetInstanceProfileRequest, GetInstanceProfileResponse};

use super::{find, full};
use crate::{Access, Operation, Read, View};

impl Operation for GetInstanceProfileRequest {
    type Response = GetInstanceProfileResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let name = &self.instance_profile_name;
        vec![Access::instance_profile("iam:GetInstanceProfile", view, name)]
    }
}

impl Read for GetInstanceProfileRequest {
    fn read(&self, view: &View<'_>) -> Result<GetInstanceProfileResponse, Fault> {
        let profile = find(view, &self.instance_profile_name)?;
        Ok(GetInstanceProfileResponse { instance_profile: Some(full(view, profile)) })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{CreateUserRequest, DeleteUserRequest, UpdateAssumeRolePolicyRequest};

    use super::super::tests::{add, cell};
    use super::*;
    use crate::testing::{ACCOUNT, assert_fault, trust};

    fn get(name: &str) -> GetInstanceProfileRequest {
        GetInstanceProfileRequest { instance_profile_name: name.to_owned() }
    }

    #[test]
    fn the_role_stands_in_it_with_its_trust_policy() {
        let mut cell = cell();
        cell.write(add("machine", "one")).unwrap();
        let profile = cell.read(get("Machine")).unwrap().instance_profile.unwrap();
        let role = &profile.roles[0];
        assert_eq!((profile.roles.len(), role.role_name.as_str()), (1, "one"));
        assert_eq!(role.assume_role_policy_document.as_deref(), Some(trust(ACCOUNT).as_str()));
    }

    #[test]
    fn the_role_shows_its_trust_policy_as_get_role_does() {
        let mut cell = cell();
        let user_name = || "alice".to_owned();
        let create = CreateUserRequest { user_name: user_name(), ..Default::default() };
        let user = cell.write(create).unwrap().user.unwrap();
        let (role_name, policy_document) = ("one".to_owned(), trust(&user.arn));
        cell.write(UpdateAssumeRolePolicyRequest { role_name, policy_document }).unwrap();
        cell.write(add("machine", "one")).unwrap();
        cell.write(DeleteUserRequest { user_name: user_name() }).unwrap();
        let profile = cell.read(get("machine")).unwrap().instance_profile.unwrap();
        assert_eq!(profile.roles[0].assume_role_policy_document(), trust(&user.user_id));
    }

    #[test]
    fn no_such_profile_and_no_right() {
        let mut cell = cell();
        let message = "Instance Profile nothing cannot be found.";
        assert_fault(cell.read(get("nothing")), "NoSuchEntity", message);
        let caller = cell.user("alice");
        assert_fault(
            cell.read_as(&caller, get("machine")),
            "AccessDenied",
            &format!(
                "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: \
                 iam:GetInstanceProfile on resource: instance profile machine because no \
                 identity-based policy allows the iam:GetInstanceProfile action"
            ),
        );
    }
}
