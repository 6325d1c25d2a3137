//! From JSON to a policy, however faulty: what is wrong with the structure is found on the way.
//!
//! Source: IAM User Guide, "Grammar of the IAM JSON policy language".

mod condition;
mod principal;
mod statement;

use super::{
    PolicyType, issue,
    report::Report,
    tree::{Policy, Word},
};
use crate::{
    Version,
    json::{Node, Text, Tree, Value},
};
use alloc::{format, vec::Vec};

/// Reads a policy as far as it goes.
pub(super) fn read<'a>(tree: &'a Tree, policy_type: PolicyType, report: &mut Report) -> Policy<'a> {
    let root = &tree.root;
    let mut policy = Policy {
        policy_type,
        version: Version::V2008,
        span: root.span.clone(),
        statements: Vec::new(),
    };
    let Value::Object(members) = &root.value else {
        mismatch(root, "object", report);
        return policy;
    };
    let (mut has_version, mut has_statement) = (false, false);
    for member in members {
        match &*member.key.value {
            "Version" => {
                has_version = true;
                policy.version = version(&member.value, report);
            }
            "Id" => drop(text(&member.value, report)),
            "Statement" => {
                has_statement = !is_empty(&member.value);
                policy.statements = statements(&member.value, policy_type, report);
            }
            _ => unknown(&member.key, "policy", report),
        }
    }
    if !has_version {
        let details = "The policy names no Version, so it means 2008-10-17, which has no policy \
                       variables. Add \"Version\": \"2012-10-17\".";
        report.add(issue::MISSING_VERSION, [root.span.clone()], details);
    }
    if !has_statement {
        let details = "The policy has no statement. Add a Statement with one or more of them.";
        report.add(issue::MISSING_STATEMENT, [root.span.clone()], details);
    }
    policy
}

fn version(node: &Node, report: &mut Report) -> Version {
    match text(node, report).map(|word| word.text) {
        Some("2012-10-17") => Version::V2012,
        Some("2008-10-17") => Version::V2008,
        Some(other) => {
            let details = format!("There is no Version {other}. Use 2012-10-17.");
            report.add(issue::INVALID_VERSION, [node.span.clone()], details);
            // What was meant is nearly always the version with variables.
            Version::V2012
        }
        None => Version::V2012,
    }
}

fn statements<'a>(
    node: &'a Node,
    policy_type: PolicyType,
    report: &mut Report,
) -> Vec<super::tree::Statement<'a>> {
    match &node.value {
        Value::Array(nodes) => {
            nodes.iter().filter_map(|node| statement::read(node, policy_type, report)).collect()
        }
        Value::Object(_) => statement::read(node, policy_type, report).into_iter().collect(),
        _ => {
            mismatch(node, "object or list of objects", report);
            Vec::new()
        }
    }
}

/// An element that the language does not have.
fn unknown(key: &Text, place: &str, report: &mut Report) {
    let details =
        format!("A {place} has no element {}. Remove it, or correct its name.", key.value);
    report.add(issue::INVALID_POLICY_ELEMENT, [key.span.clone()], details);
}

/// A value of the wrong JSON type.
fn mismatch(node: &Node, expected: &str, report: &mut Report) {
    let found = match &node.value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::Text(_) => "a string",
        Value::Array(_) | Value::Texts(_) => "a list",
        Value::Object(_) => "an object",
    };
    let details = format!("This is {found}; the element must be {}.", with_article(expected));
    report.add(issue::DATA_TYPE_MISMATCH, [node.span.clone()], details);
}

fn with_article(noun: &str) -> alloc::string::String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {noun}")
}

/// A value that must be a string.
fn text<'a>(node: &'a Node, report: &mut Report) -> Option<Word<'a>> {
    match &node.value {
        Value::Text(text) => Some(Word { text, span: node.span.clone() }),
        _ => {
            mismatch(node, "string", report);
            None
        }
    }
}

/// A value that must be a string or a list of strings.
fn texts<'a>(node: &'a Node, report: &mut Report) -> Vec<Word<'a>> {
    match &node.value {
        Value::Array(nodes) => nodes.iter().filter_map(|node| text(node, report)).collect(),
        Value::Text(text) => [Word { text, span: node.span.clone() }].into(),
        _ => {
            mismatch(node, "string or list of strings", report);
            Vec::new()
        }
    }
}

/// Whether a value is an empty list.
fn is_empty(node: &Node) -> bool {
    matches!(&node.value, Value::Array(items) if items.is_empty())
}

fn word<'a>(text: &'a Text<'_>) -> Word<'a> {
    Word { text: &text.value, span: text.span.clone() }
}
