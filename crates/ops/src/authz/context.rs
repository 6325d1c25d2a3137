//! The condition keys of a question: what the asker tells, beside what the cell knows.
//!
//! Source: IAM User Guide, "AWS global condition context keys".

use policy::Context;
use policy::check::{is_list_key, request_value_fault};
use schema::Fault;
use schema::authz::v1::Question;

use super::resource::Target;
use crate::faults;

/// Keys, without their prefix `aws:`, that the cell knows of every request, even if only that it has none. Who asks by
/// ARN has shown no credential, so nothing is known of MFA or of a session, and nobody may say otherwise.
const OF_THE_CELL: [&str; 21] = [
    "assumedroot",
    "currenttime",
    "epochtime",
    "federatedprovider",
    "multifactorauthage",
    "multifactorauthpresent",
    "principalaccount",
    "principalarn",
    "principalisawsservice",
    "principalorgid",
    "principalorgpaths",
    "principalservicename",
    "principalservicenameslist",
    "principaltype",
    "resourceaccount",
    "resourceorgid",
    "resourceorgpaths",
    "sourceidentity",
    "tokenissuetime",
    "userid",
    "username",
];

pub(super) fn add(
    question: &Question,
    target: &Target,
    context: &mut Context,
) -> Result<(), Fault> {
    let mut seen = Vec::with_capacity(question.context.len());
    for (key, values) in &question.context {
        let values = &values.values;
        let lower = key.to_lowercase();
        check(key, values)?;
        if is_known_here(&lower, target) {
            return Err(faults::validation(format!(
                "context key {key} must be left out: the cell fills it"
            )));
        }
        if seen.contains(&lower) {
            return Err(faults::validation(format!("context key {key} is given twice")));
        }
        seen.push(lower);
        match values.as_slice() {
            [value] if !is_list_key(key) => context.set(key, value),
            values => context.set_list(key, values.iter().map(String::as_str)),
        }
    }
    context.set("aws:ResourceAccount", &target.account_id);
    for tag in target.tags.iter().flatten() {
        context.set(&format!("aws:ResourceTag/{}", tag.key), &tag.value);
        context.set(&format!("iam:ResourceTag/{}", tag.key), &tag.value);
    }
    Ok(())
}

/// A value that cannot be read satisfies no condition: a Deny on it would vanish.
fn check(key: &str, values: &[String]) -> Result<(), Fault> {
    let is_key = key.split_once(':').is_some_and(|(prefix, name)| {
        !prefix.is_empty() && !name.is_empty() && !key.contains(char::is_control)
    });
    if !is_key {
        return Err(faults::validation("a key of context must be prefix:name"));
    }
    let is_list = is_list_key(key);
    if values.is_empty() && !is_list {
        return Err(faults::validation(format!("context key {key} must have a value")));
    }
    let is_single = !is_list && policy::check::is_single_key(key);
    if values.len() > 1 && is_single {
        return Err(faults::validation(format!("context key {key} must have one value")));
    }
    for value in values {
        if let Some(what) = request_value_fault(key, value) {
            return Err(faults::validation(format!("the value of context key {key} is {what}")));
        }
    }
    Ok(())
}

fn is_known_here(lower: &str, target: &Target) -> bool {
    let is_tag = |prefix: &str| lower.starts_with(prefix);
    if target.tags.is_some() && (is_tag("aws:resourcetag/") || is_tag("iam:resourcetag/")) {
        return true;
    }
    let Some(name) = lower.strip_prefix("aws:") else { return false };
    name.starts_with("principaltag/") || OF_THE_CELL.contains(&name)
}
