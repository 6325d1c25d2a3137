//! Who is named at which level.

use super::*;
use crate::json::Text;

const ACCOUNT: &str = "111122223333";
const ALICE: &str = "arn:aws:iam::111122223333:user/eng/alice";
const ROLE: &str = "arn:aws:iam::111122223333:role/x/app";
const SESSION: &str = "arn:aws:sts::111122223333:assumed-role/app/s1";
const FEDERATED: &str = "arn:aws:sts::111122223333:federated-user/bob";

fn named(kind: &str, value: &str) -> Option<Named> {
    Named::read(kind, &Text { value: value.into(), span: 0..0 })
}

fn level(value: &str, caller: &Principal<'_>) -> Levels {
    named("AWS", value).unwrap_or_else(|| panic!("{value} is a principal")).level(caller)
}

#[test]
fn levels_of_a_user() {
    let alice = Principal::user(ACCOUNT, ALICE, "AIDAALICEALICEALICE1");
    assert_eq!(level("*", &alice), Levels::DIRECT);
    assert_eq!(level(ALICE, &alice), Levels::DIRECT);
    assert_eq!(level("AIDAALICEALICEALICE1", &alice), Levels::DIRECT);
    assert_eq!(level(ACCOUNT, &alice), Levels::ACCOUNT);
    assert_eq!(level("arn:aws:iam::111122223333:root", &alice), Levels::ACCOUNT);
    assert_eq!(level("arn:aws:iam::111122223333:user/alice", &alice), Levels::NONE);
    assert_eq!(level("arn:aws:iam::111122223333:user/eng/Alice", &alice), Levels::NONE);
    assert_eq!(level("444455556666", &alice), Levels::NONE);
}

#[test]
fn levels_of_sessions() {
    let session = Principal::assumed_role(ACCOUNT, SESSION, "AROAROLEROLEROLEROLE", ROLE);
    assert_eq!(level(ROLE, &session), Levels::ROLE);
    assert_eq!(level("AROAROLEROLEROLEROLE", &session), Levels::ROLE);
    assert_eq!(level(SESSION, &session), Levels::DIRECT);
    assert_eq!(level("arn:aws:iam::111122223333:role/app", &session), Levels::NONE, "other path");
    let without_path = Principal { role_arn: None, ..session };
    assert_eq!(level(ROLE, &without_path), Levels::ROLE);
    assert_eq!(level("arn:aws:iam::111122223333:role/APP", &without_path), Levels::ROLE);
    assert_eq!(level("arn:aws:iam::444455556666:role/app", &without_path), Levels::NONE);
    let bob = Principal::federated_user(ACCOUNT, FEDERATED, "AIDAALICEALICEALICE1", ALICE);
    assert_eq!(level(FEDERATED, &bob), Levels::DIRECT);
    assert_eq!(level(ALICE, &bob), Levels::ROLE);
    assert_eq!(level("AIDAALICEALICEALICE1", &bob), Levels::ROLE);
}

#[test]
fn callers_without_account() {
    let service = Principal::service("ec2.amazonaws.com");
    let ec2 = named("Service", "ec2.amazonaws.com").expect("a service");
    assert_eq!(ec2.level(&service), Levels::DIRECT);
    assert_eq!(ec2.level(&Principal::anonymous()), Levels::NONE);
    assert_eq!(level("*", &Principal::anonymous()), Levels::DIRECT);
    assert_eq!(level(ACCOUNT, &service), Levels::NONE);
    let provider = "arn:aws:iam::111122223333:oidc-provider/token.example.com/x";
    let web = Principal::federated(provider);
    let oidc = named("Federated", provider).expect("a provider");
    assert_eq!(oidc.level(&web), Levels::DIRECT);
}

#[test]
fn an_empty_id_names_nobody() {
    let nameless = Principal::user(ACCOUNT, ALICE, "");
    let bound = Named::User { arn: ALICE.into(), id: Some("".into()), span: 0..0 };
    assert_eq!(bound.level(&nameless), Levels::NONE);
}

#[test]
fn what_is_no_principal() {
    for value in [
        "",
        "alice",
        "1234",
        "arn:aws:iam::111122223333:user/*",
        "arn:aws:iam::111122223333:user/",
        "arn:aws:iam::111122223333:group/g",
        "arn:aws:iam::111122223333:instance-profile/p",
        "arn:aws:iam:us-east-1:111122223333:user/a",
        "arn:aws:iam::*:root",
        "arn:aws:sts::111122223333:assumed-role/app",
        "arn:aws:s3:::b",
        "AGPAGROUPGROUPGROUP1",
    ] {
        assert!(named("AWS", value).is_none(), "{value}");
    }
    for value in ["", "ec2", "*", "ec2.*.com", "a..b", "https://x.com"] {
        assert!(named("Service", value).is_none(), "{value}");
    }
    for value in ["", "x", "*", "arn:aws:iam::111122223333:saml-provider/"] {
        assert!(named("Federated", value).is_none(), "{value}");
    }
    assert!(named("CanonicalUser", "79a59df900b949e55d96a1e698fbaced").is_none());
    assert!(named("aws", "*").is_none());
}
