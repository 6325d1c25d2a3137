//! GetUserPolicy: shows a policy that is embedded in a user.

use schema::Fault;
use schema::iam::v1::{GetUserPolicyRequest, GetUserPolicyResponse};

use super::super::user;
use super::get;
use crate::{Access, Operation, Read, View};

impl Operation for GetUserPolicyRequest {
    type Response = GetUserPolicyResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::user("iam:GetUserPolicy", view, &self.user_name)]
    }
}

impl Read for GetUserPolicyRequest {
    fn read(&self, view: &View<'_>) -> Result<GetUserPolicyResponse, Fault> {
        let user = user::find(view, &self.user_name)?;
        let policy = get(user.record(), &self.policy_name)?;
        Ok(GetUserPolicyResponse {
            user_name: user.name.clone(),
            policy_name: policy.name.clone(),
            policy_document: policy.document.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Cell, allow, assert_fault};

    fn get(user_name: &str, policy_name: &str) -> GetUserPolicyRequest {
        GetUserPolicyRequest {
            user_name: user_name.to_owned(),
            policy_name: policy_name.to_owned(),
        }
    }

    #[test]
    fn the_document_comes_back_as_it_was_put() {
        let mut cell = Cell::new();
        cell.user("Alice");
        let document = format!(" {}\n", allow("iam:*", "*"));
        cell.allow("alice", &document);
        let found = cell.read(get("alice", "allow")).unwrap();
        assert_eq!(
            (found.user_name, found.policy_name, found.policy_document),
            ("Alice".to_owned(), "allow".to_owned(), document)
        );
    }

    #[test]
    fn no_such_user_and_no_such_policy() {
        let mut cell = Cell::new();
        cell.user("alice");
        assert_fault(
            cell.read(get("nobody", "p")),
            "NoSuchEntity",
            "The user with name nobody cannot be found.",
        );
        assert_fault(
            cell.read(get("alice", "p")),
            "NoSuchEntity",
            "The user policy with name p cannot be found.",
        );
    }
}
