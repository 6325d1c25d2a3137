//! What a role may ask of those it trusts: an external id, MFA, the passing on of who is behind a session.

use model::v1::{Caller, Session, caller};
use schema::iam::v1::{
    CreatePolicyRequest, CreateRoleRequest, ListUsersRequest, PutRolePermissionsBoundaryRequest,
    PutRolePolicyRequest,
};
use schema::sts::v1::{
    AssumeRoleRequest, GetCallerIdentityRequest, GetSessionTokenRequest, PolicyDescriptorType,
};
use serde_json::{Value, json};

use crate::testing::{ACCOUNT, Cell, NOW_MS, allow, assert_fault};

/// A role that trusts the whole account with some actions under a condition, and may do everything.
fn role(cell: &mut Cell, name: &str, actions: &[&str], condition: &Value) -> AssumeRoleRequest {
    let trust = json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": actions, "Condition": condition,
    }});
    let create = CreateRoleRequest {
        role_name: name.to_owned(),
        assume_role_policy_document: trust.to_string(),
        ..Default::default()
    };
    let role_arn = cell.write(create).unwrap().role.unwrap().arn;
    let grant = PutRolePolicyRequest {
        role_name: name.to_owned(),
        policy_name: "p".to_owned(),
        policy_document: allow("*", "*"),
    };
    cell.write(grant).unwrap();
    AssumeRoleRequest { role_arn, role_session_name: "work".to_owned(), ..Default::default() }
}

#[track_caller]
fn assert_refused(cell: &Cell, caller: &Caller, request: &AssumeRoleRequest, action: &str) {
    let fault = cell.mint_as(caller, request.clone()).expect_err("not trusted");
    assert_eq!(fault.code, "AccessDenied");
    let words = format!("is not authorized to perform: {action} on resource: {}", request.role_arn);
    assert!(fault.message.ends_with(&words), "{fault}");
}

fn session(caller: &Caller) -> Session {
    match &caller.kind {
        Some(caller::Kind::Session(session)) => session.clone(),
        _ => panic!("a session"),
    }
}

#[test]
fn an_external_id_must_be_the_one_that_the_role_asks_for() {
    let mut cell = Cell::new();
    let alice = cell.user("alice");
    let condition = json!({"StringEquals": {"sts:ExternalId": "Unique-7"}});
    let bare = role(&mut cell, "vendor", &["sts:AssumeRole"], &condition);
    for external_id in [None, Some("unique-7"), Some("other")] {
        let external_id = external_id.map(str::to_owned);
        let request = AssumeRoleRequest { external_id, ..bare.clone() };
        assert_refused(&cell, &alice, &request, "sts:AssumeRole");
    }
    let request = AssumeRoleRequest { external_id: Some("Unique-7".to_owned()), ..bare };
    assert!(cell.mint_as(&alice, request).is_ok());
}

#[test]
fn a_role_that_asks_for_mfa_takes_only_sessions_that_have_it() {
    let mut cell = Cell::new();
    let alice = cell.user("alice");
    let condition = json!({"Bool": {"aws:MultiFactorAuthPresent": "true"},
        "NumericLessThan": {"aws:MultiFactorAuthAge": "3600"}});
    let request = role(&mut cell, "careful", &["sts:AssumeRole"], &condition);
    assert_refused(&cell, &alice, &request, "sts:AssumeRole");
    let (without, _) = cell.mint_as(&alice, GetSessionTokenRequest::default()).unwrap();
    assert_refused(&cell, &without, &request, "sts:AssumeRole");
    let shown = |seconds_ago: u64| {
        let session = Session { mfa_ms: NOW_MS - seconds_ago * 1000, ..session(&without) };
        Caller { kind: Some(caller::Kind::Session(session)), ..without.clone() }
    };
    assert_refused(&cell, &shown(3600), &request, "sts:AssumeRole");
    let (assumed, _) = cell.mint_as(&shown(3599), request).unwrap();
    // What a role does is not done with MFA, whoever assumed it.
    //
    // Source: IAM User Guide, "Secure API access with MFA".
    assert_eq!(session(&assumed).mfa_ms, 0);
}

#[test]
fn a_code_is_looked_at_before_what_the_role_trusts() {
    let mut cell = Cell::new();
    let alice = cell.user("alice");
    let never = json!({"StringEquals": {"sts:ExternalId": "x"}});
    let request = role(&mut cell, "closed", &["sts:AssumeRole"], &never);
    let message = "MultiFactorAuthentication failed with invalid MFA one time pass code.";
    let (serial_number, token_code) =
        (Some(format!("arn:aws:iam::{ACCOUNT}:mfa/alice")), Some("123456".to_owned()));
    let with_code = AssumeRoleRequest {
        serial_number: serial_number.clone(),
        token_code: token_code.clone(),
        ..request
    };
    assert_fault(cell.mint_as(&alice, with_code), "AccessDenied", message);
    let with_code = GetSessionTokenRequest { serial_number, token_code, ..Default::default() };
    assert_fault(cell.mint_as(&alice, with_code), "AccessDenied", message);
}

/// Source: IAM User Guide, "Monitor and control actions taken with assumed roles".
#[test]
fn every_role_of_a_chain_must_let_the_source_identity_through() {
    let mut cell = Cell::new();
    let alice = cell.user("alice");
    let both = ["sts:AssumeRole", "sts:SetSourceIdentity"];
    let first = role(&mut cell, "first", &both, &json!({}));
    let first = AssumeRoleRequest { source_identity: Some("ann".to_owned()), ..first };
    let (caller, _) = cell.mint_as(&alice, first).unwrap();
    let closed = role(&mut cell, "closed", &["sts:AssumeRole"], &json!({}));
    assert_refused(&cell, &caller, &closed, "sts:SetSourceIdentity");
    let ann = json!({"StringEquals": {"aws:SourceIdentity": "ann"}});
    let open = role(&mut cell, "open", &both, &ann);
    let (last, answer) = cell.mint_as(&caller, open).unwrap();
    assert_eq!(answer.source_identity.as_deref(), Some("ann"));
    assert_eq!(session(&last).source_identity, "ann");
    assert!(cell.read_as(&last, GetCallerIdentityRequest {}).is_ok());
}

#[test]
fn the_roles_boundary_and_managed_session_policies_limit_its_sessions() {
    let mut cell = Cell::new();
    let alice = cell.user("alice");
    let request = role(&mut cell, "limited", &["sts:AssumeRole"], &json!({}));
    let create = CreatePolicyRequest {
        policy_name: "narrow".to_owned(),
        policy_document: allow("iam:GetUser", "*"),
        ..Default::default()
    };
    let narrow = cell.write(create).unwrap().policy.unwrap().arn.unwrap();
    let refused = |cell: &Cell, request: &AssumeRoleRequest, why: &str| {
        let (caller, _) = cell.mint_as(&alice, request.clone()).unwrap();
        let fault = cell.read_as(&caller, ListUsersRequest::default()).expect_err("limited");
        assert!(fault.message.ends_with(why), "{fault}");
    };
    let arn = PolicyDescriptorType { arn: Some(narrow.clone()) };
    let by_session = AssumeRoleRequest { policy_arns: vec![arn], ..request.clone() };
    refused(&cell, &by_session, "because no session policy allows the iam:ListUsers action");
    let (wide, _) = cell.mint_as(&alice, request.clone()).unwrap();
    assert!(cell.read_as(&wide, ListUsersRequest::default()).is_ok());
    let bound = PutRolePermissionsBoundaryRequest {
        role_name: "limited".to_owned(),
        permissions_boundary: narrow,
    };
    cell.write(bound).unwrap();
    refused(&cell, &request, "because no permissions boundary allows the iam:ListUsers action");
    // A boundary counts for sessions that were there before it.
    assert!(cell.read_as(&wide, ListUsersRequest::default()).is_err());
}
