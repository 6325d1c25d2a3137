//! A decision takes nothing from the heap, whatever it has to look at.

use policy::{
    Context, Decision, Kind, Outcome, Policies, Policy, Pool, Principal, Request, Set, decide,
};
use std::sync::Arc;

const ACCOUNT: &str = "111122223333";
const ALICE: &str = "arn:aws:iam::111122223333:user/alice";
const OBJECT: &str = "arn:aws:s3:::b/home/alice/k";

fn load(statements: &str) -> Policy {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#);
    Policy::load(&text).expect("a policy")
}

/// Decides, and fails if that allocates.
fn ask(action: &str, resource: &str, context: &Context, policies: &Policies<'_>) -> Decision {
    let request = Request {
        principal: Principal::user(ACCOUNT, ALICE, "AIDAALICE"),
        action,
        resource,
        resource_account: ACCOUNT,
        context,
    };
    let mut decision = None;
    let counted = allocation_counter::measure(|| decision = Some(decide(&request, policies)));
    assert_eq!(counted.count_total, 0, "{action} on {resource} allocated");
    decision.expect("decided")
}

fn context() -> Context<'static> {
    let mut context = Context::new();
    context.set("aws:username", "alice");
    context.set("aws:SourceIp", "203.0.113.9");
    context.set("aws:CurrentTime", "2026-01-13T03:33:37Z");
    context.set("aws:SecureTransport", "true");
    context.set("aws:PrincipalArn", ALICE);
    context.set("aws:PrincipalTag/Team", "red");
    context.set("size", "12.5");
    context.set_list("aws:TagKeys", ["a", "b"]);
    context
}

#[test]
fn the_counter_counts() {
    let counted = allocation_counter::measure(|| drop(std::hint::black_box(vec![1_u8])));
    assert_eq!(counted.count_total, 1);
}

#[test]
fn conditions_variables_and_globs() {
    let allow = load(
        r#"[{"Effect":"Allow","Action":["s3:*Object*","?3:Put*"],"NotResource":"arn:aws:s3:::${none}",
             "Principal":"*"},
            {"Effect":"Allow","Action":"s3:Get*","Resource":["arn:aws:s3:::b/*/${aws:username}/?",
             "arn:*:s3:::b/home/${aws:username, 'nobody'}/*"],"Condition":{
               "StringLike":{"aws:PrincipalTag/team":["b*","${aws:username}","r?d"]},
               "StringEqualsIgnoreCase":{"aws:username":"ALICE"},
               "ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/${aws:username}"},
               "DateGreaterThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"},
               "NumericLessThan":{"size":["12.500001","1"]},
               "ForAllValues:StringEquals":{"aws:TagKeys":["a","b","c"]},
               "Bool":{"aws:SecureTransport":true},
               "IpAddress":{"aws:SourceIp":["2001:db8::/32","203.0.113.0/24"]},
               "Null":{"aws:TokenIssueTime":true}}},
            {"Effect":"Deny","NotAction":["iam:*","s3:Get*"],"Resource":"*"}]"#,
    );
    let all = load(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#);
    let pool = Pool::new(vec![Arc::new(all.clone()), Arc::new(allow.clone())]);
    let policies = Policies {
        identity: &[&all, &allow],
        resource: Some(&allow),
        boundary: Some(&allow),
        session: Some(&[&allow]),
        scps: &[&[&all], &[&allow]],
        rcps: &[&[&all]],
        pool: Some(&pool),
    };
    let context = context();
    let ask = |action, resource| ask(action, resource, &context, &policies);
    assert_eq!(ask("s3:GetObject", OBJECT).outcome, Outcome::Allowed);
    assert_eq!(ask("s3:PutObject", OBJECT).outcome, Outcome::ExplicitlyDenied);
    assert_eq!(ask("IAM:GETUSER", ALICE).reason.set, Set::Scp);
    assert_eq!(ask("kms:Decrypt", "*").outcome, Outcome::ExplicitlyDenied);
}

#[test]
fn binary_values() {
    let policy = load(
        r#"{"Effect":"Allow","Action":"*","Resource":"*",
            "Condition":{"BinaryEquals":{"size":["Zm9v","YmFy"]}}}"#,
    );
    let mut context = Context::new();
    context.set("size", "YmFy");
    let policies = Policies { identity: &[&policy], ..Policies::default() };
    assert!(ask("s3:GetObject", OBJECT, &context, &policies).is_allowed());
}

#[test]
fn many_policies() {
    let policies: Vec<Policy> = (0..40)
        .map(|n| {
            let text = format!(
                r#"{{"Version":"2012-10-17","Statement":[
                    {{"Effect":"Allow","Action":["svc{n}:Get*","s3:List*"],"Resource":"*"}},
                    {{"Effect":"Deny","Action":"s3:Delete*","Resource":"arn:aws:s3:::b{n}/*"}}]}}"#
            );
            Policy::parse(&text, Kind::Identity).expect("a policy")
        })
        .collect();
    let identity: Vec<&Policy> = policies.iter().collect();
    let policies = Policies { identity: &identity, ..Policies::default() };
    let context = context();
    let ask = |action| ask(action, "arn:aws:s3:::b39/x", &context, &policies).outcome;
    assert_eq!(ask("svc39:GetIt"), Outcome::Allowed);
    assert_eq!(ask("s3:DeleteObject"), Outcome::ExplicitlyDenied);
    assert_eq!(ask("s3:GetObject"), Outcome::ImplicitlyDenied);
}
