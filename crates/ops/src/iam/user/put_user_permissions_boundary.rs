//! PutUserPermissionsBoundary: sets the policy that bounds what a user can be allowed.

use schema::Fault;
use schema::iam::v1::{PutUserPermissionsBoundaryRequest, PutUserPermissionsBoundaryResponse};

use super::super::boundary;
use super::find;
use crate::{Access, Operation, Txn, View, Write};

impl Operation for PutUserPermissionsBoundaryRequest {
    type Response = PutUserPermissionsBoundaryResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        // `iam:PermissionsBoundary` is the boundary to be set, not the one that stands.
        let put = Access::user("iam:PutUserPermissionsBoundary", view, &self.user_name);
        vec![put.bounded(&self.permissions_boundary)]
    }
}

impl Write for PutUserPermissionsBoundaryRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<PutUserPermissionsBoundaryResponse, Fault> {
        let mut user = find(&txn.view(), &self.user_name)?.record().clone();
        user.boundary = boundary::checked(&txn.view(), Some(&self.permissions_boundary))?;
        txn.put(user);
        Ok(PutUserPermissionsBoundaryResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{GetUserRequest, ListUsersRequest};

    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault};

    const READ_ONLY: &str = "arn:aws:iam::aws:policy/IAMReadOnlyAccess";
    const SSH_KEYS: &str = "arn:aws:iam::aws:policy/IAMUserSSHKeys";

    fn put(user_name: &str, policy_arn: &str) -> PutUserPermissionsBoundaryRequest {
        PutUserPermissionsBoundaryRequest {
            user_name: user_name.to_owned(),
            permissions_boundary: policy_arn.to_owned(),
        }
    }

    #[test]
    fn a_boundary_is_shown_and_takes_what_it_does_not_allow() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        cell.allow("alice", &allow("*", "*"));
        cell.write(put("alice", READ_ONLY)).unwrap();
        let user = GetUserRequest { user_name: Some("alice".to_owned()) };
        let user = cell.read_as(&caller, user).unwrap().user.unwrap();
        let boundary = user.permissions_boundary.unwrap();
        assert_eq!(boundary.permissions_boundary_arn.as_deref(), Some(READ_ONLY));
        cell.write(put("alice", SSH_KEYS)).unwrap();
        assert_fault(
            cell.read_as(&caller, ListUsersRequest::default()),
            "AccessDenied",
            &format!(
                "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: \
                 iam:ListUsers on resource: arn:aws:iam::{ACCOUNT}:user/ because no permissions \
                 boundary allows the iam:ListUsers action"
            ),
        );
    }

    #[test]
    fn what_is_no_policy_of_the_account_is_refused() {
        let mut cell = Cell::new();
        cell.user("alice");
        let wrong = format!("arn:aws:iam::{ACCOUNT}:not_a_policy/invalid");
        let message = format!("ARN {wrong} is not valid.");
        assert_fault(cell.write(put("alice", &wrong)), "InvalidInput", &message);
        for account in [ACCOUNT, "999999999999"] {
            let none = format!("arn:aws:iam::{account}:policy/none");
            let message = format!("Scope ARN: {none} does not exist or is not attachable.");
            assert_fault(cell.write(put("alice", &none)), "NoSuchEntity", &message);
        }
        assert_fault(
            cell.write(put("nobody", READ_ONLY)),
            "NoSuchEntity",
            "The user with name nobody cannot be found.",
        );
    }

    #[test]
    fn a_policy_can_say_which_boundary_may_be_set() {
        let mut cell = Cell::new();
        let caller = cell.user("admin");
        cell.user("alice");
        cell.allow(
            "admin",
            &format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",
                    "Action":"iam:PutUserPermissionsBoundary","Resource":"*",
                    "Condition":{{"StringEquals":{{"iam:PermissionsBoundary":"{READ_ONLY}"}}}}}}}}"#
            ),
        );
        cell.write_as(&caller, put("alice", READ_ONLY)).unwrap();
        let refused = cell.write_as(&caller, put("alice", SSH_KEYS));
        assert_eq!(refused.unwrap_err().code, "AccessDenied");
    }
}
