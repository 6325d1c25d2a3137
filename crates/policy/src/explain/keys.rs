//! The context keys that policies name, in conditions and in variables.
//!
//! Source: IAM API reference, `GetContextKeysForCustomPolicy`.

use crate::{Policy, Version, condition::Family, document, variable};
use alloc::{string::String, vec::Vec};

/// A key that a statement names.
pub(super) struct NamedKey<'a> {
    pub key: &'a str,
    /// It stands in a variable that does without it.
    pub has_default: bool,
}

/// The context keys that the policies name, each once, as first written: the keys of conditions,
/// and those of variables in resources and in values of string and ARN operators.
pub fn context_keys<'a>(policies: impl IntoIterator<Item = &'a Policy>) -> Vec<String> {
    let mut keys = Vec::new();
    for policy in policies {
        // INVARIANT: the text of a policy has been read before.
        let Ok(document) = document::read_loaded(policy.source_text()) else { continue };
        for statement in &document.statements {
            of_statement(statement, policy.version()).for_each(|named| add(named.key, &mut keys));
        }
    }
    keys
}

/// Adds a key, unless it is there in any case of letters.
pub(super) fn add(key: &str, into: &mut Vec<String>) {
    let is_known = |known: &String| known.to_lowercase() == key.to_lowercase();
    if !into.iter().any(is_known) {
        into.push(key.into());
    }
}

/// The keys that a statement names, in the order of its elements, repeated as they are.
pub(super) fn of_statement<'a>(
    statement: &'a document::Statement<'_>,
    version: Version,
) -> impl Iterator<Item = NamedKey<'a>> {
    let resources = statement.resource.iter().flat_map(|listed| &listed.values);
    // The first five segments of an ARN have no variables.
    let rests = resources.filter_map(|text| text.value.splitn(6, ':').nth(5));
    let in_resources = rests.flat_map(move |rest| in_text(rest, version));
    let in_conditions = statement.conditions.iter().flat_map(move |block| {
        let takes_variables = matches!(
            block.operator.family,
            Family::Exact | Family::Folded | Family::Like | Family::Arn
        );
        let own = NamedKey { key: &block.key.value, has_default: false };
        let values = block.values.iter().filter(move |_| takes_variables);
        core::iter::once(own).chain(values.flat_map(move |text| in_text(&text.value, version)))
    });
    in_resources.chain(in_conditions)
}

fn in_text(text: &str, version: Version) -> impl Iterator<Item = NamedKey<'_>> {
    variable::keys(text, version).map(|(key, has_default)| NamedKey { key, has_default })
}
