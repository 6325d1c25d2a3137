//! `iam-rs`: an interpreter of the same language.

use std::collections::BTreeMap;

use iam_rs::{
    Arn, Context, ContextValue, Decision, IAMPolicy, IAMRequest, PolicyEvaluator, Principal,
    PrincipalId,
};

use crate::measure::{Figures, run};
use crate::workload::Workload;

struct Engine {
    own: PolicyEvaluator,
    boundary: Option<PolicyEvaluator>,
}

pub fn measure(workload: &Workload, sample: usize) -> Figures {
    let read = |name: &String| -> IAMPolicy {
        serde_json::from_value(workload.policies[name].clone()).expect("a policy")
    };
    let mut engines: BTreeMap<usize, Engine> = BTreeMap::new();
    let mut requests = Vec::new();
    for request in &workload.requests[..sample] {
        let principal = &workload.principals[request.principal];
        engines.entry(request.principal).or_insert_with(|| Engine {
            own: PolicyEvaluator::with_policies(principal.policies.iter().map(read).collect()),
            boundary: principal
                .boundary
                .as_ref()
                .map(|name| PolicyEvaluator::with_policies(vec![read(name)])),
        });
        let mut context = Context::new();
        for (key, value) in &request.context {
            let value = match value.as_str() {
                "true" => ContextValue::Boolean(true),
                "false" => ContextValue::Boolean(false),
                text => ContextValue::String(text.to_owned()),
            };
            context.insert(key.clone(), value);
        }
        // It takes ARNs only.
        let resource = if request.resource == "*" { "arn:aws:x:::y" } else { &request.resource };
        let Ok(arn) = Arn::parse(resource) else { continue };
        let who = Principal::Aws(PrincipalId::String(principal.arn.clone()));
        let asked = IAMRequest::new_with_context(who, request.action.clone(), arn, context);
        requests.push((request.principal, asked, request.expect.as_str()));
    }
    run(&requests, |(at, asked, expect)| {
        let engine = &engines[at];
        let says =
            |evaluator: &PolicyEvaluator| evaluator.evaluate(asked).map(|told| told.decision);
        let own = says(&engine.own);
        let is_allowed = matches!(own, Ok(Decision::Allow))
            && engine.boundary.as_ref().is_none_or(|b| matches!(says(b), Ok(Decision::Allow)));
        is_allowed == (*expect == "Allow")
    })
}
