//! The decision procedure, on small sets of policies.

use super::*;
use alloc::{format, string::String};

const ACCOUNT: &str = "111122223333";
const ALICE: &str = "arn:aws:iam::111122223333:user/alice";
const BUCKET: &str = "arn:aws:s3:::b/k";

fn policy(effect: &str, action: &str) -> Policy {
    let body = format!(r#""Effect":"{effect}","Action":"{action}","Resource":"*""#);
    load(&format!("{{{body}}}"))
}

fn load(statement: &str) -> Policy {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{statement}}}"#);
    Policy::load(&text).expect("a policy")
}

fn naming(principal: &str, action: &str) -> Policy {
    let text = format!(r#"{{"Effect":"Allow","Principal":{principal},"Action":"{action}"}}"#);
    load(&text)
}

fn ask(caller: Principal<'_>, action: &str, resource: &str, policies: &Policies<'_>) -> Decision {
    let context = Context::new();
    let account = ACCOUNT;
    let request = Request {
        principal: caller,
        action,
        resource,
        resource_account: account,
        context: &context,
    };
    decide(&request, policies)
}

fn alice<'a>() -> Principal<'a> {
    Principal::user(ACCOUNT, ALICE, "AIDAALICE")
}

fn brief(decision: Decision) -> (Outcome, Set, Option<usize>, Option<usize>) {
    let reason = decision.reason;
    (decision.outcome, reason.set, reason.policy, reason.statement)
}

#[test]
fn names_the_statement_that_decides() {
    let other = policy("Allow", "ec2:*");
    let both = load(
        r#"[{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"},
            {"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]"#,
    );
    let policies = Policies { identity: &[&other, &both], ..Policies::default() };
    let decision = ask(alice(), "s3:GetObject", BUCKET, &policies);
    assert_eq!(brief(decision), (Outcome::Allowed, Set::Identity, Some(1), Some(1)));
    let deny = policy("Deny", "*");
    let policies = Policies { boundary: Some(&deny), ..policies };
    let decision = ask(alice(), "s3:GetObject", BUCKET, &policies);
    assert_eq!(brief(decision), (Outcome::ExplicitlyDenied, Set::Boundary, Some(0), Some(0)));
}

#[test]
fn a_deny_counts_wherever_it_stands() {
    let (other, put) = (policy("Allow", "ec2:*"), policy("Deny", "s3:Put*"));
    let (allow, deny) = (policy("Allow", "s3:Get*"), policy("Deny", "s3:*"));
    let mut identity = alloc::vec![&other; 150];
    let said = |identity: &[&Policy]| {
        let policies = Policies { identity, ..Policies::default() };
        let decision = ask(alice(), "s3:GetObject", BUCKET, &policies);
        (decision.outcome, decision.reason.policy)
    };
    identity[1] = &put;
    assert_eq!(said(&identity), (Outcome::ImplicitlyDenied, None));
    identity[140] = &allow;
    assert_eq!(said(&identity), (Outcome::Allowed, Some(140)));
    identity[149] = &deny;
    assert_eq!(said(&identity), (Outcome::ExplicitlyDenied, Some(149)));
    identity[3] = &allow;
    assert_eq!(said(&identity), (Outcome::ExplicitlyDenied, Some(149)));
    identity[60] = &deny;
    assert_eq!(said(&identity), (Outcome::ExplicitlyDenied, Some(60)));
}

#[test]
fn names_the_set_that_is_silent() {
    let all = policy("Allow", "*");
    let ec2 = policy("Allow", "ec2:*");
    let base = Policies { identity: &[&all], ..Policies::default() };
    let silent = |policies: &Policies<'_>| {
        let decision = ask(alice(), "s3:GetObject", BUCKET, policies);
        assert_eq!(decision.outcome, Outcome::ImplicitlyDenied);
        decision.reason.set
    };
    assert_eq!(silent(&Policies { identity: &[], ..base }), Set::Identity);
    assert_eq!(silent(&Policies { boundary: Some(&ec2), ..base }), Set::Boundary);
    assert_eq!(silent(&Policies { session: Some(&[&ec2]), ..base }), Set::Session);
    assert_eq!(silent(&Policies { scps: &[&[&all], &[&ec2]], ..base }), Set::Scp);
    let decision =
        ask(alice(), "s3:GetObject", BUCKET, &Policies { scps: &[&[&all], &[&ec2]], ..base });
    assert_eq!(decision.reason.level, 1);
}

#[test]
fn an_explicit_deny_comes_before_a_silent_service_control_policy() {
    let (ec2, deny) = (policy("Allow", "ec2:*"), policy("Deny", "s3:*"));
    let policies = Policies { identity: &[&deny], scps: &[&[&ec2]], ..Policies::default() };
    let decision = ask(alice(), "s3:GetObject", BUCKET, &policies);
    assert_eq!(decision.outcome, Outcome::ExplicitlyDenied);
    assert_eq!(decision.reason.set, Set::Identity);
}

#[test]
fn an_empty_list_of_session_policies_means_none() {
    let all = policy("Allow", "*");
    let policies = Policies { identity: &[&all], session: Some(&[]), ..Policies::default() };
    assert!(ask(alice(), "s3:GetObject", BUCKET, &policies).is_allowed());
}

#[test]
fn assuming_a_role_needs_its_trust_policy() {
    let all = policy("Allow", "*");
    let role = "arn:aws:iam::111122223333:role/r";
    let assume = |trust: Option<&Policy>, identity: &[&Policy]| {
        let policies = Policies { identity, resource: trust, ..Policies::default() };
        ask(alice(), "sts:AssumeRole", role, &policies)
    };
    let silent = assume(None, &[&all]);
    assert_eq!(brief(silent).0, Outcome::ImplicitlyDenied);
    assert_eq!(silent.reason.set, Set::Trust);
    let account = naming(r#"{"AWS":"111122223333"}"#, "sts:AssumeRole");
    assert!(assume(Some(&account), &[&all]).is_allowed());
    assert_eq!(assume(Some(&account), &[]).reason.set, Set::Identity);
    let direct = naming(&format!(r#"{{"AWS":"{ALICE}"}}"#), "sts:AssumeRole");
    assert_eq!(brief(assume(Some(&direct), &[])).1, Set::Trust);
    assert!(assume(Some(&direct), &[]).is_allowed());
}

#[test]
fn callers_without_account_need_to_be_named() {
    let all = policy("Allow", "*");
    let everyone = naming(r#""*""#, "s3:GetObject");
    let policies = Policies { identity: &[&all], ..Policies::default() };
    let named = Policies { resource: Some(&everyone), ..policies };
    for caller in [Principal::anonymous(), Principal::service("ec2.amazonaws.com")] {
        assert!(!ask(caller, "s3:GetObject", BUCKET, &policies).is_allowed());
        assert!(ask(caller, "s3:GetObject", BUCKET, &named).is_allowed());
    }
    let caller_identity = ask(Principal::anonymous(), "sts:GetCallerIdentity", "*", &policies);
    assert!(!caller_identity.is_allowed());
}

#[test]
fn service_control_policies_leave_services_alone_and_bind_root() {
    let deny = policy("Deny", "*");
    let everyone = naming(r#""*""#, "s3:GetObject");
    let policies = Policies { resource: Some(&everyone), scps: &[&[&deny]], ..Policies::default() };
    let service = Principal::service("ec2.amazonaws.com");
    assert!(ask(service, "s3:GetObject", BUCKET, &policies).is_allowed());
    let root = Principal::root(ACCOUNT, "arn:aws:iam::111122223333:root");
    let denied = ask(root, "s3:GetObject", BUCKET, &policies);
    assert_eq!(denied.outcome, Outcome::ExplicitlyDenied);
    let free = ask(root, "iam:CreateUser", "*", &Policies::default());
    assert_eq!(brief(free), (Outcome::Allowed, Set::Root, None, None));
}

#[test]
fn a_bound_name_is_not_inherited() {
    let mut trust = naming(&format!(r#"{{"AWS":"{ALICE}"}}"#), "sts:AssumeRole");
    let role = "arn:aws:iam::111122223333:role/r";
    let assume = |trust: &Policy, id: &str| {
        let caller = Principal::user(ACCOUNT, ALICE, id);
        let policies = Policies { resource: Some(trust), ..Policies::default() };
        ask(caller, "sts:AssumeRole", role, &policies).is_allowed()
    };
    assert_eq!(trust.principal_arns().collect::<Vec<_>>(), [ALICE]);
    assert!(assume(&trust, "AIDANEW"), "unbound: by ARN");
    trust.bind(ALICE, "AIDAOLD");
    assert!(assume(&trust, "AIDAOLD"));
    assert!(!assume(&trust, "AIDANEW"));
}

#[test]
fn a_bound_name_is_shown_as_what_it_is_now() {
    let mut trust = naming(&format!(r#"{{"AWS":["{ALICE}","*"]}}"#), "sts:AssumeRole");
    trust.bind(ALICE, "AIDAOLD");
    let shown = |now: Option<&str>| trust.displayed_text(|_| now.map(String::from));
    assert_eq!(shown(Some(ALICE)), trust.source_text());
    assert_eq!(shown(None), trust.source_text().replace(ALICE, "AIDAOLD"));
    let renamed = "arn:aws:iam::111122223333:user/team/alicia";
    assert_eq!(shown(Some(renamed)), trust.source_text().replace(ALICE, renamed));
    // Paths may hold what JSON escapes.
    let odd = r#"arn:aws:iam::111122223333:user/a"b\c/alice"#;
    let text = shown(Some(odd));
    assert_eq!(Policy::load(&text).expect("still a policy").principal_arns().next(), Some(odd));
}

#[test]
fn a_resource_policy_allows_nobody_whom_it_does_not_name() {
    let (all, none) = (policy("Allow", "*"), policy("Deny", "*"));
    let with = |resource| Policies { resource: Some(resource), ..Policies::default() };
    assert!(!ask(alice(), "s3:GetObject", BUCKET, &with(&all)).is_allowed());
    let denied = ask(alice(), "s3:GetObject", BUCKET, &with(&none));
    assert_eq!(denied.outcome, Outcome::ExplicitlyDenied);
}
