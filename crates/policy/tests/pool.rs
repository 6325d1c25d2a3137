//! Pools of more statements than one index tells apart.

use policy::{Context, Decision, Policies, Policy, Pool, Principal, Request, decide};
use std::sync::Arc;

const ACCOUNT: &str = "111122223333";
const ALICE: &str = "arn:aws:iam::111122223333:user/alice";

fn ask(action: &str, policies: &Policies<'_>) -> Decision {
    let request = Request {
        principal: Principal::user(ACCOUNT, ALICE, "AIDAALICE"),
        action,
        resource: "arn:aws:s3:::b/k",
        resource_account: ACCOUNT,
        context: &Context::new(),
    };
    decide(&request, policies)
}

/// Statements of every kind, each about a few of the actions of `actions`.
fn policy(seed: usize, statements: usize) -> Arc<Policy> {
    let written = (seed..seed + statements).map(|n| {
        let (service, name) = (n % 7, n % 11);
        let effect = if n % 13 == 0 { "Deny" } else { "Allow" };
        let element = match n % 6 {
            0 => format!(r#""Action":["svc{service}:Name{name}","SVC{name}:*{service}"]"#),
            1 => format!(r#""Action":"svc{service}:Name{name}*""#),
            2 => format!(r#""Action":["svc{service}:name{name}","secretsmanager:*"]"#),
            3 => format!(r#""NotAction":["svc{service}:*","svc{name}:Name{service}","s3:?et*"]"#),
            4 => format!(r#""Action":["svc?:Name{name}"]"#),
            _ => format!(r#""Action":"svc{service}:*","Condition":{{"Null":{{"k":"false"}}}}"#),
        };
        format!(r#"{{"Effect":"{effect}",{element},"Resource":"arn:aws:s3:::b/*"}}"#)
    });
    let statements = written.collect::<Vec<_>>().join(",");
    let text = format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#);
    Arc::new(Policy::load(&text).expect("a policy"))
}

fn actions() -> impl Iterator<Item = String> {
    let of = |service: usize| (0..13).map(move |name| format!("svc{service}:Name{name}"));
    let others =
        ["S3:GetObject", "SecretsManager:GetSecretValue", "x:Name1", ":Name1", "Name1", ""];
    (0..13).flat_map(of).chain(others.map(str::to_owned))
}

#[track_caller]
fn check(pool: &Pool) {
    let each: Vec<&Policy> = pool.policies().iter().map(|policy| &**policy).collect();
    for action in actions() {
        let expected = ask(&action, &Policies { identity: &each, ..Policies::default() });
        let found = ask(&action, &Policies { pool: Some(pool), ..Policies::default() });
        assert_eq!(found, expected, "{action}");
    }
}

#[test]
fn any_number_of_statements() {
    for sizes in [&[][..], &[1], &[64], &[65], &[63, 1, 64], &[3, 150, 2, 61], &[130, 1], &[5; 30]]
    {
        let policies = sizes.iter().enumerate().map(|(at, size)| policy(1 + at * 17, *size));
        check(&Pool::new(policies.collect()));
    }
}

#[test]
fn replaced_one_after_another() {
    let mut pool = Pool::new((0..12).map(|at| policy(1 + at * 5, 9)).collect());
    for at in [11, 0, 5, 5, 3, 4, 11, 2, 7] {
        let before = pool.clone();
        pool.replace(at, policy(26 + at, 70));
        check(&pool);
        check(&before);
    }
}
