//! Statements of a workload as the other engines need them: lists, and variables written out.

use policy::{Context, Kind, Outcome, Policies, Policy, Principal, Request, decide};
use serde_json::{Value, json};

use crate::workload::Workload;

pub struct Statement {
    pub allows: bool,
    pub negates_actions: bool,
    pub actions: Vec<String>,
    pub resources: Vec<String>,
    pub condition: Value,
}

/// The statements of a principal, and those of its boundary, if it has one.
pub fn of_principal(workload: &Workload, at: usize) -> (Vec<Statement>, Option<Vec<Statement>>) {
    let principal = &workload.principals[at];
    let user = principal.arn.rsplit('/').next().unwrap_or_default();
    let of = |name: &String| of_policy(&workload.policies[name], user);
    let own = principal.policies.iter().flat_map(of).collect();
    (own, principal.boundary.as_ref().map(of))
}

pub fn of_policy(policy: &Value, user: &str) -> Vec<Statement> {
    let list = |value: &Value| match value {
        Value::Array(items) => items.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    };
    let texts = |value: &Value| -> Vec<String> {
        let texts = list(value).into_iter().filter_map(|item| item.as_str().map(str::to_owned));
        texts.map(|text| text.replace("${aws:username}", user)).collect()
    };
    list(&policy["Statement"])
        .iter()
        .map(|statement| Statement {
            allows: statement["Effect"] == "Allow",
            negates_actions: statement.get("NotAction").is_some(),
            actions: texts(statement.get("Action").unwrap_or(&statement["NotAction"])),
            resources: texts(&statement["Resource"]),
            condition: statement.get("Condition").cloned().unwrap_or(json!({})),
        })
        .collect()
}

/// A condition by itself, for an engine that has none.
pub struct Condition(Policy);

impl Condition {
    pub fn new(condition: &Value) -> Self {
        let text = json!({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*",
            "Resource": "*", "Condition": condition}});
        Self(Policy::parse(&text.to_string(), Kind::Identity).expect("valid"))
    }

    pub fn holds(&self, context: &Context<'_>) -> bool {
        let request = Request {
            principal: Principal::user("1", "arn", ""),
            action: "a:b",
            resource: "*",
            resource_account: "1",
            context,
        };
        let policies = Policies { identity: &[&self.0], ..Policies::default() };
        decide(&request, &policies).outcome == Outcome::Allowed
    }
}
