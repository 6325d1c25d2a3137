//! From JSON to one statement.

use super::{condition, is_empty, mismatch, principal, text, texts, unknown, word};
use crate::{
    Effect,
    check::{
        PolicyType, issue,
        report::Report,
        tree::{Listed, Statement},
    },
    json::{Member, Node, Value},
};
use alloc::{format, vec::Vec};

/// Reads a statement; `None` for what is no object.
pub(super) fn read<'a>(
    node: &'a Node,
    policy_type: PolicyType,
    report: &mut Report,
) -> Option<Statement<'a>> {
    let Value::Object(members) = &node.value else {
        mismatch(node, "object", report);
        return None;
    };
    let mut statement = Statement {
        span: node.span.clone(),
        sid: None,
        effect: None,
        principal: None,
        action: None,
        resource: None,
        conditions: Vec::new(),
        empty_condition: None,
    };
    for member in members {
        let value = &member.value;
        match &*member.key.value {
            "Sid" => statement.sid = text(value, report),
            "Effect" => statement.effect = effect(value, report),
            "Principal" | "NotPrincipal" => {
                set(&mut statement.principal, member, principal::read(member, report), report);
            }
            "Action" | "NotAction" => {
                set(&mut statement.action, member, listed(member, report), report);
            }
            "Resource" | "NotResource" => {
                set(&mut statement.resource, member, listed(member, report), report);
            }
            "Condition" => condition::read(value, &mut statement, report),
            _ => unknown(&member.key, "statement", report),
        }
    }
    missing(&statement, members, policy_type, report);
    Some(statement)
}

fn effect(node: &Node, report: &mut Report) -> Option<Effect> {
    match text(node, report)?.text {
        "Allow" => Some(Effect::Allow),
        "Deny" => Some(Effect::Deny),
        other => {
            let details =
                format!("The Effect \"{other}\" is neither \"Allow\" nor \"Deny\", spelt so.");
            report.add(issue::INVALID_EFFECT, [node.span.clone()], details);
            None
        }
    }
}

fn listed<'a>(member: &'a Member, report: &mut Report) -> Listed<'a> {
    Listed {
        negated: member.key.value.starts_with("Not"),
        name: word(&member.key),
        span: member.value.span.clone(),
        is_empty: is_empty(&member.value),
        values: texts(&member.value, report),
    }
}

/// Sets an element that may be written as `X` or as `NotX`, but not both; the first one stays.
fn set<T>(place: &mut Option<T>, member: &Member, value: T, report: &mut Report) {
    if place.is_none() {
        *place = Some(value);
        return;
    }
    let name = member.key.value.strip_prefix("Not").unwrap_or(&member.key.value);
    let details = format!("A statement has either {name} or Not{name}. Take one of them away.");
    let span = member.key.span.clone();
    report.add(issue::UNSUPPORTED_ELEMENT_COMBINATION, [span], details);
}

/// The elements without which a statement of this kind of policy says nothing.
fn missing(
    statement: &Statement<'_>,
    members: &[Member],
    policy_type: PolicyType,
    report: &mut Report,
) {
    let lacks = |name: &str| !members.iter().any(|member| &*member.key.value == name);
    let mut add = |issue, name: &str| {
        let details = format!("The statement has no {name}. Add it.");
        report.add(issue, [statement.span.clone()], details);
    };
    if lacks("Effect") {
        add(issue::MISSING_EFFECT, "Effect");
    }
    if statement.action.is_none() {
        add(issue::MISSING_ACTION, "Action or NotAction");
    }
    let is_attached = matches!(policy_type, PolicyType::Resource | PolicyType::Trust);
    if statement.resource.is_none() && !is_attached {
        add(issue::MISSING_RESOURCE, "Resource or NotResource");
    }
    let names_principals = is_attached || policy_type == PolicyType::ResourceControl;
    if statement.principal.is_none() && names_principals {
        add(issue::MISSING_PRINCIPAL, "Principal or NotPrincipal");
    }
}
