//! The decision by definition, on a case in the format of the shared vectors.

use super::condition::{Asked, all_hold, texts};
use super::glob::{expand, matches_text, plain};
use super::principal::{Level, account, kind, levels};
use serde_json::Value;

/// What a set of policies says when it stands alone.
#[derive(Default)]
struct Said {
    denies: bool,
    allows: bool,
    levels: Vec<Level>,
}

pub fn decide(case: &Value) -> &'static str {
    let text = |key: &str| case[key].as_str().expect("a text");
    let (caller, action) = (text("principal"), text("action").to_lowercase());
    let kind = kind(caller);
    let is_signed = kind != "anonymous";
    if action == "sts:getcalleridentity" && is_signed {
        return "Allowed";
    }
    let has_account = is_signed && kind != "service";
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let one = |value: &Value| if value.is_null() { Vec::new() } else { vec![value.clone()] };
    let say = |policies: &[Value]| said(policies, case);
    let scps: Vec<Said> = match has_account {
        true => list(&case["scps"]).iter().map(|level| say(&list(level))).collect(),
        false => Vec::new(),
    };
    let rcps: Vec<Said> = list(&case["rcps"]).iter().map(|level| say(&list(level))).collect();
    let resource = say(&one(&case["resourcePolicy"]));
    let identity = say(&list(&case["identityPolicies"]));
    let (boundary, session) = (one(&case["boundary"]), list(&case["sessionPolicies"]));
    let (boundary_says, session_says) = (say(&boundary), say(&session));
    let all = [&resource, &identity, &boundary_says, &session_says];
    if all.into_iter().chain(&scps).chain(&rcps).any(|said| said.denies) {
        return "ExplicitlyDenied";
    }
    if scps.iter().any(|level| !level.allows) {
        return "ImplicitlyDenied";
    }
    let has = |level| resource.levels.contains(&level);
    let identity_allows = match kind {
        "root" => true,
        "federated-user" if session.is_empty() => false,
        _ => identity.allows,
    };
    let within_limits = (boundary.is_empty() || boundary_says.allows)
        && (session.is_empty() || session_says.allows);
    let needs_consent = (action.starts_with("sts:") && !case["resourcePolicy"].is_null())
        || action.starts_with("sts:assumerole")
        || (action.starts_with("kms:") && text("resource").contains(":key/"));
    let is_allowed = if !has_account {
        has(Level::Direct)
    } else if account(caller) == text("resourceAccount") {
        has(Level::Direct)
            || (has(Level::Role) && within_limits)
            || (identity_allows && within_limits && (!needs_consent || has(Level::Account)))
    } else {
        !resource.levels.is_empty() && identity_allows && within_limits
    };
    if is_allowed { "Allowed" } else { "ImplicitlyDenied" }
}

fn said(policies: &[Value], case: &Value) -> Said {
    let mut said = Said::default();
    for policy in policies {
        let statements = match &policy["Statement"] {
            Value::Array(statements) => statements.clone(),
            single => vec![single.clone()],
        };
        for statement in &statements {
            let levels = applies(statement, policy["Version"] == "2012-10-17", case);
            if statement["Effect"] == "Deny" {
                said.denies |= !levels.is_empty();
            } else {
                said.allows |= !levels.is_empty();
                said.levels.extend(levels);
            }
        }
    }
    said
}

fn applies(statement: &Value, has_variables: bool, case: &Value) -> Vec<Level> {
    let context: Vec<(String, Value)> = case["context"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| (key.to_lowercase(), value.clone()))
        .collect();
    let asked = Asked { context: &context, has_variables };
    let is_about = covers_action(statement, case["action"].as_str().expect("a text"))
        && covers_resource(statement, case["resource"].as_str().expect("a text"), &asked)
        && statement.get("Condition").is_none_or(|condition| all_hold(condition, &asked));
    if !is_about {
        return Vec::new();
    }
    levels(statement, case["principal"].as_str().expect("a text"), !case["boundary"].is_null())
}

fn covers_action(statement: &Value, action: &str) -> bool {
    let action = action.to_lowercase();
    let (service, name) = action.split_once(':').expect("an action has a colon");
    let is_listed = |pattern: &String| {
        if is_stars(pattern) {
            return true;
        }
        let pattern = pattern.to_lowercase();
        pattern
            .split_once(':')
            .is_some_and(|(s, n)| matches_text(&plain(s), service) && matches_text(&plain(n), name))
    };
    match (statement.get("Action"), statement.get("NotAction")) {
        (Some(listed), _) => texts(listed).iter().any(is_listed),
        (_, Some(listed)) => {
            let listed = texts(listed);
            !listed.is_empty() && !listed.iter().any(is_listed)
        }
        _ => false,
    }
}

/// One star at least, and nothing else.
fn is_stars(pattern: &str) -> bool {
    !pattern.is_empty() && pattern.chars().all(|letter| letter == '*')
}

fn covers_resource(statement: &Value, resource: &str, asked: &Asked<'_>) -> bool {
    if let Some(listed) = statement.get("Resource") {
        let listed = texts(listed);
        return listed
            .iter()
            .any(|pattern| matches_resource(pattern, resource, asked) == Some(true));
    }
    let Some(listed) = statement.get("NotResource") else { return true };
    let verdicts: Vec<Option<bool>> =
        texts(listed).iter().map(|pattern| matches_resource(pattern, resource, asked)).collect();
    if verdicts.is_empty() || verdicts.contains(&Some(true)) {
        return false;
    }
    !verdicts.contains(&None) || statement["Effect"] == "Deny"
}

/// `None`: a variable has no value.
fn matches_resource(pattern: &str, resource: &str, asked: &Asked<'_>) -> Option<bool> {
    if is_stars(pattern) {
        return Some(true);
    }
    let mut parts: Vec<&str> = pattern.splitn(6, ':').collect();
    if parts.len() < 6 && !pattern.ends_with('*') {
        return Some(false);
    }
    parts.resize(6, "*");
    let rest = expand(parts[5], asked.has_variables, true, asked.context)?;
    let own: Vec<&str> = resource.splitn(6, ':').collect();
    let is_match = own.len() == 6
        && matches_text(&plain(parts[0]), own[0])
        && (1..5).all(|n| matches_text(&plain(parts[n]), own[n]))
        && matches_text(&rest, own[5]);
    Some(is_match)
}
