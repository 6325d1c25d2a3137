//! GetGroupPolicy: shows a policy that is embedded in a group.

use schema::Fault;
use schema::iam::v1::{GetGroupPolicyRequest, GetGroupPolicyResponse};

use super::super::group;
use super::get;
use crate::{Access, Operation, Read, View};

impl Operation for GetGroupPolicyRequest {
    type Response = GetGroupPolicyResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::group("iam:GetGroupPolicy", view, &self.group_name)]
    }
}

impl Read for GetGroupPolicyRequest {
    fn read(&self, view: &View<'_>) -> Result<GetGroupPolicyResponse, Fault> {
        let group = group::find(view, &self.group_name)?;
        let policy = get(group.record(), &self.policy_name)?;
        Ok(GetGroupPolicyResponse {
            group_name: group.name.clone(),
            policy_name: policy.name.clone(),
            policy_document: policy.document.clone(),
        })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{CreateGroupRequest, PutGroupPolicyRequest};

    use super::*;
    use crate::testing::{Cell, allow, assert_fault};

    fn get(group_name: &str, policy_name: &str) -> GetGroupPolicyRequest {
        GetGroupPolicyRequest {
            group_name: group_name.to_owned(),
            policy_name: policy_name.to_owned(),
        }
    }

    #[test]
    fn what_was_put_is_shown_and_what_was_not_is_not() {
        let mut cell = Cell::new();
        let request = CreateGroupRequest { group_name: "Staff".to_owned(), ..Default::default() };
        cell.write(request).unwrap();
        cell.write(PutGroupPolicyRequest {
            group_name: "staff".to_owned(),
            policy_name: "p".to_owned(),
            policy_document: allow("iam:*", "*"),
        })
        .unwrap();
        let found = cell.read(get("STAFF", "p")).unwrap();
        assert_eq!(
            (found.group_name.as_str(), found.policy_document),
            ("Staff", allow("iam:*", "*"))
        );
        assert_fault(
            cell.read(get("staff", "q")),
            "NoSuchEntity",
            "The group policy with name q cannot be found.",
        );
        assert_fault(
            cell.read(get("nothing", "p")),
            "NoSuchEntity",
            "The group with name nothing cannot be found.",
        );
    }
}
