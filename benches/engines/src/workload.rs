//! The workloads: policies, principals and requests with the decision expected of each.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use serde_json::Value;

pub struct Workload {
    pub policies: BTreeMap<String, Value>,
    pub principals: Vec<Principal>,
    pub requests: Vec<Request>,
}

pub struct Principal {
    pub arn: String,
    pub account: String,
    /// Names of policies, those of groups included.
    pub policies: Vec<String>,
    pub boundary: Option<String>,
}

pub struct Request {
    /// Index of the principal.
    pub principal: usize,
    pub action: String,
    pub resource: String,
    pub context: BTreeMap<String, String>,
    /// `Allow`, `ExplicitDeny` or `ImplicitDeny`.
    pub expect: String,
}

impl Workload {
    pub fn read(folder: &Path, name: &str) -> Result<Self, String> {
        let path = folder.join(format!("{name}.json.gz"));
        let told = |error: std::io::Error| format!("{}: {error}", path.display());
        let file = std::fs::File::open(&path).map_err(told)?;
        let mut text = String::new();
        flate2::read::GzDecoder::new(file).read_to_string(&mut text).map_err(told)?;
        let json: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        Ok(Self::of(&json))
    }

    fn of(json: &Value) -> Self {
        let texts = |value: &Value| -> Vec<String> {
            value.as_array().into_iter().flatten().map(text).collect()
        };
        let principals: Vec<Principal> = json["principals"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|principal| {
                let mut policies = texts(&principal["policies"]);
                for group in texts(&principal["groups"]) {
                    policies.extend(texts(&json["groups"][group]["policies"]));
                }
                Principal {
                    arn: text(&principal["arn"]),
                    account: text(&principal["account"]),
                    policies,
                    boundary: principal["boundary"].as_str().map(str::to_owned),
                }
            })
            .collect();
        let place: BTreeMap<&str, usize> =
            principals.iter().enumerate().map(|(at, p)| (p.arn.as_str(), at)).collect();
        let requests = json["requests"].as_array().into_iter().flatten().map(|request| Request {
            principal: place[text(&request["principal"]).as_str()],
            action: text(&request["action"]),
            resource: text(&request["resource"]),
            context: request["context"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(key, value)| (key.clone(), text(value)))
                .collect(),
            expect: text(&request["expect"]),
        });
        let requests = requests.collect();
        let policies = json["policies"].as_object().into_iter().flatten();
        let policies = policies.map(|(name, policy)| (name.clone(), policy.clone())).collect();
        Self { policies, principals, requests }
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
