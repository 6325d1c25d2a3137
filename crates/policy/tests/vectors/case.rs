//! One line of a vector file: a request, its policies, and the decision expected.

use policy::{Context, Policies, Policy, Principal, Request};
use serde_json::Value;

/// A vector.
pub struct Case(pub Value);

impl Case {
    /// Puts the case's request and policies to `ask`.
    pub fn ask<T>(&self, ask: impl FnOnce(&Request<'_>, &Policies<'_>) -> T) -> T {
        let text = |key: &str| self.0[key].as_str().expect("a string");
        let context = self.context();
        let request = Request {
            principal: Principal::from_name(text("principal")).expect("a caller"),
            action: text("action"),
            resource: text("resource"),
            resource_account: text("resourceAccount"),
            context: &context,
        };
        let identity = self.policies("identityPolicies");
        let session = self.policies("sessionPolicies");
        let resource = self.policy("resourcePolicy");
        let boundary = self.policy("boundary");
        let (scps, rcps) = (self.levels("scps"), self.levels("rcps"));
        let identity: Vec<&Policy> = identity.iter().collect();
        let session: Vec<&Policy> = session.iter().collect();
        let scps: Vec<Vec<&Policy>> = scps.iter().map(|level| level.iter().collect()).collect();
        let rcps: Vec<Vec<&Policy>> = rcps.iter().map(|level| level.iter().collect()).collect();
        let scps: Vec<&[&Policy]> = scps.iter().map(Vec::as_slice).collect();
        let rcps: Vec<&[&Policy]> = rcps.iter().map(Vec::as_slice).collect();
        let policies = Policies {
            identity: &identity,
            resource: resource.as_ref(),
            boundary: boundary.as_ref(),
            session: Some(&session),
            scps: &scps,
            rcps: &rcps,
            pool: None,
        };
        ask(&request, &policies)
    }

    fn context(&self) -> Context<'static> {
        let mut context = Context::new();
        for (key, value) in self.0["context"].as_object().expect("an object") {
            match value {
                Value::Array(values) => {
                    context.set_list(key, values.iter().map(|v| v.as_str().expect("a string")))
                }
                value => context.set(key, value.as_str().expect("a string")),
            };
        }
        context
    }

    fn policy(&self, key: &str) -> Option<Policy> {
        let value = &self.0[key];
        (!value.is_null()).then(|| load(value))
    }

    fn policies(&self, key: &str) -> Vec<Policy> {
        self.0[key].as_array().into_iter().flatten().map(load).collect()
    }

    fn levels(&self, key: &str) -> Vec<Vec<Policy>> {
        let levels = self.0[key].as_array().into_iter().flatten();
        levels.map(|level| level.as_array().into_iter().flatten().map(load).collect()).collect()
    }
}

fn load(value: &Value) -> Policy {
    let text = value.to_string();
    Policy::load(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}
