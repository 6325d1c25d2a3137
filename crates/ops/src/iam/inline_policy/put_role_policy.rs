//! PutRolePolicy: embeds a policy in a role, in place of the one of the same name.

use schema::Fault;
use schema::iam::v1::{PutRolePolicyRequest, PutRolePolicyResponse};

use super::super::role;
use super::put;
use crate::{Access, Operation, Txn, View, Write};

impl Operation for PutRolePolicyRequest {
    type Response = PutRolePolicyResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![Access::role("iam:PutRolePolicy", view, &self.role_name)]
    }
}

impl Write for PutRolePolicyRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<PutRolePolicyResponse, Fault> {
        let role = role::find(&txn.view(), &self.role_name)?.record().clone();
        put(txn, role, &self.policy_name, &self.policy_document)?;
        Ok(PutRolePolicyResponse {})
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{GetRolePolicyRequest, ListRolePoliciesRequest};

    use super::super::super::role::made;
    use super::*;
    use crate::testing::{ACCOUNT, Cell, allow, assert_fault};

    fn put(role_name: &str, policy_name: &str, policy_document: &str) -> PutRolePolicyRequest {
        PutRolePolicyRequest {
            role_name: role_name.to_owned(),
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
    fn a_policy_of_the_same_name_is_replaced() {
        let mut cell = Cell::new();
        made(&mut cell, "Worker", ACCOUNT);
        for action in ["iam:GetUser", "iam:GetRole"] {
            cell.write(put("worker", "p", &allow(action, "*"))).unwrap();
        }
        let role_name = || "worker".to_owned();
        let list = ListRolePoliciesRequest { role_name: role_name(), ..Default::default() };
        assert_eq!(cell.read(list).unwrap().policy_names, ["p"]);
        let get = GetRolePolicyRequest { role_name: role_name(), policy_name: "p".to_owned() };
        assert_eq!(cell.read(get).unwrap().policy_document, allow("iam:GetRole", "*"));
    }

    #[test]
    fn all_policies_of_a_role_share_one_quota() {
        let mut cell = Cell::new();
        made(&mut cell, "worker", ACCOUNT);
        cell.write(put("worker", "some", &of_size(6_000))).unwrap();
        cell.write(put("worker", "rest", &of_size(4_240))).unwrap();
        let spaced = of_size(4_240).replace('{', "{ \r\n\t").replace("\"Effect\"", "\n \"Effect\"");
        cell.write(put("worker", "rest", &spaced)).expect("white space does not count");
        assert_fault(
            cell.write(put("worker", "rest", &of_size(4_241))),
            "LimitExceeded",
            "Maximum policy size of 10240 bytes exceeded for role worker",
        );
    }

    #[test]
    fn what_is_no_policy_and_no_role_is_refused() {
        let mut cell = Cell::new();
        made(&mut cell, "worker", ACCOUNT);
        assert_fault(
            cell.write(put("worker", "p", "{")),
            "MalformedPolicyDocument",
            "Syntax errors in policy.",
        );
        let message = "The role with name nothing cannot be found.";
        assert_fault(cell.write(put("nothing", "p", &allow("*", "*"))), "NoSuchEntity", message);
    }

    #[test]
    fn it_needs_the_right_on_that_role() {
        let mut cell = Cell::new();
        let caller = cell.user("alice");
        made(&mut cell, "one", ACCOUNT);
        made(&mut cell, "two", ACCOUNT);
        let arn = format!("arn:aws:iam::{ACCOUNT}:role/one");
        cell.allow("alice", &allow("iam:PutRolePolicy", &arn));
        cell.write_as(&caller, put("one", "p", &allow("*", "*"))).unwrap();
        assert_fault(
            cell.write_as(&caller, put("two", "p", &allow("*", "*"))),
            "AccessDenied",
            &format!(
                "User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: \
                 iam:PutRolePolicy on resource: role two because no identity-based policy \
                 allows the iam:PutRolePolicy action"
            ),
        );
    }
}
