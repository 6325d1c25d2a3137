//! `cedar-policy`: a statement is a policy that compares strings of the context.

use std::collections::BTreeMap;
use std::fmt::Write;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, EntityUid, PolicySet, Request, RestrictedExpression,
};
use serde_json::Value;

use crate::measure::{Figures, run};
use crate::statement::{Statement, of_principal};
use crate::workload::Workload;

struct Engine {
    own: PolicySet,
    boundary: Option<PolicySet>,
}

pub fn measure(workload: &Workload, sample: usize) -> Figures {
    let (authorizer, entities) = (Authorizer::new(), Entities::empty());
    let mut engines = BTreeMap::new();
    let mut requests = Vec::new();
    for request in &workload.requests[..sample] {
        engines.entry(request.principal).or_insert_with(|| {
            let (own, boundary) = of_principal(workload, request.principal);
            Engine { own: set(&own), boundary: boundary.as_deref().map(set) }
        });
        let mut pairs = vec![
            ("action".to_owned(), RestrictedExpression::new_string(request.action.clone())),
            ("resource".to_owned(), RestrictedExpression::new_string(request.resource.clone())),
        ];
        for (key, value) in &request.context {
            let value = match key.as_str() {
                "aws:SourceIp" => RestrictedExpression::new_ip(value),
                _ => RestrictedExpression::new_string(value.clone()),
            };
            pairs.push((key.clone(), value));
        }
        let context = Context::from_pairs(pairs).expect("a context");
        let uid = |text: &str| -> EntityUid { text.parse().expect("an entity") };
        let (who, what, on) = (uid(r#"User::"u""#), uid(r#"Action::"a""#), uid(r#"Thing::"t""#));
        let asked = Request::new(who, what, on, context, None).expect("a request");
        requests.push((request.principal, asked, request.expect.as_str()));
    }
    run(&requests, |(at, asked, expect)| {
        let says = |set: &PolicySet| {
            authorizer.is_authorized(asked, set, &entities).decision() == Decision::Allow
        };
        let engine = &engines[at];
        let is_allowed = says(&engine.own) && engine.boundary.as_ref().is_none_or(says);
        is_allowed == (*expect == "Allow")
    })
}

fn set(statements: &[Statement]) -> PolicySet {
    let mut text = String::new();
    for statement in statements {
        let effect = if statement.allows { "permit" } else { "forbid" };
        let not = if statement.negates_actions { "!" } else { "" };
        let actions = any("context.action", &statement.actions);
        let resources = any("context.resource", &statement.resources);
        let conditions = conditions(&statement.condition);
        let when = format!("{not}({actions}) && ({resources}){conditions}");
        writeln!(text, "{effect}(principal, action, resource) when {{ {when} }};").expect("text");
    }
    text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Exact patterns by equality, all others by `like`.
fn any(subject: &str, patterns: &[String]) -> String {
    if patterns.iter().any(|pattern| pattern == "*") {
        return "true".to_owned();
    }
    let each = patterns.iter().map(|pattern| {
        let operator = if pattern.contains('*') { "like" } else { "==" };
        format!("{subject} {operator} {pattern:?}")
    });
    each.collect::<Vec<_>>().join(" || ")
}

/// The operators that the workloads use.
fn conditions(condition: &Value) -> String {
    let mut text = String::new();
    for (operator, keys) in condition.as_object().into_iter().flatten() {
        for (key, values) in keys.as_object().into_iter().flatten() {
            let values: Vec<String> = match values {
                Value::Array(values) => {
                    values.iter().filter_map(Value::as_str).map(str::to_owned).collect()
                }
                one => vec![one.as_str().unwrap_or_default().to_owned()],
            };
            let (has, got) = (format!("context has {key:?}"), format!("context[{key:?}]"));
            let any = match operator.as_str() {
                "IpAddress" | "NotIpAddress" => {
                    let each = values.iter().map(|v| format!("{got}.isInRange(ip({v:?}))"));
                    each.collect::<Vec<_>>().join(" || ")
                }
                _ => any(&got, &values),
            };
            let test = match operator.as_str() {
                "StringEquals" | "StringLike" | "Bool" | "IpAddress" => format!("{has} && ({any})"),
                "StringNotEquals" | "NotIpAddress" | "StringNotEqualsIfExists" => {
                    format!("(!({has}) || !({any}))")
                }
                "BoolIfExists" => format!("(!({has}) || ({any}))"),
                other => panic!("{other} is not among the operators of the workloads"),
            };
            write!(text, " && ({test})").expect("text");
        }
    }
    text
}
