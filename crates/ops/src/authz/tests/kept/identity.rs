//! Who the principal is changes: it is made again under its name, its key is taken away, its account goes.

use super::*;

#[test]
fn a_user_made_again_is_somebody_else() {
    let mut cell = with_alice(&allow("s3:*", "*"));
    let id = |cell: &Cell| {
        let account = cell.state.account(ACCOUNT).expect("the account");
        account.users().named("alice").expect("the user").id.clone()
    };
    let first = id(&cell);
    let policy = allow_where("aws:userid", &first);
    cell.allow("alice", &policy);
    let mut watch = Watch::new(&cell, alice(), reading(), ALLOWED);
    let user_name = || "alice".to_owned();
    let keys: Vec<String> = {
        let listed =
            cell.read(ListAccessKeysRequest { user_name: Some(user_name()), ..Default::default() });
        let metadata = listed.unwrap().access_key_metadata.into_iter();
        metadata.map(|key| key.access_key_id().to_owned()).collect()
    };
    for access_key_id in keys {
        cell.write(DeleteAccessKeyRequest { user_name: Some(user_name()), access_key_id }).unwrap();
    }
    let policy_name = "allow".into();
    cell.write(DeleteUserPolicyRequest { user_name: user_name(), policy_name }).unwrap();
    cell.write(DeleteUserRequest { user_name: user_name() }).unwrap();
    watch.now(&cell, unknown());
    cell.user("alice");
    assert_ne!(id(&cell), first);
    cell.allow("alice", &policy);
    watch.now(&cell, SILENT);
}

#[test]
fn a_user_under_another_name() {
    let mut cell = with_alice(&allow("s3:*", "*"));
    let mut watch = Watch::new(&cell, alice(), reading(), ALLOWED);
    let rename = |from: &str, to: &str| UpdateUserRequest {
        user_name: from.to_owned(),
        new_user_name: Some(to.to_owned()),
        ..Default::default()
    };
    cell.write(rename("alice", "bob")).unwrap();
    watch.now(&cell, unknown());
    cell.write(rename("bob", "alice")).unwrap();
    watch.now(&cell, ALLOWED);
}

#[test]
fn access_keys() {
    let mut cell = Cell::new();
    let key = cell.user("alice");
    cell.allow("alice", &allow("s3:*", "*"));
    let by_key = Who::Credential(Box::new(key.clone()));
    let mut watch = Watch::new(&cell, by_key, reading(), ALLOWED);
    let (user_name, access_key_id) = (Some("alice".to_owned()), key.access_key_id);
    let update = |status: &str| UpdateAccessKeyRequest {
        user_name: user_name.clone(),
        access_key_id: access_key_id.clone(),
        status: status.to_owned(),
    };
    cell.write(update("Inactive")).unwrap();
    watch.now(&cell, unknown());
    cell.write(update("Active")).unwrap();
    watch.now(&cell, ALLOWED);
    cell.allow("alice", DENY);
    watch.now(&cell, DENIED);
    cell.write(DeleteAccessKeyRequest { user_name, access_key_id: access_key_id.clone() }).unwrap();
    watch.now(&cell, unknown());
}

#[test]
fn sessions() {
    let mut cell = Cell::new();
    let key = cell.user("alice");
    cell.allow("alice", &allow("sts:AssumeRole", "*"));
    role(&mut cell, ALICE);
    let (session, _) = cell.mint_as(&key, assume(Some(allow("s3:Get*", "*")))).unwrap();
    let by_session = Who::Credential(Box::new(session));
    let mut watch = Watch::new(&cell, by_session, reading(), ALLOWED);
    let put = |cell: &mut Cell, document: &str| {
        let (role_name, policy_name) = ("r".into(), "all".into());
        let policy_document = document.to_owned();
        cell.write(PutRolePolicyRequest { role_name, policy_name, policy_document }).unwrap();
    };
    put(&mut cell, DENY);
    watch.now(&cell, DENIED);
    put(&mut cell, &allow("sqs:*", "*"));
    watch.now(&cell, SILENT);
    put(&mut cell, &allow("s3:*", "*"));
    watch.now(&cell, ALLOWED);
    // Under the same id, as no cell makes it.
    let (session, _) = cell.mint_as(&key, assume(Some(allow("s3:Put*", "*")))).unwrap();
    watch.past.clear();
    watch.who = Who::Credential(Box::new(session));
    watch.now(&cell, SILENT);
    cell.write(DeleteRolePolicyRequest { role_name: "r".into(), policy_name: "all".into() })
        .unwrap();
    cell.write(DeleteRoleRequest { role_name: "r".into() }).unwrap();
    role(&mut cell, ALICE);
    watch.now(&cell, unknown());
}

#[test]
fn what_a_role_trusts() {
    let mut cell = with_alice(&allow("sts:AssumeRole", "*"));
    role(&mut cell, ALICE);
    let mut watch = Watch::new(&cell, alice(), question("sts:AssumeRole", ROLE), ALLOWED);
    let root = format!("arn:aws:iam::{OTHER}:root");
    let (role_name, policy_document) = ("r".into(), trust(&root));
    cell.write(UpdateAssumeRolePolicyRequest { role_name, policy_document }).unwrap();
    watch.now(&cell, SILENT);
}

#[test]
fn a_role_deleted() {
    let mut cell = Cell::new();
    role(&mut cell, "*");
    let session = format!("arn:aws:sts::{ACCOUNT}:assumed-role/r/session");
    let mut watch = Watch::new(&cell, Who::Arn(session.into()), reading(), ALLOWED);
    cell.write(DeleteRolePolicyRequest { role_name: "r".into(), policy_name: "all".into() })
        .unwrap();
    watch.now(&cell, SILENT);
    cell.write(DeleteRoleRequest { role_name: "r".into() }).unwrap();
    watch.now(&cell, unknown());
    role(&mut cell, "*");
    watch.now(&cell, ALLOWED);
}

#[test]
fn an_account_deleted() {
    let mut cell = with_alice(&allow("s3:*", "*"));
    let mut watch = Watch::new(&cell, alice(), reading(), ALLOWED);
    let root = Who::Arn(format!("arn:aws:iam::{ACCOUNT}:root").into());
    let mut root = Watch::new(&cell, root, reading(), ALLOWED);
    let account_id = ACCOUNT.to_owned();
    cell.write_as(&Cell::operator(), DeleteAccountRequest { account_id }).unwrap();
    watch.now(&cell, unknown());
    root.now(&cell, unknown());
    cell.account(ACCOUNT, "again@example.com");
    root.now(&cell, ALLOWED);
    assert_eq!(watch.past.last().map(|last| &last.1), Some(&unknown()));
}

#[test]
fn an_aws_named_policy() {
    let mut cell = with_alice(&allow("sqs:*", "*"));
    let put = |document: &str| PutNamedPolicyRequest {
        policy_name: "Storage".into(),
        policy_document: document.to_owned(),
        ..Default::default()
    };
    cell.write_as(&Cell::operator(), put(&allow("sqs:*", "*"))).unwrap();
    let policy_arn = "arn:aws:iam::aws:policy/Storage".to_owned();
    cell.write(AttachUserPolicyRequest { user_name: "alice".into(), policy_arn }).unwrap();
    let mut watch = Watch::new(&cell, alice(), reading(), SILENT);
    cell.write_as(&Cell::operator(), put(&allow("s3:*", "*"))).unwrap();
    watch.now(&cell, ALLOWED);
    cell.write_as(&Cell::operator(), put(DENY)).unwrap();
    watch.now(&cell, DENIED);
}

/// Both are texts that whoever asks has chosen.
#[test]
fn an_arn_is_no_key_and_a_key_no_arn() {
    let mut cell = Cell::new();
    let key = cell.user("alice");
    cell.allow("alice", &allow("s3:*", "*"));
    let key_id = key.access_key_id.clone();
    let ask = |subjects: &Subjects, who: Who<'_>| {
        let (operator, context) = (Cell::operator(), v1::RequestContext::default());
        let asker = Asker::new(&cell.state, subjects, &operator, &context, NOW_MS).unwrap();
        let subject = asker.subject(&who, Power::Decide);
        subject.map(|subject| subject.arn().to_owned()).map_err(|fault| fault.code.to_string())
    };
    let kept = Subjects::new(4);
    for who in [alice(), Who::Credential(Box::new(key))] {
        assert_eq!(ask(&kept, who), Ok(ALICE.to_owned()));
    }
    for who in [Who::Credential(Box::new(long_term(ALICE))), Who::Arn(key_id.into())] {
        let fresh = ask(&Subjects::new(1), who.clone());
        assert!(fresh.is_err(), "{who:?}");
        assert_eq!(ask(&kept, who), fresh);
    }
}
