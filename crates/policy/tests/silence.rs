//! The decisions where AWS is silent, A-1 to A-13, each seen from outside.

use policy::{
    Context, Decision, Kind, Outcome, Policies, Policy, Principal, RULES, Request, Set, decide,
};

const ACCOUNT: &str = "111122223333";
const ALICE: &str = "arn:aws:iam::111122223333:user/alice";
const KEY: &str = "arn:aws:s3:::b/k";

fn load(statements: &str) -> Policy {
    let text = format!(r#"{{"Version":"2012-10-17","Statement":{statements}}}"#);
    Policy::load(&text).expect("a policy")
}

fn alice<'a>() -> Principal<'a> {
    Principal::user(ACCOUNT, ALICE, "AIDAALICE")
}

fn ask(caller: Principal<'_>, context: &Context, policies: &Policies<'_>) -> Decision {
    let request = Request {
        principal: caller,
        action: "s3:GetObject",
        resource: KEY,
        resource_account: ACCOUNT,
        context,
    };
    decide(&request, policies)
}

/// What identity policies with these statements say of `s3:GetObject`.
fn identity(statements: &str, context: &Context) -> Outcome {
    let policy = load(statements);
    let policies = Policies { identity: &[&policy], ..Policies::default() };
    ask(alice(), context, &policies).outcome
}

/// Whether a statement with this condition allows.
fn condition(condition: &str, context: &Context) -> bool {
    let statement =
        format!(r#"{{"Effect":"Allow","Action":"*","Resource":"*","Condition":{condition}}}"#);
    identity(&statement, context) == Outcome::Allowed
}

fn one(value: &str) -> Context<'static> {
    let mut context = Context::new();
    context.set("k", value);
    context
}

#[test]
fn every_rule_is_listed() {
    let numbers: Vec<String> = (1..=13).map(|n| format!("A-{n}")).collect();
    assert_eq!(RULES.map(|(number, ..)| number).to_vec(), numbers);
}

#[test]
fn a_1_wildcard_in_the_service_half() {
    let statement =
        |action: &str| format!(r#"{{"Effect":"Allow","Action":"{action}","Resource":"*"}}"#);
    assert_eq!(identity(&statement("s?:Get*"), &Context::new()), Outcome::Allowed);
    let text = |action| format!(r#"{{"Version":"2012-10-17","Statement":{}}}"#, statement(action));
    let refused = Policy::parse(&text("s?:Get*"), Kind::Identity).expect_err("must be refused");
    assert_eq!(refused.message, "Vendor s? is not valid");
    assert!(Policy::parse(&text("*:Get*"), Kind::Identity).is_ok());
}

#[test]
fn a_2_stars_in_inner_segments_do_not_cross_colons() {
    let crossing = r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:*:b/k"}"#;
    assert_eq!(identity(crossing, &Context::new()), Outcome::ImplicitlyDenied);
    let whole = r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:*:*:b/k"}"#;
    assert_eq!(identity(whole, &Context::new()), Outcome::Allowed);
}

#[test]
fn a_3_wildcards_in_the_resource_type() {
    let statement = r#"{"Effect":"Allow","Action":"*","Resource":"arn:aws:s3:::?/*"}"#;
    assert_eq!(identity(statement, &Context::new()), Outcome::Allowed);
}

#[test]
fn a_4_not_resource_with_a_variable_without_value() {
    let not_resource = r#""NotResource":"arn:aws:s3:::b/${none}""#;
    let deny = format!(
        r#"[{{"Effect":"Allow","Action":"*","Resource":"*"}},
            {{"Effect":"Deny","Action":"*",{not_resource}}}]"#
    );
    assert_eq!(identity(&deny, &Context::new()), Outcome::ExplicitlyDenied);
    let allow = format!(r#"{{"Effect":"Allow","Action":"*",{not_resource}}}"#);
    assert_eq!(identity(&allow, &Context::new()), Outcome::ImplicitlyDenied);
    // A pattern that matches settles it.
    let listed = r#"{"Effect":"Deny","Action":"*",
        "NotResource":["arn:aws:s3:::b/${none}","arn:aws:s3:::b/k"]}"#;
    assert_eq!(identity(listed, &Context::new()), Outcome::ImplicitlyDenied);
}

#[test]
fn a_5_sessions_of_a_role_made_again() {
    let session = "arn:aws:sts::111122223333:assumed-role/r/s";
    let role = "arn:aws:iam::111122223333:role/r";
    let mut policy = load(&format!(
        r#"{{"Effect":"Allow","Principal":{{"AWS":"{session}"}},"Action":"*","Resource":"*"}}"#
    ));
    let is_allowed = |policy: &Policy, role_id| {
        let caller = Principal::assumed_role(ACCOUNT, session, role_id, role);
        let policies = Policies { resource: Some(policy), ..Policies::default() };
        ask(caller, &Context::new(), &policies).is_allowed()
    };
    assert!(is_allowed(&policy, "AROANEW"));
    assert_eq!(policy.session_arns().collect::<Vec<_>>(), [session]);
    policy.bind(session, "AROAOLD");
    assert!(is_allowed(&policy, "AROAOLD"));
    assert!(!is_allowed(&policy, "AROANEW"));
}

#[test]
fn a_6_not_principal_that_lists_a_part() {
    let all = load(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#);
    let denied = |caller: Principal<'_>, listed: &[&str]| {
        let policy = load(&format!(
            r#"{{"Effect":"Deny","NotPrincipal":{{"AWS":{listed:?}}},"Action":"*","Resource":"*"}}"#
        ));
        let policies =
            Policies { identity: &[&all], resource: Some(&policy), ..Policies::default() };
        !ask(caller, &Context::new(), &policies).is_allowed()
    };
    let (account, session) = (ACCOUNT, "arn:aws:sts::111122223333:assumed-role/r/s");
    let role = "arn:aws:iam::111122223333:role/r";
    assert!(denied(alice(), &[ALICE]));
    assert!(denied(alice(), &[account]));
    assert!(!denied(alice(), &[ALICE, account]));
    assert!(!denied(alice(), &["*"]));
    let caller = Principal::assumed_role(ACCOUNT, session, "AROAR", role);
    for part in [[session, role], [session, account], [role, account]] {
        assert!(denied(caller, &part), "{part:?}");
    }
    assert!(!denied(caller, &[session, role, account]));
    let root = Principal::root(ACCOUNT, "arn:aws:iam::111122223333:root");
    assert!(!denied(root, &[account]));
    assert!(denied(root, &[ALICE]));
}

#[test]
fn a_7_operator_names_in_any_case() {
    assert!(condition(r#"{"sTRINGeQUALS":{"k":"v"}}"#, &one("v")));
    assert!(condition(r#"{"foranyvalue:STRINGLIKE":{"k":"v*"}}"#, &one("vw")));
}

#[test]
fn a_8_no_variables_in_bool() {
    let mut context = one("true");
    context.set("flag", "true");
    assert!(!condition(r#"{"Bool":{"k":"${flag}"}}"#, &context));
    let text = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*",
        "Resource":"*","Condition":{"Bool":{"k":"${flag}"}}}}"#;
    assert!(Policy::parse(text, Kind::Identity).is_err());
}

#[test]
fn a_9_values_of_another_type() {
    for negated in ["NumericNotEquals", "DateNotEquals", "NotIpAddress", "ArnNotEquals"] {
        let readable = match negated {
            "NumericNotEquals" | "DateNotEquals" => "1",
            "NotIpAddress" => "10.0.0.1",
            _ => "arn:aws:s3:::b",
        };
        let with = |value: &str| format!(r#"{{"{negated}":{{"k":"{value}"}}}}"#);
        assert!(!condition(&with(readable), &one("nonsense")), "{negated} on the request's side");
        assert!(!condition(&with("nonsense"), &one(readable)), "{negated} on the policy's side");
        let other = match negated {
            "NotIpAddress" => "10.0.0.2",
            "ArnNotEquals" => "arn:aws:s3:::c",
            _ => "2",
        };
        assert!(condition(&with(readable), &one(other)), "{negated} on readable values");
    }
}

#[test]
fn a_10_any_value_if_exists_without_the_key() {
    assert!(condition(r#"{"ForAnyValue:StringEqualsIfExists":{"k":"v"}}"#, &Context::new()));
    assert!(!condition(r#"{"ForAnyValue:StringEquals":{"k":"v"}}"#, &Context::new()));
}

#[test]
fn a_11_multivalued_keys_without_set_operator() {
    let mut context = Context::new();
    context.set_list("k", ["v"]);
    for operator in ["StringEquals", "StringNotEquals", "StringLikeIfExists"] {
        assert!(!condition(&format!(r#"{{"{operator}":{{"k":"v"}}}}"#), &context), "{operator}");
        assert!(!condition(&format!(r#"{{"{operator}":{{"k":"w"}}}}"#), &context), "{operator}");
    }
}

#[test]
fn a_12_empty_strings_are_present() {
    assert!(condition(r#"{"Null":{"k":"false"}}"#, &one("")));
    assert!(condition(r#"{"StringEquals":{"k":""}}"#, &one("")));
    assert!(!condition(r#"{"ForAllValues:StringEquals":{"k":"v"}}"#, &one("")));
}

#[test]
fn a_13_silent_service_control_policies() {
    let all = load(r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#);
    let ec2 = load(r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*"}"#);
    let policies = Policies { identity: &[&all], scps: &[&[&ec2]], ..Policies::default() };
    let decision = ask(alice(), &Context::new(), &policies);
    assert_eq!(decision.outcome, Outcome::ImplicitlyDenied);
    assert_eq!(decision.reason.set, Set::Scp);
    assert_eq!(
        decision.why("s3:GetObject", None),
        "because no service control policy allows the s3:GetObject action"
    );
}
