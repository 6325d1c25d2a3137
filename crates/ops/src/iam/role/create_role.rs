//! CreateRole: makes a role that whoever its trust policy names can assume.

use model::id::Prefix;
use model::{Stored, quota, v1};
use schema::Fault;
use schema::iam::v1::{CreateRoleRequest, CreateRoleResponse};

use super::super::boundary;
use super::{DEFAULT_MAX_SESSION_S, created, description, max_session_s, trust};
use crate::tags::{self, Keys};
use crate::{Access, Operation, Txn, View, Write, faults};

impl Operation for CreateRoleRequest {
    type Response = CreateRoleResponse;

    fn access(&self, view: &View<'_>) -> Vec<Access> {
        let path = self.path.as_deref();
        let create = Access::new_entity("iam:CreateRole", view, "role", path, &self.role_name)
            .requesting(tags::pairs(&self.tags))
            .bounded(self.permissions_boundary());
        tags::with_tagging(create, "iam:TagRole", &self.tags)
    }
}

impl Write for CreateRoleRequest {
    fn write(&self, txn: &mut Txn<'_>) -> Result<CreateRoleResponse, Fault> {
        if txn.account().roles().named(&self.role_name).is_some() {
            return Err(faults::already_exists(format!(
                "Role with name {} already exists.",
                self.role_name
            )));
        }
        if txn.account().roles().len() >= quota::ROLES {
            return Err(faults::quota("RolesPerAccount", quota::ROLES));
        }
        let mut role = v1::Role {
            account_id: txn.account_id(),
            name: self.role_name.clone(),
            path: self.path.clone().unwrap_or_else(|| "/".to_owned()),
            description: description(self.description()),
            max_session_s: max_session_s(self.max_session_duration)
                .unwrap_or(DEFAULT_MAX_SESSION_S),
            tags: tags::new(&self.tags, Keys::Caseless)?,
            boundary: boundary::checked(&txn.view(), self.permissions_boundary.as_deref())?,
            id: txn.new_id(Prefix::Role),
            created_ms: txn.now_ms(),
            ..Default::default()
        };
        trust::set(txn.state(), &mut role, &self.assume_role_policy_document)?;
        let role = Stored::new(role);
        let response = CreateRoleResponse { role: Some(created(txn.state(), &role)) };
        txn.put(role.into_record());
        Ok(response)
    }
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::{CreateUserRequest, GetRoleRequest, Tag};

    use super::*;
    use crate::testing::{ACCOUNT, Cell, NOW_MS, allow, assert_fault, trust};

    fn role(name: &str, trusted: &str) -> CreateRoleRequest {
        CreateRoleRequest {
            role_name: name.to_owned(),
            assume_role_policy_document: trust(trusted),
            ..Default::default()
        }
    }

    fn tag(key: &str) -> Tag {
        Tag { key: key.to_owned(), value: "v".to_owned() }
    }

    #[test]
    fn the_answer_leaves_out_what_reading_it_shows() {
        let mut cell = Cell::new();
        let request = CreateRoleRequest {
            path: Some("/team/".to_owned()),
            description: Some("works".to_owned()),
            max_session_duration: Some(7_200),
            permissions_boundary: Some("arn:aws:iam::aws:policy/ReadOnlyAccess".to_owned()),
            tags: vec![tag("k")],
            ..role("Worker", ACCOUNT)
        };
        let made = cell.write(request).unwrap().role.unwrap();
        assert_eq!(made.arn, format!("arn:aws:iam::{ACCOUNT}:role/team/Worker"));
        assert!(made.role_id.starts_with("AROA"));
        assert_eq!(made.create_date.unwrap().seconds, (NOW_MS / 1000) as i64);
        assert_eq!(made.assume_role_policy_document, Some(trust(ACCOUNT)));
        assert_eq!((&made.description, made.max_session_duration), (&None, None));
        assert_eq!((made.tags.len(), &made.role_last_used), (1, &None));
        assert!(made.permissions_boundary.is_some());
        let found = cell.read(GetRoleRequest { role_name: "worker".to_owned() }).unwrap();
        let found = found.role.unwrap();
        assert_eq!((found.description(), found.max_session_duration()), ("works", 7_200));
    }

    #[test]
    fn names_are_unique_without_regard_to_case() {
        let mut cell = Cell::new();
        cell.write(role("Worker", ACCOUNT)).unwrap();
        let message = "Role with name WORKER already exists.";
        assert_fault(cell.write(role("WORKER", ACCOUNT)), "EntityAlreadyExists", message);
    }

    #[test]
    fn principals_must_exist_path_and_case_included() {
        let mut cell = Cell::new();
        let path = Some("/team/".to_owned());
        let user = CreateUserRequest { user_name: "Alice".to_owned(), path, ..Default::default() };
        cell.write(user).unwrap();
        cell.write(role("one", &format!("arn:aws:iam::{ACCOUNT}:user/team/Alice"))).unwrap();
        cell.write(role("two", &format!("arn:aws:iam::{ACCOUNT}:role/one"))).unwrap();
        cell.write(role("three", &format!("arn:aws:sts::{ACCOUNT}:assumed-role/one/session")))
            .unwrap();
        for wrong in [
            format!("arn:aws:iam::{ACCOUNT}:user/Alice"),
            format!("arn:aws:iam::{ACCOUNT}:user/team/alice"),
            format!("arn:aws:iam::{ACCOUNT}:role/nothing"),
            format!("arn:aws:sts::{ACCOUNT}:assumed-role/nothing/session"),
            "arn:aws:iam::999999999999:user/x".to_owned(),
            "AIDAAAAAAAAAAAAAAAAAA".to_owned(),
        ] {
            assert_fault(
                cell.write(role("four", &wrong)),
                "MalformedPolicyDocument",
                &format!(r#"Invalid principal in policy: "AWS":"{wrong}""#),
            );
        }
    }

    #[test]
    fn what_is_no_trust_policy_is_refused() {
        let mut cell = Cell::new();
        let with = |document: &str| CreateRoleRequest {
            assume_role_policy_document: document.to_owned(),
            ..role("worker", ACCOUNT)
        };
        assert_fault(
            cell.write(with("{")),
            "MalformedPolicyDocument",
            "This policy contains invalid Json",
        );
        assert_fault(
            cell.write(with(&allow("sts:AssumeRole", "*"))),
            "MalformedPolicyDocument",
            "Has prohibited field Resource",
        );
        let long = trust(ACCOUNT).replace("}}", &format!(r#","Sid":"{}"}}}}"#, "x".repeat(2_048)));
        assert_fault(
            cell.write(with(&long)),
            "LimitExceeded",
            "Cannot exceed quota for ACLSizePerRole: 2048",
        );
        let spaced = trust(ACCOUNT).replace('{', &format!("{{{}", " ".repeat(1_000)));
        cell.write(with(&spaced)).expect("white space does not count");
    }

    #[test]
    fn boundaries_and_tags_have_their_rules() {
        let mut cell = Cell::new();
        let bounded = |arn: &str| CreateRoleRequest {
            permissions_boundary: Some(arn.to_owned()),
            ..role("worker", ACCOUNT)
        };
        let arn = format!("arn:aws:iam::{ACCOUNT}:not_a_policy/invalid");
        let message = format!("ARN {arn} is not valid.");
        assert_fault(cell.write(bounded(&arn)), "InvalidInput", &message);
        let arn = format!("arn:aws:iam::{ACCOUNT}:policy/none");
        let message = format!("Scope ARN: {arn} does not exist or is not attachable.");
        assert_fault(cell.write(bounded(&arn)), "NoSuchEntity", &message);
        let tags = vec![tag("Team"), tag("team")];
        assert_fault(
            cell.write(CreateRoleRequest { tags, ..role("worker", ACCOUNT) }),
            "InvalidInput",
            "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
        );
    }

    /// Source: IAM User Guide, "Delegating responsibility to others using permissions boundaries".
    #[test]
    fn a_policy_can_demand_a_boundary() {
        let mut cell = Cell::new();
        let caller = cell.user("maker");
        let demanded = "arn:aws:iam::aws:policy/ReadOnlyAccess";
        cell.allow(
            "maker",
            &format!(
                r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow",
                    "Action":"iam:CreateRole","Resource":"*",
                    "Condition":{{"StringEquals":{{"iam:PermissionsBoundary":"{demanded}"}}}}}}}}"#
            ),
        );
        let permissions_boundary = Some(demanded.to_owned());
        let bounded = CreateRoleRequest { permissions_boundary, ..role("bounded", ACCOUNT) };
        cell.write_as(&caller, bounded).unwrap();
        assert_fault(
            cell.write_as(&caller, role("free", ACCOUNT)),
            "AccessDenied",
            &format!(
                "User: arn:aws:iam::{ACCOUNT}:user/maker is not authorized to perform: \
                 iam:CreateRole on resource: arn:aws:iam::{ACCOUNT}:role/free because no \
                 identity-based policy allows the iam:CreateRole action"
            ),
        );
    }
}
