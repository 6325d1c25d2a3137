//! GetRole: describes a role, its trust policy included.

use schema::Fault;
use schema::iam::v1::{GetRoleRequest, GetRoleResponse};

use super::{find, full};
use crate::{Access, Operation, Read, View};

impl Operation for GetRoleRequest {
    type Response = GetRoleResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::role("iam:GetRole", view, &self.role_name)]
    }
}

impl Read for GetRoleRequest {
    fn read(&self, view: &View<'_>) -> Result<GetRoleResponse, Fault> {
        let role = find(view, &self.role_name)?;
        Ok(GetRoleResponse { role: Some(full(view.state(), role)) })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{CreateUserRequest, DeleteUserRequest, RoleLastUsed, UpdateUserRequest};

    use super::super::made;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, assert_fault, trust};

    fn get(name: &str) -> GetRoleRequest {
        GetRoleRequest { role_name: name.to_owned() }
    }

    #[test]
    fn a_role_that_was_never_used_has_an_empty_last_use() {
        let mut cell = Cell::new();
        made(&mut cell, "Worker", ACCOUNT);
        let role = cell.read(get("worker")).unwrap().role.unwrap();
        assert_eq!((role.role_name.as_str(), role.path.as_str()), ("Worker", "/"));
        assert_eq!((role.max_session_duration, &role.description), (Some(3_600), &None));
        assert_eq!(role.role_last_used, Some(RoleLastUsed::default()));
        assert_eq!(role.assume_role_policy_document, Some(trust(ACCOUNT)));
    }

    #[test]
    fn a_principal_that_is_gone_shows_as_its_id_even_when_its_name_comes_back() {
        let mut cell = Cell::new();
        let alice = || CreateUserRequest { user_name: "alice".to_owned(), ..Default::default() };
        let arn = format!("arn:aws:iam::{ACCOUNT}:user/alice");
        let first = cell.write(alice()).unwrap().user.unwrap();
        made(&mut cell, "worker", &arn);
        let document = |cell: &Cell| {
            let role = cell.read(get("worker")).unwrap().role.unwrap();
            role.assume_role_policy_document.unwrap()
        };
        assert_eq!(document(&cell), trust(&arn));
        cell.write(DeleteUserRequest { user_name: "alice".to_owned() }).unwrap();
        assert_eq!(document(&cell), trust(&first.user_id));
        cell.write(alice()).unwrap();
        assert_eq!(document(&cell), trust(&first.user_id));
    }

    /// Source: IAM User Guide, "Rename an IAM user", on policies that name the user as principal.
    #[test]
    fn a_principal_that_was_renamed_shows_under_its_new_arn() {
        let mut cell = Cell::new();
        let user_name = || "alice".to_owned();
        cell.write(CreateUserRequest { user_name: user_name(), ..Default::default() }).unwrap();
        made(&mut cell, "worker", &format!("arn:aws:iam::{ACCOUNT}:user/alice"));
        cell.write(UpdateUserRequest {
            user_name: user_name(),
            new_user_name: Some("alicia".to_owned()),
            new_path: Some("/team/".to_owned()),
        })
        .unwrap();
        cell.write(CreateUserRequest { user_name: user_name(), ..Default::default() }).unwrap();
        let role = cell.read(get("worker")).unwrap().role.unwrap();
        let renamed = trust(&format!("arn:aws:iam::{ACCOUNT}:user/team/alicia"));
        assert_eq!(role.assume_role_policy_document(), renamed);
    }

    #[test]
    fn no_such_role() {
        let message = "The role with name nothing cannot be found.";
        assert_fault(Cell::new().read(get("nothing")), "NoSuchEntity", message);
    }

    #[test]
    fn refused_before_it_is_looked_up() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        assert_fault(
            cell.read_as(&caller, get("nothing")),
            "AccessDenied",
            &format!(
                "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: \
                 iam:GetRole on resource: role nothing because no identity-based policy allows \
                 the iam:GetRole action"
            ),
        );
    }
}
