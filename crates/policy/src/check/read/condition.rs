//! From JSON to the conditions of a statement.

use super::{is_empty, mismatch, word};
use crate::{
    check::{
        issue,
        report::Report,
        tree::{Condition, Scalar, ScalarKind, Statement, Word},
    },
    condition::Operator,
    json::{Member, Node, Value},
};
use alloc::{collections::BTreeSet, format, string::String, vec::Vec};

/// Reads the element into its statement.
pub(super) fn read<'a>(node: &'a Node, statement: &mut Statement<'a>, report: &mut Report) {
    let Value::Object(operators) = &node.value else {
        return mismatch(node, "object", report);
    };
    if operators.is_empty() {
        statement.empty_condition = Some(node.span.clone());
    }
    for member in operators {
        let Value::Object(keys) = &member.value.value else {
            mismatch(&member.value, "object", report);
            continue;
        };
        // IAM takes any operator name over an empty block, which tests nothing.
        if keys.is_empty() {
            statement.empty_condition = Some(member.value.span.clone());
            continue;
        }
        if let Some(operator) = operator(member, report) {
            let mut seen = BTreeSet::new();
            for key in keys {
                repeated(key, &mut seen, report);
                statement.conditions.push(Condition {
                    operator,
                    operator_name: word(&member.key),
                    key: word(&key.key),
                    span: key.value.span.clone(),
                    is_empty: is_empty(&key.value),
                    values: scalars(&key.value, report),
                });
            }
        }
    }
}

fn operator(member: &Member, report: &mut Report) -> Option<Operator> {
    let name = &*member.key.value;
    let operator = Operator::parse(name);
    if operator.is_none() {
        let bare = name.rsplit(':').next().unwrap_or(name);
        let (issue, details) = if bare.eq_ignore_ascii_case("NullIfExists") {
            let details = "Null tells whether a key is there, so IfExists adds nothing to it. \
                           Remove IfExists.";
            (issue::NULL_WITH_IF_EXISTS, String::from(details))
        } else {
            let details = format!("There is no condition operator {name}. Correct its name.");
            (issue::INVALID_CONDITION_OPERATOR, details)
        };
        report.add(issue, [member.key.span.clone()], details);
    }
    operator
}

fn repeated(key: &Member, seen: &mut BTreeSet<String>, report: &mut Report) {
    if !seen.insert(key.key.value.to_lowercase()) {
        let details = format!(
            "The condition key {} stands twice under one operator: keys do not differ by the case \
             of their letters. Put all values under one of them.",
            key.key.value
        );
        report.add(issue::DUPLICATE_KEYS_WITH_DIFFERENT_CASE, [key.key.span.clone()], details);
    }
}

fn scalars<'a>(node: &'a Node, report: &mut Report) -> Vec<Scalar<'a>> {
    match &node.value {
        Value::Array(nodes) => nodes.iter().filter_map(|node| scalar(node, report)).collect(),
        _ => scalar(node, report).into_iter().collect(),
    }
}

fn scalar<'a>(node: &'a Node, report: &mut Report) -> Option<Scalar<'a>> {
    let (text, kind): (&str, _) = match &node.value {
        Value::Text(text) => (text, ScalarKind::Text),
        Value::Number(text) => (text, ScalarKind::Number),
        Value::Bool(true) => ("true", ScalarKind::Bool),
        Value::Bool(false) => ("false", ScalarKind::Bool),
        Value::Null | Value::Array(_) | Value::Texts(_) | Value::Object(_) => {
            mismatch(node, "string, number or boolean", report);
            return None;
        }
    };
    Some(Scalar { word: Word { text, span: node.span.clone() }, kind })
}
