//! Temporary credentials that ask: each is judged by its own session.

use schema::sts::v1::{AssumeRoleRequest, GetSessionTokenRequest, PolicyDescriptorType};

use super::*;

/// A long-term key has shown no MFA; a user's session of it, or a role's, is judged by its own.
#[test]
fn sessions_with_mfa() {
    let (mut cell, asking) = with_service();
    let statements = [
        allow_statement("sts:AssumeRole"),
        asking_if("Allow", r#""NumericLessThan":{"aws:MultiFactorAuthAge":"60"}"#),
    ];
    cell.allow("service", &policy_of(&statements));
    let mut by_key = Asking::new(&asking.caller);
    by_key.now(&cell, MAY_NOT);
    let (session, _) =
        cell.mint_as(&asking.caller, GetSessionTokenRequest::default()).expect("a session");
    let with_mfa = changed(&session, |session| session.mfa_ms = NOW_MS - 30_500);
    let mut user = Asking::new(&with_mfa);
    user.now(&cell, MAY);
    let later = Moment { now_ms: NOW_MS + 29_500, ..Moment::of(&cell) };
    user.at(later, MAY_NOT);
    user.now(&cell, MAY);
    let over = changed(&with_mfa, |session| session.expires_ms = NOW_MS + 1);
    let mut over = Asking { kept: user.kept, ..Asking::new(&over) };
    over.now(&cell, MAY);
    over.at(Moment { now_ms: NOW_MS + 1, ..Moment::of(&cell) }, Err("ExpiredToken"));
    // The same id with other contents, as no cell makes it.
    let mut without = Asking { kept: over.kept, ..Asking::new(&session) };
    without.now(&cell, MAY_NOT);
    let mut user = Asking { kept: without.kept, ..Asking::new(&with_mfa) };
    user.now(&cell, MAY);
    // An id of a session that is shown as a key.
    let mut shown = Asking { kept: user.kept, ..Asking::new(&long_term(&session.access_key_id)) };
    shown.now(&cell, NOBODY);
    let mut user = Asking { kept: shown.kept, ..Asking::new(&with_mfa) };
    user.now(&cell, MAY);
}

#[test]
fn sessions_of_users() {
    let (mut cell, asking) = with_service();
    cell.allow("service", &may_ask());
    let (session, _) =
        cell.mint_as(&asking.caller, GetSessionTokenRequest::default()).expect("a session");
    let mut user = Asking::new(&session);
    user.now(&cell, MAY);
    let update = |status: &str| UpdateAccessKeyRequest {
        user_name: Some(service()),
        access_key_id: asking.caller.access_key_id.clone(),
        status: status.to_owned(),
    };
    cell.write(update("Inactive")).unwrap();
    user.now(&cell, NOBODY);
    cell.write(update("Active")).unwrap();
    user.now(&cell, MAY);
    cell.allow("service", &allow("s3:*", "*"));
    user.now(&cell, MAY_NOT);
    cell.allow("service", &may_ask());
    let Some(v1::caller::Kind::Session(known)) = &session.kind else { panic!("a session") };
    let last = Moment { now_ms: known.expires_ms - 1, ..Moment::of(&cell) };
    user.at(last.clone(), MAY);
    user.at(Moment { now_ms: known.expires_ms, ..last }, Err("ExpiredToken"));
    user.now(&cell, MAY);
    let access_key_id = asking.caller.access_key_id.clone();
    cell.write(DeleteAccessKeyRequest { user_name: Some(service()), access_key_id }).unwrap();
    user.now(&cell, NOBODY);
}

#[test]
fn sessions_of_roles() {
    let (mut cell, asking) = with_service();
    cell.allow("service", &allow("sts:AssumeRole", "*"));
    role(&mut cell, SERVICE);
    policy(&mut cell, &may_ask());
    let put = |policy_document: String| PutRolePolicyRequest {
        role_name: "r".to_owned(),
        policy_name: "all".to_owned(),
        policy_document,
    };
    cell.write(put(allow("*", "*"))).unwrap();
    let assume = |policy: Option<String>, arns: &[&str]| AssumeRoleRequest {
        role_arn: ROLE.to_owned(),
        role_session_name: "s1".to_owned(),
        policy,
        policy_arns: arns
            .iter()
            .map(|&arn| PolicyDescriptorType { arn: Some(arn.to_owned()) })
            .collect(),
        ..Default::default()
    };
    let mint = |cell: &Cell, request| cell.mint_as(&asking.caller, request).expect("a session").0;
    let mut whole = Asking::new(&mint(&cell, assume(None, &[])));
    whole.now(&cell, MAY);
    // Under one id, as no cell makes them.
    let mut limited = Asking {
        kept: whole.kept,
        ..Asking::new(&mint(&cell, assume(Some(allow("s3:*", "*")), &[])))
    };
    limited.now(&cell, MAY_NOT);
    let mut named =
        Asking { kept: limited.kept, ..Asking::new(&mint(&cell, assume(None, &[POLICY]))) };
    named.now(&cell, MAY);
    cell.write(CreatePolicyVersionRequest {
        policy_arn: managed(),
        policy_document: allow("s3:*", "*"),
        set_as_default: Some(true),
    })
    .unwrap();
    named.now(&cell, MAY_NOT);
    let mut whole = Asking { kept: named.kept, ..Asking::new(&mint(&cell, assume(None, &[]))) };
    whole.now(&cell, MAY);
    cell.write(put(allow("s3:*", "*"))).unwrap();
    whole.now(&cell, MAY_NOT);
    cell.write(put(allow("*", "*"))).unwrap();
    whole.now(&cell, MAY);
    cell.write(DeleteRolePolicyRequest { role_name: "r".into(), policy_name: "all".into() })
        .unwrap();
    cell.write(DeleteRoleRequest { role_name: "r".into() }).unwrap();
    role(&mut cell, SERVICE);
    cell.write(put(allow("*", "*"))).unwrap();
    whole.now(&cell, NOBODY);
}

fn allow_statement(action: &str) -> String {
    format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"*"}}"#)
}

/// A session's caller, with something of the session changed.
fn changed(caller: &v1::Caller, change: impl FnOnce(&mut v1::Session)) -> v1::Caller {
    let Some(v1::caller::Kind::Session(mut session)) = caller.kind.clone() else {
        panic!("a session")
    };
    change(&mut session);
    v1::Caller { kind: Some(v1::caller::Kind::Session(session)), ..caller.clone() }
}
