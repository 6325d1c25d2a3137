//! DeleteUserPolicy: deletes a policy that is embedded in a user.

use schema::Fault;
use schema::iam::v1::{DeleteUserPolicyRequest, DeleteUserPolicyResponse};

use super::super::user;
use super::delete;
use crate::{Access, Operation, Txn, View, Write};

impl Operation for DeleteUserPolicyRequest {
    type Response = DeleteUserPolicyResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::user("iam:DeleteUserPolicy", view, &self.user_name)]
    }
}

impl Write for DeleteUserPolicyRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<DeleteUserPolicyResponse, Fault> {
        let user = user::find(&txn.view(), &self.user_name)?.record().clone();
        delete(txn, user, &self.policy_name)?;
        Ok(DeleteUserPolicyResponse {})
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Cell, allow, assert_fault};

    fn delete(user_name: &str, policy_name: &str) -> DeleteUserPolicyRequest {
        DeleteUserPolicyRequest {
            user_name: user_name.to_owned(),
            policy_name: policy_name.to_owned(),
        }
    }

    #[test]
    fn what_it_allowed_is_allowed_no_more() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        cell.allow("alice", &allow("iam:DeleteUserPolicy", "*"));
        cell.write_as(&caller, delete("alice", "allow")).unwrap();
        let refused = cell.write_as(&caller, delete("alice", "allow"));
        assert_eq!(refused.unwrap_err().code, "AccessDenied");
    }

    #[test]
    fn no_such_user_and_no_such_policy() {
        let mut cell = Cell::new();
        cell.user("alice");
        assert_fault(
            cell.write(delete("nobody", "p")),
            "NoSuchEntity",
            "The user with name nobody cannot be found.",
        );
        assert_fault(
            cell.write(delete("alice", "p")),
            "NoSuchEntity",
            "The user policy with name p cannot be found.",
        );
    }
}
