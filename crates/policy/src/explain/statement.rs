//! One statement, looked at for an explanation.

use super::{FailedCondition, Grant, keys};
use crate::{
    Context, Effect, Version,
    compile::{Question, Statement},
    document,
    principal::Levels,
};
use alloc::{
    string::{String, ToString},
    vec::Vec,
};

/// What a statement is to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// It applies.
    Applies(Grant),
    /// Only its conditions keep it from applying.
    Unmet,
    /// It covers the action and the caller, and a variable in its resources has no value.
    Unresolved,
    /// It is about something else.
    Elsewhere,
}

/// Looks at a statement that covers the action. The policy of a resource allows nobody whom it does not name.
pub(super) fn see(statement: &Statement, question: &Question<'_>, is_of_resource: bool) -> Seen {
    let names_nobody = is_of_resource && statement.principals.is_none();
    if names_nobody && statement.effect == Effect::Allow {
        return Seen::Elsewhere;
    }
    let levels = statement.names(question);
    if levels.is_none() {
        return Seen::Elsewhere;
    }
    if !statement.covers_resource(question) {
        let is_unresolved = statement.has_unresolved_resource(question);
        return if is_unresolved { Seen::Unresolved } else { Seen::Elsewhere };
    }
    if !statement.conditions().iter().all(|condition| condition.holds(question.context)) {
        return Seen::Unmet;
    }
    Seen::Applies(Grant {
        direct: levels.has(Levels::DIRECT),
        role: levels.has(Levels::ROLE),
        account: levels.has(Levels::ACCOUNT),
    })
}

/// The conditions that do not hold, as the text has them.
pub(super) fn failures(
    statement: &Statement,
    written: Option<&document::Statement<'_>>,
    context: &Context<'_>,
) -> Vec<FailedCondition> {
    let blocks = written.map_or(&[][..], |written| &written.conditions);
    let pairs = statement.conditions().iter().zip(blocks);
    pairs
        .filter(|(condition, _)| !condition.holds(context))
        .map(|(_, block)| FailedCondition {
            operator: block.operator_text.value.to_string(),
            key: block.key.value.to_string(),
            wanted: block.values.iter().map(|value| value.value.to_string()).collect(),
            got: context.get(&block.key.value).map(|value| value.all().map(String::from).collect()),
        })
        .collect()
}

/// Adds the keys that a statement needs and the context lacks.
pub(super) fn missing_keys(
    written: &document::Statement<'_>,
    version: Version,
    context: &Context<'_>,
    into: &mut Vec<String>,
) {
    for named in keys::of_statement(written, version) {
        if !named.has_default && context.get(named.key).is_none() {
            keys::add(named.key, into);
        }
    }
}
