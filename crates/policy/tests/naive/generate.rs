//! Requests and policies that often have to do with each other.

use super::pools::{
    ACTION_PATTERNS, ACTIONS, CALLERS, KEYS, NAMES, OPERATORS, RESOURCE_PATTERNS, RESOURCES, VALUES,
};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

fn pick(pool: &'static [&'static str]) -> impl Strategy<Value = String> + Clone {
    prop::sample::select(pool).prop_map(str::to_owned)
}

/// One value alone, or a list of some.
fn some(pool: &'static [&'static str]) -> impl Strategy<Value = Value> {
    prop_oneof![
        4 => pick(pool).prop_map(|one| json!(one)),
        4 => prop::collection::vec(pick(pool), 1..4).prop_map(|list| json!(list)),
        1 => Just(json!([])),
    ]
}

/// Half of the time a star, so that what else a statement says decides.
fn star_or(pool: &'static [&'static str]) -> impl Strategy<Value = Value> {
    prop_oneof![Just(json!("*")), some(pool)]
}

fn operator() -> impl Strategy<Value = String> {
    let quantifier = prop_oneof![
        4 => Just(""), 1 => Just("ForAllValues:"), 1 => Just("forAnyValue:"),
    ];
    (quantifier, pick(&OPERATORS), prop::bool::weighted(0.2)).prop_map(|(set, base, if_exists)| {
        let suffix = if if_exists && base != "Null" { "IfExists" } else { "" };
        format!("{set}{base}{suffix}")
    })
}

fn condition() -> impl Strategy<Value = Value> {
    let block = (operator(), pick(&KEYS), some(&VALUES));
    let blocks = prop_oneof![Just(Vec::new()), prop::collection::vec(block, 1..3)];
    blocks.prop_map(|blocks| {
        let mut condition = Map::new();
        for (operator, key, values) in blocks {
            condition.insert(operator, json!({ key: values }));
        }
        Value::Object(condition)
    })
}

fn principal() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!("*")),
        some(&NAMES).prop_map(|names| json!({ "AWS": names })),
        some(&NAMES).prop_map(|names| json!({ "AWS": names })),
        Just(json!({"Service": "ec2.amazonaws.com"})),
        Just(json!({"CanonicalUser": "79a59df9"})),
    ]
}

/// A statement; of a resource's policy it names principals.
pub fn statement(of_resource: bool) -> impl Strategy<Value = Value> {
    let effect = prop_oneof![4 => Just("Allow"), 1 => Just("Deny")];
    let rare = || prop::bool::weighted(0.15);
    let negated = (rare(), rare(), rare());
    let parts = (star_or(&ACTION_PATTERNS), star_or(&RESOURCE_PATTERNS), condition(), principal());
    (effect, negated, parts).prop_map(move |(effect, (na, nr, np), parts)| {
        let (actions, resources, condition, principal) = parts;
        let mut statement = Map::new();
        statement.insert("Effect".into(), json!(effect));
        statement.insert(if na { "NotAction" } else { "Action" }.into(), actions);
        statement.insert(if nr { "NotResource" } else { "Resource" }.into(), resources);
        statement.insert("Condition".into(), condition);
        if of_resource {
            statement.insert(if np { "NotPrincipal" } else { "Principal" }.into(), principal);
        }
        Value::Object(statement)
    })
}

pub fn policy(of_resource: bool) -> impl Strategy<Value = Value> {
    let version = prop_oneof![5 => Just(json!("2012-10-17")), 1 => Just(json!("2008-10-17"))];
    (version, prop::collection::vec(statement(of_resource), 1..4))
        .prop_map(|(version, statements)| json!({"Version": version, "Statement": statements}))
}

fn optional(policy: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    prop_oneof![2 => Just(Value::Null), 1 => policy]
}

fn context() -> impl Strategy<Value = Value> {
    let user = prop::option::of(prop_oneof![3 => Just("alice"), 1 => Just("al*ce"), 1 => Just("")]);
    let list = prop::option::of(prop::collection::vec(pick(&VALUES), 0..3));
    (user, prop::option::of(pick(&VALUES)), list, prop::option::of(pick(&VALUES))).prop_map(
        |(user, k, list, tag)| {
            let found = [
                ("aws:username", user.map(|v| json!(v))),
                ("K", k.map(|v| json!(v))),
                ("list", list.map(|v| json!(v))),
                ("aws:principaltag/t", tag.map(|v| json!(v))),
            ];
            let found = found.into_iter().filter_map(|(key, value)| Some((key.into(), value?)));
            Value::Object(found.collect())
        },
    )
}

/// A whole case in the format of the shared vectors.
pub fn case() -> impl Strategy<Value = Value> {
    let list = || prop::collection::vec(policy(false), 0..3);
    let chain = || {
        prop_oneof![
            2 => Just(Value::Null),
            1 => prop::collection::vec(prop::collection::vec(policy(false), 0..3), 1..3)
                .prop_map(|levels| json!(levels)),
        ]
    };
    let owner = prop_oneof![3 => Just("111122223333"), 1 => Just("444455556666")];
    let request = (pick(&CALLERS), pick(&ACTIONS), pick(&RESOURCES), owner, context());
    let session = prop_oneof![2 => Just(Value::Null), 1 => list().prop_map(|list| json!(list))];
    let policies =
        (list(), optional(policy(true)), optional(policy(false)), session, chain(), chain());
    (request, policies).prop_map(|(request, policies)| {
        let (principal, action, resource, owner, context) = request;
        let (identity, of_resource, boundary, session, scps, rcps) = policies;
        json!({
            "id": "generated", "expect": "", "principal": principal, "action": action,
            "resource": resource, "resourceAccount": owner, "context": context,
            "identityPolicies": identity, "resourcePolicy": of_resource, "boundary": boundary,
            "sessionPolicies": session, "scps": scps, "rcps": rcps,
        })
    })
}
