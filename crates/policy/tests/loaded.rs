//! What `Policy::load` evaluates although nobody may store it: policies accepted elsewhere.

use policy::{Context, Kind, Policies, Policy, Principal, Request, decide};

const ACCOUNT: &str = "111122223333";
const ALICE: &str = "arn:aws:iam::111122223333:user/alice";

fn load(statements: &str) -> Policy {
    Policy::load(&document(statements)).expect("a policy")
}

fn document(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#)
}

/// Whether `caller` may read the object when this is its bucket's policy.
fn is_allowed(caller: Principal<'_>, resource: &Policy) -> bool {
    let context = Context::new();
    let request = Request {
        principal: caller,
        action: "s3:GetObject",
        resource: "arn:aws:s3:::b/k",
        resource_account: ACCOUNT,
        context: &context,
    };
    let policies = Policies { resource: Some(resource), ..Policies::default() };
    decide(&request, &policies).is_allowed()
}

fn alice<'a>() -> Principal<'a> {
    Principal::user(ACCOUNT, ALICE, "AIDAALICEALICEALICE1")
}

#[test]
fn what_is_no_principal_names_nobody() {
    for written in [
        r#"{"AWS":"arn:aws:iam::111122223333:user/*"}"#,
        r#"{"AWS":"arn:aws:iam::111122223333:group/g"}"#,
        r#"{"AWS":"arn:aws:iam::111122223333:instance-profile/p"}"#,
        r#"{"AWS":"arn:aws:iam::*:root"}"#,
        r#"{"AWS":[]}"#,
        r#"{"CanonicalUser":"79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}"#,
        r#"{"Service":"*"}"#,
    ] {
        let rest = r#""Action":"s3:*","Resource":"*""#;
        let allow = load(&format!(r#"{{"Effect":"Allow","Principal":{written},{rest}}}"#));
        for caller in [alice(), Principal::anonymous(), Principal::service("ec2.amazonaws.com")] {
            assert!(!is_allowed(caller, &allow), "{written}");
        }
        let spare = load(&format!(
            r#"[{{"Effect":"Allow","Principal":"*",{rest}}},
                {{"Effect":"Deny","NotPrincipal":{written},{rest}}}]"#
        ));
        assert!(!is_allowed(alice(), &spare), "{written} exempts nobody");
    }
    let unknown = r#"{"Effect":"Allow","Principal":{"aws":"*"},"Action":"*","Resource":"*"}"#;
    assert!(Policy::load(&document(unknown)).is_err(), "no such type of principal");
}

#[test]
fn allow_with_not_principal_means_everyone_else() {
    let allow = |listed: &str| {
        load(&format!(
            r#"{{"Effect":"Allow","NotPrincipal":{{"AWS":"{listed}"}},"Action":"*","Resource":"*"}}"#
        ))
    };
    let other = allow("arn:aws:iam::111122223333:user/bob");
    assert!(is_allowed(alice(), &other));
    assert!(is_allowed(Principal::anonymous(), &other));
    assert!(!is_allowed(alice(), &allow(ALICE)), "listed itself");
    assert!(!is_allowed(alice(), &allow(ACCOUNT)), "listed in part");
    assert!(!is_allowed(Principal::anonymous(), &allow("*")));
    for kind in [Kind::Resource, Kind::Trust] {
        let stored = Policy::parse(other.source_text(), kind).expect_err("must not be stored");
        assert!(!stored.message.is_empty());
    }
}

#[test]
fn any_characters_and_no_statements() {
    let japanese = r#"{"Effect":"Allow","Principal":"*","Action":"*",
        "Resource":"arn:aws:s3:::b/k","Sid":"読む"}"#;
    assert!(is_allowed(alice(), &load(japanese)));
    assert!(Policy::parse(&document(japanese), Kind::Resource).is_err());
    assert!(!is_allowed(alice(), &load("[]")));
    assert!(Policy::load(r#"{"Version":"2012-10-17"}"#).is_err());
    assert!(Policy::parse(&document("[]"), Kind::Resource).is_err());
}
