//! What an explanation tells.

use policy::{
    Context, Explanation, Outcome, Policies, Policy, Principal, Request, Set, context_keys, explain,
};

const ACCOUNT: &str = "111122223333";
const ALICE: &str = "arn:aws:iam::111122223333:user/alice";
const STATEMENTS: &str = r#"[
  {"Sid":"All","Effect":"Allow","Action":"s3:*","Resource":"*"},
  {"Sid":"Other","Effect":"Deny","Action":"ec2:*","Resource":"*"},
  {"Sid":"Office","Effect":"Deny","Action":"*","Resource":"*","Condition":{
     "NotIpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/32"]},
     "StringNotEqualsIfExists":{"aws:PrincipalTag/Team":"${aws:username}-${k, 'd'}"},
     "Bool":{"AWS:MultiFactorAuthPresent":false}}},
  {"Sid":"Own","Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::b/${aws:userid}/*"}]"#;

fn load(statements: &str) -> Policy {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#);
    Policy::load(&text).expect("a policy")
}

fn ask(context: &Context, policies: &Policies<'_>) -> Explanation {
    let request = Request {
        principal: Principal::user(ACCOUNT, ALICE, ""),
        action: "s3:GetObject",
        resource: "arn:aws:s3:::b/k",
        resource_account: ACCOUNT,
        context,
    };
    explain(&request, policies)
}

fn sids(explained: &Explanation) -> (Vec<&str>, Vec<&str>) {
    let matched = explained.matched.iter().filter_map(|found| found.place.sid.as_deref());
    let unmet = explained.unmet.iter().filter_map(|unmet| unmet.place.sid.as_deref());
    (matched.collect(), unmet.collect())
}

#[test]
fn statements_that_match_and_conditions_that_fail() {
    let policy = load(STATEMENTS);
    let mut context = Context::new();
    context.set("aws:SourceIp", "203.0.113.9");
    context.set("aws:MultiFactorAuthPresent", "true");
    let explained = ask(&context, &Policies { identity: &[&policy], ..Policies::default() });
    assert_eq!(sids(&explained), (vec!["All"], vec!["Office"]));
    let place = &explained.matched[0].place;
    assert_eq!((place.set, place.policy, place.statement), (Set::Identity, 0, 0));
    assert!(policy.source_text()[place.span.clone()].starts_with(r#"{"Sid":"All""#));
    assert!(policy.source_text()[place.span.clone()].ends_with('}'));
    let failed = &explained.unmet[0].failed;
    assert_eq!(failed.len(), 2);
    assert_eq!((&*failed[0].operator, &*failed[0].key), ("NotIpAddress", "aws:SourceIp"));
    assert_eq!(failed[0].wanted, ["203.0.113.0/24", "2001:db8::/32"]);
    assert_eq!(failed[0].got.as_deref(), Some(&["203.0.113.9".to_owned()][..]));
    assert_eq!((&*failed[1].operator, &*failed[1].key), ("Bool", "AWS:MultiFactorAuthPresent"));
    assert_eq!(failed[1].wanted, ["false"]);
    // Without default, lacking, and of statements about this action only.
    let missing = ["aws:PrincipalTag/Team", "aws:username", "aws:userid"];
    assert_eq!(explained.missing_keys, missing);
    assert_eq!(explained.message, None);
}

#[test]
fn every_layer_says_what_it_says() {
    let (all, ec2) =
        (load(STATEMENTS), load(r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*"}"#));
    let everyone = load(
        r#"[
        {"Effect":"Allow","Principal":{"AWS":["111122223333","*"]},"Action":"*","Resource":"*"},
        {"Effect":"Deny","Principal":"*","Action":"s3:Get*","Resource":"*"}]"#,
    );
    let mut context = Context::new();
    context.set("aws:MultiFactorAuthPresent", "true");
    let explained = ask(
        &context,
        &Policies {
            identity: &[&ec2, &all],
            resource: Some(&everyone),
            boundary: Some(&ec2),
            session: Some(&[]),
            scps: &[&[&all], &[]],
            rcps: &[&[]],
            pool: None,
        },
    );
    use Outcome::{Allowed, ExplicitlyDenied, ImplicitlyDenied};
    let layers: Vec<_> = explained.layers.iter().map(|l| (l.set, l.level, l.outcome)).collect();
    assert_eq!(
        layers,
        [
            (Set::Scp, 0, Allowed),
            (Set::Scp, 1, ImplicitlyDenied),
            (Set::Rcp, 0, Allowed),
            (Set::Resource, 0, ExplicitlyDenied),
            (Set::Identity, 0, Allowed),
            (Set::Boundary, 0, ImplicitlyDenied),
        ]
    );
    assert_eq!(explained.decision.outcome, ExplicitlyDenied);
    let grant = explained.matched[1].grant;
    assert!(grant.direct && grant.account && !grant.role);
    assert_eq!(
        explained.message.as_deref(),
        Some(
            "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: s3:GetObject \
             on resource: arn:aws:s3:::b/k with an explicit deny in a resource-based policy"
        )
    );
}

#[test]
fn a_resource_policy_without_principal_grants_nothing() {
    let all = load(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#);
    let policies = Policies { resource: Some(&all), ..Policies::default() };
    let explained = ask(&Context::new(), &policies);
    assert!(explained.matched.is_empty());
    assert_eq!(explained.layers[0].outcome, Outcome::ImplicitlyDenied);
}

#[test]
fn context_keys_of_policies() {
    let old = Policy::load(
        r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::${plain}",
            "Condition":{"NumericEquals":{"n":1}}}}"#,
    )
    .expect("a policy");
    assert_eq!(context_keys([&old]), ["n"]);
    let new = load(STATEMENTS);
    let keys = [
        "n",
        "aws:SourceIp",
        "aws:PrincipalTag/Team",
        "aws:username",
        "k",
        "AWS:MultiFactorAuthPresent",
        "aws:userid",
    ];
    assert_eq!(context_keys([&old, &new, &new]), keys);
    let placed = load(
        r#"{"Effect":"Allow","Action":"${action}","Resource":"arn:aws:s3:${r}:1:b",
            "Condition":{"Bool":{"b":"${no}"},"ArnLike":{"a":"arn:aws:s3:::${yes}"}}}"#,
    );
    assert_eq!(context_keys([&placed]), ["b", "a", "yes"]);
}
