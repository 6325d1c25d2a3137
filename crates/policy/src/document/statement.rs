//! From JSON to one statement.

use super::{
    ConditionBlock, Effect, Listed, Problem, ProblemKind, Statement,
    principal::principals,
    read::{text, texts},
};
use crate::{
    Span,
    condition::Operator,
    json::{Node, Text, Value},
};
use alloc::{collections::BTreeSet, format, string::String, vec::Vec};

/// Reads one statement.
pub(super) fn read(node: Node<'_>) -> Result<Statement<'_>, Problem> {
    let span = node.span;
    let Value::Object(members) = node.value else {
        return Err(no_object(&span));
    };
    let (mut sid, mut effect, mut conditions) = (None, None, Vec::new());
    let (mut principal, mut action, mut resource) = (None, None, None);
    for member in members {
        let (key, value) = (member.key, member.value);
        match &*key.value {
            "Sid" => sid = Some(text("Sid", value)?),
            "Effect" => effect = Some(read_effect(value)?),
            "Principal" | "NotPrincipal" => set(&mut principal, &key, principals(&key, value)?)?,
            "Action" | "NotAction" => set(&mut action, &key, listed(&key, value)?)?,
            "Resource" | "NotResource" => set(&mut resource, &key, listed(&key, value)?)?,
            "Condition" => conditions = read_conditions(value)?,
            name => {
                let kind = ProblemKind::Unknown(name.into());
                return Err(Problem::new(kind, &key.span, "an unknown statement element"));
            }
        }
    }
    let Some((effect, effect_text)) = effect else {
        return Err(Problem::new(ProblemKind::NoEffect, &span, "no Effect"));
    };
    Ok(Statement { span, sid, effect, effect_text, principal, action, resource, conditions })
}

pub(super) fn no_object(span: &Span) -> Problem {
    Problem::shape(span, "a statement must be an object")
}

/// Sets an element that may be written as `X` or as `NotX`, but not both.
fn set<T>(place: &mut Option<T>, key: &Text<'_>, value: T) -> Result<(), Problem> {
    if place.is_some() {
        let name = key.value.strip_prefix("Not").unwrap_or(&key.value);
        return Err(Problem::shape(&key.span, format!("both {name} and Not{name}")));
    }
    *place = Some(value);
    Ok(())
}

fn listed<'a>(key: &Text<'a>, node: Node<'a>) -> Result<Listed<'a>, Problem> {
    let span = key.span.start..node.span.end;
    Ok(Listed { negated: key.value.starts_with("Not"), values: texts(&key.value, node)?, span })
}

fn read_effect(node: Node<'_>) -> Result<(Effect, Text<'_>), Problem> {
    let text = text("Effect", node)?;
    let effect = if text.value.eq_ignore_ascii_case("Allow") {
        Effect::Allow
    } else if text.value.eq_ignore_ascii_case("Deny") {
        Effect::Deny
    } else {
        let kind = ProblemKind::Effect((&*text.value).into());
        return Err(Problem::new(kind, &text.span, "Effect must be Allow or Deny"));
    };
    Ok((effect, text))
}

fn read_conditions(node: Node<'_>) -> Result<Vec<ConditionBlock<'_>>, Problem> {
    let Value::Object(operators) = node.value else {
        return Err(Problem::shape(&node.span, "Condition must be an object"));
    };
    let mut blocks = Vec::new();
    for member in operators {
        let Value::Object(keys) = member.value.value else {
            return Err(Problem::shape(&member.value.span, "an operator must hold an object"));
        };
        // IAM takes any operator name over an empty block, which tests nothing.
        if keys.is_empty() {
            continue;
        }
        let Some(operator) = Operator::parse(&member.key.value) else {
            let name = &member.key.value;
            let detail = format!("unknown condition operator {name}");
            return Err(Problem::shape(&member.key.span, detail));
        };
        // A single key, as nearly always, repeats nothing.
        let is_single = keys.len() == 1;
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for key in keys {
            let repeats = !is_single && !seen.insert(key.key.value.to_lowercase());
            let values = scalars(key.value)?;
            let operator_text = member.key.clone();
            blocks.push(ConditionBlock { operator, operator_text, key: key.key, repeats, values });
        }
    }
    Ok(blocks)
}

fn scalars(node: Node<'_>) -> Result<Vec<Text<'_>>, Problem> {
    match node.value {
        Value::Texts(texts) => Ok(texts),
        Value::Array(nodes) => nodes.into_iter().map(scalar).collect(),
        _ => Ok([scalar(node)?].into()),
    }
}

/// A number or boolean means its text.
fn scalar(node: Node<'_>) -> Result<Text<'_>, Problem> {
    let value = match node.value {
        Value::Text(text) | Value::Number(text) => text,
        Value::Bool(true) => "true".into(),
        Value::Bool(false) => "false".into(),
        _ => {
            let detail = "a condition value must be a string, number or boolean";
            return Err(Problem::shape(&node.span, detail));
        }
    };
    Ok(Text { value, span: node.span })
}
