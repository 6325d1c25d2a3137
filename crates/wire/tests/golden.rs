//! The exact bytes of answers. `BLESS=1 cargo test -p bailiwick-wire --test golden` rewrites them
//! after a change that is meant; read the difference before committing it.
#![allow(clippy::unwrap_used, reason = "tests")]

use prost::Message;
use prost_types::Timestamp;
use schema::iam::v1 as iam;
use schema::sts::v1 as sts;
use schema::{Fault, Service, operation};
use wire::{encode, encode_fault};

const REQUEST_ID: &str = "7a62c49f-347e-4fc4-9331-6e8eEXAMPLE";
const TRUST: &str = "{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\
    \"Principal\":{\"AWS\":\"*\"},\"Action\":\"sts:AssumeRole\"}]}";

#[track_caller]
fn golden(name: &str, found: &str) {
    let path = format!("{}/tests/golden/{name}.xml", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, expected, "{path}");
}

#[track_caller]
fn answer(service: Service, name: &str, file: &str, response: &impl Message) {
    let operation = operation(service, name).unwrap();
    golden(file, &encode(operation, &response.encode_to_vec(), REQUEST_ID));
}

fn moment() -> Option<Timestamp> {
    Some(Timestamp { seconds: 1_795_451_834, nanos: 999_999_999 })
}

fn tag(key: &str, value: &str) -> iam::Tag {
    iam::Tag { key: key.into(), value: value.into() }
}

fn user() -> iam::User {
    iam::User {
        path: "/staff/".into(),
        user_name: "alice".into(),
        user_id: "AIDACKCEVSQ6C2EXAMPLE".into(),
        arn: "arn:aws:iam::123456789012:user/staff/alice".into(),
        create_date: moment(),
        ..Default::default()
    }
}

fn role() -> iam::Role {
    iam::Role {
        path: "/".into(),
        role_name: "deploy".into(),
        role_id: "AROACKCEVSQ6C2EXAMPLE".into(),
        arn: "arn:aws:iam::123456789012:role/deploy".into(),
        create_date: moment(),
        assume_role_policy_document: Some(TRUST.into()),
        ..Default::default()
    }
}

#[test]
fn a_user_with_tags() {
    let tags = vec![tag("team", "R&D <\"a\">"), tag("caf\u{e9}", "\r\n\u{1}")];
    let user = Some(iam::User { tags, ..user() });
    answer(Service::Iam, "CreateUser", "create_user", &iam::CreateUserResponse { user });
}

#[test]
fn no_result_element() {
    answer(Service::Iam, "DeleteUser", "delete_user", &iam::DeleteUserResponse {});
}

/// Tags of a user that has none are left out; its list of users is never.
#[test]
fn lists() {
    let users = vec![user(), iam::User { user_name: "bob".into(), ..user() }];
    let full =
        iam::ListUsersResponse { users, is_truncated: Some(true), marker: Some("AAE=".into()) };
    answer(Service::Iam, "ListUsers", "list_users", &full);
    let empty = iam::ListUsersResponse { is_truncated: Some(false), ..Default::default() };
    answer(Service::Iam, "ListUsers", "list_users_empty", &empty);
    let entities =
        iam::ListEntitiesForPolicyResponse { is_truncated: Some(false), ..Default::default() };
    answer(Service::Iam, "ListEntitiesForPolicy", "list_entities_empty", &entities);
}

/// The policy is percent-encoded; a role that was never used has an empty RoleLastUsed.
#[test]
fn a_role() {
    let role = iam::Role {
        max_session_duration: Some(3600),
        role_last_used: Some(iam::RoleLastUsed::default()),
        ..role()
    };
    answer(Service::Iam, "GetRole", "get_role", &iam::GetRoleResponse { role: Some(role) });
}

/// AWS writes empty tags of the profile here, but neither of its roles nor when it is made.
#[test]
fn an_instance_profile_without_tags() {
    let profile = iam::InstanceProfile {
        path: "/".into(),
        instance_profile_name: "web".into(),
        instance_profile_id: "AIPACKCEVSQ6C2EXAMPLE".into(),
        arn: "arn:aws:iam::123456789012:instance-profile/web".into(),
        create_date: moment(),
        roles: vec![role()],
        tags: Vec::new(),
    };
    let response = iam::GetInstanceProfileResponse { instance_profile: Some(profile.clone()) };
    answer(Service::Iam, "GetInstanceProfile", "get_instance_profile", &response);
    let response = iam::CreateInstanceProfileResponse { instance_profile: Some(profile) };
    answer(Service::Iam, "CreateInstanceProfile", "create_instance_profile", &response);
}

/// Empty lists of the things themselves are written, those of what they refer to are not.
#[test]
fn authorization_details() {
    let profile = iam::InstanceProfile { roles: vec![role()], ..Default::default() };
    let response = iam::GetAccountAuthorizationDetailsResponse {
        user_detail_list: vec![iam::UserDetail {
            user_name: Some("alice".into()),
            ..Default::default()
        }],
        role_detail_list: vec![iam::RoleDetail {
            role_name: Some("deploy".into()),
            assume_role_policy_document: Some(TRUST.into()),
            instance_profile_list: vec![profile],
            ..Default::default()
        }],
        is_truncated: Some(false),
        ..Default::default()
    };
    let name = "GetAccountAuthorizationDetails";
    answer(Service::Iam, name, "get_account_authorization_details", &response);
}

#[test]
fn a_map() {
    let summary_map = [("Users".to_owned(), 27), ("AccountMFAEnabled".to_owned(), 0)];
    let response = iam::GetAccountSummaryResponse { summary_map: summary_map.into() };
    answer(Service::Iam, "GetAccountSummary", "get_account_summary", &response);
}

#[test]
fn a_blob() {
    let response = iam::GetCredentialReportResponse {
        content: Some(b"user,arn\n<root_account>,arn".as_slice().into()),
        report_format: Some("text/csv".into()),
        generated_time: moment(),
    };
    answer(Service::Iam, "GetCredentialReport", "get_credential_report", &response);
}

#[test]
fn sessions() {
    let response = sts::GetCallerIdentityResponse {
        user_id: Some("AROACKCEVSQ6C2EXAMPLE:me".into()),
        account: Some("123456789012".into()),
        arn: Some("arn:aws:sts::123456789012:assumed-role/deploy/me".into()),
    };
    answer(Service::Sts, "GetCallerIdentity", "get_caller_identity", &response);
    let response = sts::AssumeRoleResponse {
        credentials: Some(sts::Credentials {
            access_key_id: "ASIAIOSFODNN7EXAMPLE".into(),
            secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".into(),
            session_token: "AQoDYXdzEPT//////////wEXAMPLE==".into(),
            expiration: moment(),
        }),
        assumed_role_user: Some(sts::AssumedRoleUser {
            assumed_role_id: "AROACKCEVSQ6C2EXAMPLE:me".into(),
            arn: "arn:aws:sts::123456789012:assumed-role/deploy/me".into(),
        }),
        ..Default::default()
    };
    answer(Service::Sts, "AssumeRole", "assume_role", &response);
}

#[test]
fn faults() {
    let fault = Fault::new("NoSuchEntity", "The user with name foo&<bar>\u{b} cannot be found.");
    golden("fault", &encode_fault(Some(Service::Iam), &fault, REQUEST_ID));
    let fault = Fault::new("InvalidAction", "Could not find operation X for version 2010-05-08");
    golden("fault_dispatch", &encode_fault(None, &fault, REQUEST_ID));
    let fault = Fault::new("ReportNotPresent", "");
    golden("fault_without_message", &encode_fault(Some(Service::Iam), &fault, REQUEST_ID));
    let fault = Fault::new("ServiceUnavailable", "There is no leader right now.");
    golden("fault_receiver", &encode_fault(Some(Service::Sts), &fault, REQUEST_ID));
}
