//! Identity policies, as `CreatePolicy` and `Put…Policy` check them.
//!
//! The order of the checks is that of answers recorded from AWS: structure, version, "legacy
//! parsing", statement ids, actions present, resources present, resource formats, action formats.

use super::{action, condition, resource};
use crate::{
    Malformed, Version,
    document::{Document, Listed, Statement},
};
use alloc::collections::BTreeSet;

/// IAM's answer to values that an old parser inside it cannot read.
const LEGACY: &str = "The policy failed legacy parsing";

/// Checks a document whose structure is sound.
pub(super) fn check(document: &Document<'_>, actions_are_regular: bool) -> Result<(), Malformed> {
    if document.version != Some(Version::V2012) {
        let message = "Policy document must be version 2012-10-17 or greater.";
        let span = Some(document.span.clone());
        return Err(Malformed::new(message, span, "Version is not 2012-10-17"));
    }
    for statement in &document.statements {
        legacy(statement)?;
    }
    for statement in &document.statements {
        if let Some(principal) = &statement.principal {
            let message = "Policy document should not specify a principal.";
            let span = Some(principal.span.clone());
            return Err(Malformed::new(message, span, "an identity policy names its bearer"));
        }
    }
    statement_ids(document)?;
    let present = |listed: &Option<Listed>| listed.as_ref().is_some_and(|l| !l.values.is_empty());
    for statement in &document.statements {
        if !present(&statement.action) {
            return Err(lacks(statement, "Policy statement must contain actions."));
        }
    }
    for statement in &document.statements {
        if !present(&statement.resource) {
            return Err(lacks(statement, "Policy statement must contain resources."));
        }
    }
    for listed in document.statements.iter().filter_map(|s| s.resource.as_ref()) {
        listed.values.iter().try_for_each(resource::check)?;
    }
    if actions_are_regular {
        return Ok(());
    }
    let mut listed = document.statements.iter().filter_map(|s| s.action.as_ref());
    listed.try_for_each(|listed| action::check_all(&listed.values))
}

fn lacks(statement: &Statement, message: &str) -> Malformed {
    Malformed::new(message, Some(statement.span.clone()), "the element is missing or empty")
}

fn legacy(statement: &Statement) -> Result<(), Malformed> {
    if !statement.effect_is_exact() {
        let span = Some(statement.effect_text.span.clone());
        return Err(Malformed::new(LEGACY, span, "Effect must be spelt Allow or Deny"));
    }
    if let Some((text, what)) = condition::fault(&statement.conditions, Version::V2012) {
        return Err(Malformed::new(LEGACY, Some(text.span.clone()), what));
    }
    for text in statement.resource.iter().flat_map(|listed| &listed.values) {
        if let Some(what) = resource::legacy_fault(&text.value) {
            return Err(Malformed::new(LEGACY, Some(text.span.clone()), what));
        }
    }
    Ok(())
}

fn statement_ids(document: &Document<'_>) -> Result<(), Malformed> {
    let mut seen = BTreeSet::new();
    for sid in document.statements.iter().filter_map(|s| s.sid.as_ref()) {
        if !sid.value.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            let message = "Statement IDs (SID) must be alpha-numeric. Check that your input \
                           satisfies the regular expression [0-9A-Za-z]*";
            return Err(Malformed::new(message, Some(sid.span.clone()), "not alphanumeric"));
        }
        if !sid.value.is_empty() && !seen.insert(&*sid.value) {
            let message = "Statement IDs (SID) in a single policy must be unique.";
            return Err(Malformed::new(message, Some(sid.span.clone()), "a Sid twice"));
        }
    }
    Ok(())
}
