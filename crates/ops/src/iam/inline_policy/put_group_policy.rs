//! PutGroupPolicy: embeds a policy in a group, in place of the one of the same name.

use schema::Fault;
use schema::iam::v1::{PutGroupPolicyRequest, PutGroupPolicyResponse};

use super::super::group;
use super::put;
use crate::{Access, Operation, Txn, View, Write};

impl Operation for PutGroupPolicyRequest {
    type Response = PutGroupPolicyResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::group("iam:PutGroupPolicy", view, &self.group_name)]
    }
}

impl Write for PutGroupPolicyRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<PutGroupPolicyResponse, Fault> {
        let group = group::find(&txn.view(), &self.group_name)?.record().clone();
        put(txn, group, &self.policy_name, &self.policy_document)?;
        Ok(PutGroupPolicyResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{AddUserToGroupRequest, CreateGroupRequest, GetUserRequest};

    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault};

    fn put(group_name: &str, policy_document: &str) -> PutGroupPolicyRequest {
        PutGroupPolicyRequest {
            group_name: group_name.to_owned(),
            policy_name: "p".to_owned(),
            policy_document: policy_document.to_owned(),
        }
    }

    fn cell() -> Cell {
        let mut cell = Cell::new();
        let request = CreateGroupRequest { group_name: "staff".to_owned(), ..Default::default() };
        cell.write(request).unwrap();
        cell
    }

    #[test]
    fn members_have_what_it_allows() {
        let mut cell = cell();
        let caller = cell.user("alice");
        let get = || GetUserRequest { user_name: Some("alice".to_owned()) };
        cell.write(put("staff", &allow("iam:GetUser", "*"))).unwrap();
        assert_eq!(cell.read_as(&caller, get()).unwrap_err().code, "AccessDenied");
        cell.write(AddUserToGroupRequest {
            group_name: "staff".to_owned(),
            user_name: "alice".to_owned(),
        })
        .unwrap();
        cell.read_as(&caller, get()).unwrap();
    }

    #[test]
    fn groups_have_a_larger_quota() {
        let mut cell = cell();
        let of_size = |size: usize| {
            let policy = allow("s3:GetObject", "arn:aws:s3:::");
            let fill = "x".repeat(size - policy.len());
            policy.replace("s3:::", &format!("s3:::{fill}"))
        };
        cell.write(put("staff", &of_size(5120))).unwrap();
        assert_fault(
            cell.write(put("staff", &of_size(5121))),
            "LimitExceeded",
            "Maximum policy size of 5120 bytes exceeded for group staff",
        );
    }

    #[test]
    fn no_such_group_and_no_right() {
        let mut cell = cell();
        assert_fault(
            cell.write(put("nothing", &allow("*", "*"))),
            "NoSuchEntity",
            "The group with name nothing cannot be found.",
        );
        let caller = cell.user("alice");
        assert_fault(
            cell.write_as(&caller, put("staff", &allow("*", "*"))),
            "AccessDenied",
            &format!(
                "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: \
                 iam:PutGroupPolicy on resource: group staff because no identity-based policy \
                 allows the iam:PutGroupPolicy action"
            ),
        );
    }
}
