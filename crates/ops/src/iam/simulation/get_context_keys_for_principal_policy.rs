//! GetContextKeysForPrincipalPolicy: lists the condition keys that the policies of a user, group or role name.

use schema::Fault;
use schema::iam::v1::{
    GetContextKeysForPrincipalPolicyRequest, GetContextKeysForPrincipalPolicyResponse,
};

use super::{entity, passed};
use crate::{Access, Operation, Read, View};

impl Operation for GetContextKeysForPrincipalPolicyRequest {
    type Response = GetContextKeysForPrincipalPolicyResponse;

    fn check(&self, _view: &View<'_>) -> Result<(), Fault> {
        entity::check_arn(&self.policy_source_arn)
    }

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        vec![entity::access("iam:GetContextKeysForPrincipalPolicy", view, &self.policy_source_arn)]
    }
}

impl Read for GetContextKeysForPrincipalPolicyRequest {
    fn read(&self, view: &View<'_>) -> Result<GetContextKeysForPrincipalPolicyResponse, Fault> {
        let entity = entity::find(view, &self.policy_source_arn, &[])?;
        let given = passed("PolicyInputList", &self.policy_input_list)?;
        // A simulation asks the boundary, too.
        let sources = entity.policies.iter().chain(&entity.boundary).chain(&given);
        let context_key_names = policy::context_keys(sources.map(|source| &*source.policy));
        Ok(GetContextKeysForPrincipalPolicyResponse { context_key_names })
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{
        AddUserToGroupRequest, AttachGroupPolicyRequest, CreateGroupRequest, CreatePolicyRequest,
        CreateRoleRequest, PutRolePolicyRequest, PutUserPermissionsBoundaryRequest,
    };

    use super::*;
    use crate::testing::{ACCOUNT, Cell, assert_fault, trust};

    /// A policy whose statement looks at some condition keys.
    fn looking_at(keys: &[&str]) -> String {
        let wanted: Vec<String> = keys.iter().map(|key| format!(r#""{key}":"x""#)).collect();
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Action":"s3:*","Resource":"*",
            "Condition":{{"StringEquals":{{{}}}}}}}}}"#,
            wanted.join(",")
        )
    }

    fn of(kind_and_name: &str, given: &[&str]) -> GetContextKeysForPrincipalPolicyRequest {
        GetContextKeysForPrincipalPolicyRequest {
            policy_source_arn: format!("arn:aws:iam::{ACCOUNT}:{kind_and_name}"),
            policy_input_list: given.iter().map(|&document| document.to_owned()).collect(),
        }
    }

    fn keys(cell: &Cell, request: GetContextKeysForPrincipalPolicyRequest) -> Vec<String> {
        let mut keys = cell.read(request).unwrap().context_key_names;
        keys.sort_unstable();
        keys
    }

    fn create_policy(cell: &mut Cell, name: &str, keys: &[&str]) -> String {
        let create = CreatePolicyRequest {
            policy_name: name.to_owned(),
            policy_document: looking_at(keys),
            ..Default::default()
        };
        cell.write(create).unwrap().policy.unwrap().arn.unwrap()
    }

    /// A user with an inline policy, a boundary, and a group with a managed policy.
    fn cell() -> Cell {
        let mut cell = Cell::new();
        cell.user("alice");
        cell.allow("alice", &looking_at(&["aws:username", "s3:prefix"]));
        let (user_name, group_name) = ("alice".to_owned(), "team".to_owned());
        cell.write(CreateGroupRequest { group_name: group_name.clone(), path: None }).unwrap();
        let member = AddUserToGroupRequest { group_name: group_name.clone(), user_name };
        cell.write(member).unwrap();
        let policy_arn = create_policy(&mut cell, "shared", &["S3:Prefix", "aws:SourceIp"]);
        cell.write(AttachGroupPolicyRequest { group_name, policy_arn }).unwrap();
        cell
    }

    #[test]
    fn a_user_is_asked_with_its_groups_and_its_boundary() {
        let mut cell = cell();
        assert_eq!(
            keys(&cell, of("user/alice", &[])),
            ["aws:SourceIp", "aws:username", "s3:prefix"]
        );
        let limit = create_policy(&mut cell, "limit", &["aws:PrincipalTag/team"]);
        cell.write(PutUserPermissionsBoundaryRequest {
            user_name: "alice".to_owned(),
            permissions_boundary: limit,
        })
        .unwrap();
        let told = keys(&cell, of("user/alice", &[]));
        assert!(told.contains(&"aws:PrincipalTag/team".to_owned()), "{told:?}");
        assert_eq!(keys(&cell, of("group/team", &[])), ["S3:Prefix", "aws:SourceIp"]);
    }

    #[test]
    fn a_role_is_asked_with_its_own_and_what_is_passed_comes_to_it() {
        let mut cell = cell();
        cell.write(CreateRoleRequest {
            role_name: "worker".to_owned(),
            assume_role_policy_document: trust(ACCOUNT),
            ..Default::default()
        })
        .unwrap();
        assert!(keys(&cell, of("role/worker", &[])).is_empty());
        cell.write(PutRolePolicyRequest {
            role_name: "worker".to_owned(),
            policy_name: "p".to_owned(),
            policy_document: looking_at(&["aws:SourceVpc"]),
        })
        .unwrap();
        let given = looking_at(&["aws:UserAgent"]);
        assert_eq!(keys(&cell, of("role/worker", &[&given])), ["aws:SourceVpc", "aws:UserAgent"]);
        let message = "Invalid PolicyInputList.2: Syntax errors in policy.";
        assert_fault(cell.read(of("role/worker", &[&given, "{"])), "InvalidInput", message);
    }

    #[test]
    fn who_is_not_there_and_who_is_not_ours_is_refused() {
        let mut cell = cell();
        let message = "The user with name bob cannot be found.";
        assert_fault(cell.read(of("user/bob", &[])), "NoSuchEntity", message);
        let message = format!(
            "Invalid Entity Arn: arn:aws:iam::{ACCOUNT}:policy/p does not clearly define entity type and name."
        );
        assert_fault(cell.read(of("policy/p", &[])), "InvalidInput", &message);
        let other = cell.account("222222222222", "other@example.com");
        let fault = cell.read_as(&other, of("user/alice", &[])).expect_err("another account's");
        assert_eq!(fault.code, "AccessDenied");
        let alice = cell.user("eve");
        let fault = cell.read_as(&alice, of("user/alice", &[])).expect_err("not allowed");
        let words = "is not authorized to perform: iam:GetContextKeysForPrincipalPolicy";
        assert!(fault.message.contains(words), "{fault}");
    }
}
