//! UpdateAssumeRolePolicy: replaces the trust policy of a role. Sessions that exist go on.

use schema::Fault;
use schema::iam::v1::{UpdateAssumeRolePolicyRequest, UpdateAssumeRolePolicyResponse};

use super::{find, trust};
use crate::{Access, Operation, Txn, View, Write};

impl Operation for UpdateAssumeRolePolicyRequest {
    type Response = UpdateAssumeRolePolicyResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::role("iam:UpdateAssumeRolePolicy", view, &self.role_name)]
    }
}

impl Write for UpdateAssumeRolePolicyRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<UpdateAssumeRolePolicyResponse, Fault> {
        let mut role = find(&txn.view(), &self.role_name)?.record().clone();
        trust::set(txn.state(), &mut role, &self.policy_document)?;
        txn.put(role);
        Ok(UpdateAssumeRolePolicyResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{
        CreateUserRequest, DeleteAccessKeyRequest, DeleteUserRequest, GetRoleRequest,
    };
    use schema::sts::v1::AssumeRoleRequest;

    use super::super::made;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault, trust};

    fn cell() -> Cell {
        let mut cell = Cell::new();
        made(&mut cell, "worker", ACCOUNT);
        cell
    }

    fn update(policy_document: &str) -> UpdateAssumeRolePolicyRequest {
        UpdateAssumeRolePolicyRequest {
            role_name: "worker".to_owned(),
            policy_document: policy_document.to_owned(),
        }
    }

    fn assume() -> AssumeRoleRequest {
        AssumeRoleRequest {
            role_arn: format!("arn:aws:iam::{ACCOUNT}:role/worker"),
            role_session_name: "work".to_owned(),
            ..Default::default()
        }
    }

    #[test]
    fn a_trust_policy_takes_the_old_ones_place() {
        let mut cell = cell();
        let alice = cell.user("alice");
        assert_eq!(cell.mint_as(&alice, assume()).unwrap_err().code, "AccessDenied");
        let document = trust(&format!("arn:aws:iam::{ACCOUNT}:user/alice"));
        cell.write(update(&document)).unwrap();
        assert!(cell.mint_as(&alice, assume()).is_ok());
        let role = cell.read(GetRoleRequest { role_name: "worker".to_owned() }).unwrap();
        assert_eq!(role.role.unwrap().assume_role_policy_document(), document);
    }

    #[test]
    fn a_user_made_again_is_trusted_only_once_the_policy_is_saved_again() {
        let mut cell = cell();
        let alice = cell.user("alice");
        let document = trust(&format!("arn:aws:iam::{ACCOUNT}:user/alice"));
        cell.write(update(&document)).unwrap();
        assert!(cell.mint_as(&alice, assume()).is_ok());
        let (user_name, access_key_id) = (Some("alice".to_owned()), alice.access_key_id);
        cell.write(DeleteAccessKeyRequest { user_name, access_key_id }).unwrap();
        cell.write(DeleteUserRequest { user_name: "alice".to_owned() }).unwrap();
        let alice = cell.user("alice");
        assert_eq!(cell.mint_as(&alice, assume()).unwrap_err().code, "AccessDenied");
        cell.write(update(&document)).unwrap();
        assert!(cell.mint_as(&alice, assume()).is_ok());
    }

    #[test]
    fn the_id_of_somebody_who_is_gone_cannot_be_saved() {
        let mut cell = cell();
        let user_name = || "alice".to_owned();
        let create = CreateUserRequest { user_name: user_name(), ..Default::default() };
        let id = cell.write(create).unwrap().user.unwrap().user_id;
        cell.write(update(&trust(&id))).unwrap();
        cell.write(DeleteUserRequest { user_name: user_name() }).unwrap();
        assert_fault(
            cell.write(update(&trust(&id))),
            "MalformedPolicyDocument",
            &format!(r#"Invalid principal in policy: "AWS":"{id}""#),
        );
    }

    #[test]
    fn what_is_no_trust_policy_is_refused() {
        let mut cell = cell();
        for (document, message) in [
            ("{".to_owned(), "This policy contains invalid Json"),
            (allow("sts:AssumeRole", "*"), "Has prohibited field Resource"),
            (
                trust(ACCOUNT).replace("sts:AssumeRole", "iam:GetUser"),
                "AssumeRole policy may only specify STS AssumeRole actions.",
            ),
        ] {
            assert_fault(cell.write(update(&document)), "MalformedPolicyDocument", message);
        }
    }

    #[test]
    fn no_such_role() {
        let message = "The role with name worker cannot be found.";
        assert_fault(Cell::new().write(update(&trust(ACCOUNT))), "NoSuchEntity", message);
    }
}
