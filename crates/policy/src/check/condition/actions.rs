//! Keys of IAM and STS that no request of the statement's actions has.
//!
//! Source: Service Authorization Reference: IAM, STS.

use crate::{
    check::{
        catalogue::Key,
        issue,
        report::Report,
        tree::{Condition, Statement},
    },
    glob::{encode, matches_folded},
};
use alloc::{format, vec::Vec};

/// Tells of a key that none of the actions supports. Where one of them does, the others may stand
/// beside it for other reasons.
pub(super) fn check(
    statement: &Statement<'_>,
    condition: &Condition<'_>,
    key: &Key,
    report: &mut Report,
) {
    let Some(actions) = statement.action.as_ref().filter(|listed| !listed.negated) else { return };
    let Some((service, _)) = key.name.split_once(':') else { return };
    if key.actions.is_empty() || actions.values.is_empty() {
        return;
    }
    if !report.may_compare(key.actions.len() * actions.values.len()) {
        return;
    }
    let supports = |pattern: &str| {
        let Some((prefix, name)) = pattern.split_once(':') else { return true };
        let matches = |pattern: &str, text: &str| {
            let pattern: Vec<u8> = encode(&pattern.to_ascii_lowercase());
            matches_folded(&pattern, text.as_bytes())
        };
        matches(prefix, service) && key.actions.iter().any(|action| matches(name, action))
    };
    if !actions.values.iter().any(|word| supports(word.text)) {
        let details = format!(
            "{} is in requests of {service}:{} only, and the statement is about none of them.",
            key.name,
            key.actions.join(&format!(", {service}:"))
        );
        let spans = [condition.key.span.clone(), actions.span.clone()];
        report.add(issue::UNSUPPORTED_ACTION_FOR_CONDITION_KEY, spans, details);
    }
}
