//! PutUserPolicy: embeds a policy in a user, in place of the one of the same name.

use schema::Fault;
use schema::iam::v1::{PutUserPolicyRequest, PutUserPolicyResponse};

use super::super::user;
use super::put;
use crate::{Access, Operation, Txn, View, Write};

impl Operation for PutUserPolicyRequest {
    type Response = PutUserPolicyResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::user("iam:PutUserPolicy", view, &self.user_name)]
    }
}

impl Write for PutUserPolicyRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<PutUserPolicyResponse, Fault> {
        let user = user::find(&txn.view(), &self.user_name)?.record().clone();
        put(txn, user, &self.policy_name, &self.policy_document)?;
        Ok(PutUserPolicyResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{GetUserPolicyRequest, GetUserRequest, ListUserPoliciesRequest};

    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault};

    fn put(user_name: &str, policy_name: &str, policy_document: &str) -> PutUserPolicyRequest {
        PutUserPolicyRequest {
            user_name: user_name.to_owned(),
            policy_name: policy_name.to_owned(),
            policy_document: policy_document.to_owned(),
        }
    }

    /// A policy of so many characters that are not white space, and some that are.
    fn of_size(size: usize) -> String {
        let policy = allow("s3:GetObject", "arn:aws:s3:::");
        let fill = "x".repeat(size - policy.len());
        policy.replace("s3:::", &format!("s3:::{fill}")).replace('{', "{ \r\n\t")
    }

    #[test]
    fn a_policy_counts_from_the_moment_it_is_put() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        let get = || GetUserRequest { user_name: Some("alice".to_owned()) };
        assert_eq!(cell.read_as(&caller, get()).unwrap_err().code, "AccessDenied");
        let arn = format!("arn:aws:iam::{ACCOUNT}:user/alice");
        cell.write(put("ALICE", "p", &allow("iam:GetUser", &arn))).unwrap();
        cell.read_as(&caller, get()).unwrap();
        cell.write(put("alice", "p", &allow("iam:ListUsers", "*"))).unwrap();
        assert_eq!(cell.read_as(&caller, get()).unwrap_err().code, "AccessDenied");
    }

    #[test]
    fn a_policy_of_the_same_name_is_replaced() {
        let mut cell = Cell::new();
        cell.user("alice");
        for action in ["iam:GetUser", "iam:GetRole"] {
            cell.write(put("alice", "p", &allow(action, "*"))).unwrap();
        }
        let request =
            ListUserPoliciesRequest { user_name: "alice".to_owned(), ..Default::default() };
        assert_eq!(cell.read(request).unwrap().policy_names, ["p"]);
        let request =
            GetUserPolicyRequest { user_name: "alice".to_owned(), policy_name: "p".to_owned() };
        assert_eq!(cell.read(request).unwrap().policy_document, allow("iam:GetRole", "*"));
    }

    #[test]
    fn all_policies_of_a_user_share_one_quota_that_white_space_does_not_count_in() {
        let mut cell = Cell::new();
        cell.user("alice");
        cell.write(put("alice", "half", &of_size(1024))).unwrap();
        cell.write(put("alice", "rest", &of_size(1024))).unwrap();
        assert_fault(
            cell.write(put("alice", "rest", &of_size(1025))),
            "LimitExceeded",
            "Maximum policy size of 2048 bytes exceeded for user alice",
        );
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        let mut cell = Cell::new();
        cell.user("alice");
        assert_fault(
            cell.write(put("alice", "p", "{")),
            "MalformedPolicyDocument",
            "Syntax errors in policy.",
        );
        assert_fault(
            cell.write(put("nobody", "p", &allow("*", "*"))),
            "NoSuchEntity",
            "The user with name nobody cannot be found.",
        );
    }

    #[test]
    fn it_needs_the_right_on_that_user() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        cell.user("bob");
        let arn = format!("arn:aws:iam::{ACCOUNT}:user/bob");
        cell.allow("alice", &allow("iam:PutUserPolicy", &arn));
        cell.write_as(&caller, put("bob", "p", &allow("*", "*"))).unwrap();
        assert_fault(
            cell.write_as(&caller, put("alice", "p", &allow("*", "*"))),
            "AccessDenied",
            &format!(
                "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: \
                 iam:PutUserPolicy on resource: user alice because no identity-based policy \
                 allows the iam:PutUserPolicy action"
            ),
        );
    }
}
