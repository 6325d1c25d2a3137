//! Callers and the principals that name them, by definition.

use super::condition::texts;
use serde_json::Value;

#[derive(PartialEq, Eq, Clone, Copy, Debug)]
pub enum Level {
    Direct,
    Role,
    Account,
}

/// The kind of caller that a name tells: `user`, `assumed-role`, `federated-user`, `root`, or else
/// `service` or `anonymous`.
pub fn kind(name: &str) -> &str {
    match name.split(':').nth(5) {
        Some(resource) => resource.split('/').next().expect("split gives one"),
        None if name == "anonymous" => "anonymous",
        None => "service",
    }
}

pub fn account(name: &str) -> &str {
    name.split(':').nth(4).unwrap_or("")
}

/// At which levels a statement names the caller; none: it does not apply to it.
pub fn levels(statement: &Value, caller: &str, has_boundary: bool) -> Vec<Level> {
    if let Some(element) = statement.get("Principal") {
        return named(element, caller);
    }
    let Some(element) = statement.get("NotPrincipal") else { return vec![Level::Direct] };
    let named = named(element, caller);
    let everyone = written(element).iter().any(|(kind, name)| kind == "AWS" && name == "*");
    let applies = if statement["Effect"] == "Allow" {
        named.is_empty()
    } else {
        let needed: &[Level] = match kind(caller) {
            "root" => &[Level::Account],
            "user" | "federated-user" => &[Level::Account, Level::Direct],
            "assumed-role" => &[Level::Account, Level::Role, Level::Direct],
            _ => &[Level::Direct],
        };
        has_boundary || !(everyone || needed.iter().all(|level| named.contains(level)))
    };
    if applies { vec![Level::Direct] } else { Vec::new() }
}

fn written(element: &Value) -> Vec<(String, String)> {
    match element {
        Value::Object(types) => types
            .iter()
            .flat_map(|(kind, names)| texts(names).into_iter().map(move |n| (kind.clone(), n)))
            .collect(),
        everyone => vec![("AWS".to_owned(), texts(everyone).remove(0))],
    }
}

fn named(element: &Value, caller: &str) -> Vec<Level> {
    let written = written(element);
    written.iter().filter_map(|(kind, name)| level(kind, name, caller)).collect()
}

fn level(principal_type: &str, name: &str, caller: &str) -> Option<Level> {
    let kind = kind(caller);
    if principal_type == "Service" {
        return (kind == "service" && name == caller).then_some(Level::Direct);
    }
    if principal_type != "AWS" {
        return None;
    }
    if name == "*" {
        return Some(Level::Direct);
    }
    if kind == "service" || kind == "anonymous" {
        return None;
    }
    let own = account(caller);
    if name == own || name == format!("arn:aws:iam::{own}:root") {
        return Some(Level::Account);
    }
    if name == caller && kind != "root" {
        return Some(Level::Direct);
    }
    let role = caller.split('/').nth(1)?;
    let is_role = kind == "assumed-role"
        && name.starts_with(&format!("arn:aws:iam::{own}:role/"))
        && name.split('/').next_back()?.eq_ignore_ascii_case(role);
    is_role.then_some(Level::Role)
}
