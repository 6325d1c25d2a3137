//! DeleteGroupPolicy: deletes a policy that is embedded in a group.

use schema::Fault;
use schema::iam::v1::{DeleteGroupPolicyRequest, DeleteGroupPolicyResponse};

use super::super::group;
use super::delete;
use crate::{Access, Operation, Txn, View, Write};

impl Operation for DeleteGroupPolicyRequest {
    type Response = DeleteGroupPolicyResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::group("iam:DeleteGroupPolicy", view, &self.group_name)]
    }
}

impl Write for DeleteGroupPolicyRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<DeleteGroupPolicyResponse, Fault> {
        let group = group::find(&txn.view(), &self.group_name)?.record().clone();
        delete(txn, group, &self.policy_name)?;
        Ok(DeleteGroupPolicyResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{CreateGroupRequest, PutGroupPolicyRequest};

    use super::*;
    use crate::testing::{Cell, allow, assert_fault};

    fn delete(group_name: &str, policy_name: &str) -> DeleteGroupPolicyRequest {
        DeleteGroupPolicyRequest {
            group_name: group_name.to_owned(),
            policy_name: policy_name.to_owned(),
        }
    }

    #[test]
    fn a_policy_goes_once() {
        let mut cell = Cell::new();
        let request = CreateGroupRequest { group_name: "staff".to_owned(), ..Default::default() };
        cell.write(request).unwrap();
        cell.write(PutGroupPolicyRequest {
            group_name: "staff".to_owned(),
            policy_name: "p".to_owned(),
            policy_document: allow("iam:*", "*"),
        })
        .unwrap();
        cell.write(delete("staff", "p")).unwrap();
        assert_fault(
            cell.write(delete("staff", "p")),
            "NoSuchEntity",
            "The group policy with name p cannot be found.",
        );
        assert_fault(
            cell.write(delete("nothing", "p")),
            "NoSuchEntity",
            "The group with name nothing cannot be found.",
        );
    }
}
