//! The facts of a service model in the form botocore ships: `service-2.json`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use schema::Service;
use serde_json::Value;

use super::facts::Facts;

/// The model file at a path, or those of IAM and STS (newest version) in a data folder.
pub fn files(path: &Path) -> Result<Vec<PathBuf>, String> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    Service::AWS.into_iter().map(|service| newest(&path.join(service.signing_name()))).collect()
}

/// `<folder>/<version>/service-2.json` with the greatest version.
fn newest(folder: &Path) -> Result<PathBuf, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let files = entries.filter_map(|entry| Some(entry.ok()?.path().join("service-2.json")));
    let newest = files.filter(|file| file.is_file()).max();
    newest.ok_or_else(|| format!("{}: no unpacked service-2.json below", folder.display()))
}

/// Reads a model file: which service it is of, and its facts.
pub fn read(file: &Path) -> Result<(Service, Facts), String> {
    let explain = |error: String| format!("{}: {error}", file.display());
    let text = fs::read(file).map_err(|error| explain(error.to_string()))?;
    let json = serde_json::from_slice(&text).map_err(|error| explain(error.to_string()))?;
    parse(&json).map_err(explain)
}

/// The facts of a parsed model.
pub fn parse(json: &Value) -> Result<(Service, Facts), String> {
    let name = text(&json["metadata"]["endpointPrefix"]);
    let service = Service::AWS.into_iter().find(|service| service.signing_name() == name);
    let service =
        service.ok_or_else(|| format!("`{name}` is a service we have nothing to do with"))?;
    let mut model = Model { json, service: name, limited: BTreeSet::new(), facts: Facts::new() };
    model.add_all()?;
    Ok((service, model.facts))
}

/// Shapes whose text botocore (and so every client built on it) decodes as a policy, and those STS
/// takes as session policies.
const POLICY_SHAPES: [&str; 3] =
    ["policyDocumentType", "sessionPolicyDocumentType", "unrestrictedSessionPolicyDocumentType"];

struct Model<'a> {
    json: &'a Value,
    service: &'a str,
    /// Shapes that requests hold: only the limits of their members bind anybody.
    limited: BTreeSet<&'a str>,
    facts: Facts,
}

impl<'a> Model<'a> {
    fn add_all(&mut self) -> Result<(), String> {
        let metadata = &self.json["metadata"];
        self.note("version", text(&metadata["apiVersion"]));
        self.note("xmlns", text(&metadata["xmlNamespace"]));
        let operations = self.json["operations"].as_object().ok_or("no operations")?;
        for operation in operations.values() {
            if let Some(input) = operation["input"]["shape"].as_str() {
                self.limit(input);
            }
        }
        for (name, operation) in operations {
            self.add_operation(name, operation);
        }
        Ok(())
    }

    fn note(&mut self, fact: &str, value: &str) {
        self.facts.insert(format!("{} {fact}", self.service), value.to_owned());
    }

    fn shape(&self, name: &str) -> &'a Value {
        &self.json["shapes"][name]
    }

    /// Marks a shape and all it holds as part of a request.
    fn limit(&mut self, name: &'a str) {
        if !self.limited.insert(name) {
            return;
        }
        let shape = self.shape(name);
        let members = shape["members"].as_object().into_iter().flat_map(|members| members.values());
        for part in members.chain([&shape["member"], &shape["key"], &shape["value"]]) {
            if let Some(name) = part["shape"].as_str() {
                self.limit(name);
            }
        }
    }

    fn add_operation(&mut self, name: &str, operation: &'a Value) {
        self.note(name, "");
        let auth = operation["auth"].as_array().into_iter().flatten();
        if auth.into_iter().any(|kind| kind == "smithy.api#noAuth") {
            self.note(&format!("{name} unsigned"), "");
        }
        for error in operation["errors"].as_array().into_iter().flatten() {
            let shape = text(&error["shape"]);
            let details = &self.shape(shape)["error"];
            let code = details["code"].as_str().unwrap_or(shape);
            let status = details["httpStatusCode"].as_u64().unwrap_or(400);
            self.note(&format!("{name} fault {code}"), "");
            self.note(&format!("fault {code}"), &status.to_string());
        }
        if let Some(input) = operation["input"]["shape"].as_str() {
            if !self.shape(input)["members"]["Marker"].is_null() {
                self.note(&format!("{name} paged"), "");
            }
            self.add_structure(input, &format!("{name}Request"));
        }
        if let Some(output) = operation["output"]["shape"].as_str() {
            self.note(&format!("{name} result"), "");
            self.add_structure(output, &format!("{name}Response"));
        }
    }

    /// Adds a structure under the name its message has in proto/.
    fn add_structure(&mut self, shape_name: &'a str, name: &str) {
        let shape = self.shape(shape_name);
        let limited = self.limited.contains(shape_name);
        let required: BTreeSet<&str> =
            shape["required"].as_array().into_iter().flatten().map(text).collect();
        for (member, reference) in shape["members"].as_object().into_iter().flatten() {
            let subject = format!("{name}.{member}");
            if required.contains(member.as_str()) {
                self.note(&format!("{subject} required"), "");
            }
            for (trait_name, value) in reference.as_object().into_iter().flatten() {
                // What would change the encoding; no member of IAM or STS has any today.
                if !IGNORED_TRAITS.contains(&trait_name.as_str()) {
                    self.note(&format!("{subject} {trait_name}"), &value.to_string());
                }
            }
            self.add_member(&subject, text(&reference["shape"]), limited);
        }
    }

    fn add_member(&mut self, subject: &str, shape_name: &'a str, limited: bool) {
        let shape = self.shape(shape_name);
        let part = |name: &str| shape[name]["shape"].as_str();
        let (kind, inner) = match (part("member"), part("value")) {
            (Some(member), _) => ("list of ", member),
            (_, Some(value)) => ("map of ", value),
            _ => ("", shape_name),
        };
        let known = self.facts.contains_key(&format!("{} {subject}", self.service));
        self.note(subject, &format!("{kind}{}", self.kind(inner)));
        self.add_rules(subject, shape_name, limited);
        for of in [shape_name, inner] {
            if self.shape(of)["sensitive"] == true {
                self.note(&format!("{subject} secret"), "");
            }
        }
        if !kind.is_empty() {
            self.add_rules(&format!("{subject}[]"), inner, limited);
        }
        if let Some(key) = part("key") {
            self.add_rules(&format!("{subject}{{}}"), key, limited);
        }
        if !known && self.shape(inner)["type"] == "structure" {
            self.add_structure(inner, inner);
        }
    }

    fn kind(&self, name: &'a str) -> &'a str {
        match text(&self.shape(name)["type"]) {
            "structure" => name,
            kind => kind,
        }
    }

    fn add_rules(&mut self, subject: &str, shape_name: &'a str, limited: bool) {
        let shape = self.shape(shape_name);
        for value in shape["enum"].as_array().into_iter().flatten() {
            self.note(&format!("{subject} one_of {}", text(value)), "");
        }
        if POLICY_SHAPES.contains(&shape_name) {
            self.note(&format!("{subject} policy_document"), "");
        }
        if !limited {
            return;
        }
        let of =
            if shape["type"] == "integer" || shape["type"] == "long" { "value" } else { "length" };
        for bound in ["min", "max"] {
            if let Some(value) = shape[bound].as_i64() {
                self.note(&format!("{subject} {bound}_{of}"), &value.to_string());
            }
        }
        if let Some(pattern) = shape["pattern"].as_str() {
            self.note(&format!("{subject} pattern"), pattern);
        }
    }
}

/// Traits of members that say nothing about the encoding.
const IGNORED_TRAITS: [&str; 5] =
    ["shape", "documentation", "deprecated", "deprecatedMessage", "deprecatedSince"];

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
