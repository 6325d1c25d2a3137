//! Nanoseconds per decision, for compiled policies: `cargo bench -p bailiwick-policy`.
#![allow(clippy::print_stdout, clippy::disallowed_types, reason = "a bench takes the time")]

use policy::{Context, Kind, Policies, Policy, Principal, Request, decide};
use std::{hint::black_box, time::Instant};

const ROUNDS: u32 = 2_000_000;
const ALICE: &str = "arn:aws:iam::111122223333:user/alice";

fn policy(statements: &str) -> Policy {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#);
    Policy::parse(&text, Kind::Identity).expect("a policy")
}

fn measure(name: &str, action: &str, resource: &str, policies: &Policies<'_>) {
    let mut context = Context::new();
    context.set("aws:username", "alice");
    context.set("aws:SourceIp", "203.0.113.9");
    context.set("aws:CurrentTime", "2026-01-13T03:33:37Z");
    context.set("aws:PrincipalArn", ALICE);
    let request = Request {
        principal: Principal::user("111122223333", ALICE, "AIDAALICEALICEALICE1"),
        action,
        resource,
        resource_account: "111122223333",
        context: &context,
    };
    let start = Instant::now();
    for _ in 0..ROUNDS {
        black_box(decide(black_box(&request), black_box(policies)));
    }
    let each = start.elapsed().as_nanos() / u128::from(ROUNDS);
    let outcome = decide(&request, policies).outcome.as_str();
    println!("{name:<32} {each:>6} ns  {outcome}");
}

fn main() {
    let admin = policy(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#);
    let own = policy(
        r#"{"Effect":"Allow","Action":["iam:*AccessKey*","iam:GetUser"],
            "Resource":"arn:aws:iam::*:user/${aws:username}"}"#,
    );
    let conditions = policy(
        r#"[{"Effect":"Deny","Action":"*","Resource":"*",
             "Condition":{"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/32"]}}},
            {"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/*",
             "Condition":{"StringLike":{"aws:username":"al*"},
                          "DateGreaterThan":{"aws:CurrentTime":"2020-01-01T00:00:00Z"}}}]"#,
    );
    let many: Vec<Policy> = (0..20)
        .map(|n| {
            policy(&format!(
                r#"[{{"Effect":"Allow","Action":["svc{n}:Get*","svc{n}:List*"],"Resource":"*"}},
                    {{"Effect":"Allow","Action":"svc{n}:Put*","Resource":"arn:aws:svc{n}:::b/*"}}]"#
            ))
        })
        .collect();
    let many: Vec<&Policy> = many.iter().collect();
    let none = Policies::default();
    let user = ALICE;
    measure("admin", "iam:GetUser", user, &Policies { identity: &[&admin], ..none });
    measure("own user, a variable", "iam:GetUser", user, &Policies { identity: &[&own], ..none });
    let object = "arn:aws:s3:::b/x/y";
    let conditional = Policies { identity: &[&conditions], ..none };
    measure("three conditions", "s3:GetObject", object, &conditional);
    let bounded = Policies { boundary: Some(&admin), session: Some(&[&admin]), ..conditional };
    measure("… boundary and session policy", "s3:GetObject", object, &bounded);
    measure(
        "20 policies, none matches",
        "s3:GetObject",
        object,
        &Policies { identity: &many, ..none },
    );
}
