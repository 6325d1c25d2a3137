//! The condition keys of a question: what the asker tells, beside what the cell knows.
//!
//! Source: IAM User Guide, "AWS global condition context keys".

use policy::check::RequestKey;
use policy::{Context, KnownKey};
use schema::Fault;

use super::asked::{Asked, Texts, Told};
use super::resource::Target;
use crate::faults;

/// Keys that the cell knows of every request, even if only that it has none. Who asks by ARN has shown no credential,
/// so nothing is known of MFA or of a session, and nobody may say otherwise.
const OF_THE_CELL: [&str; 21] = [
    "aws:assumedroot",
    "aws:currenttime",
    "aws:epochtime",
    "aws:federatedprovider",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:principaltype",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:resourceorgpaths",
    "aws:sourceidentity",
    "aws:tokenissuetime",
    "aws:userid",
    "aws:username",
];

/// As bits.
const KNOWN_OF_THE_CELL: u64 = KnownKey::bits(&OF_THE_CELL);

/// The keys of the tags of an entity of this cell, in lower case.
const TAGS_OF_TARGET: [&str; 2] = ["aws:resourcetag/", "iam:resourcetag/"];

const RESOURCE_ACCOUNT: KnownKey = KnownKey::named("aws:resourceaccount");

/// Sets all keys of a question in a context over what is known of its principal.
#[inline]
pub(super) fn set(
    asked: &Asked<'_>,
    target: &Target<'_>,
    context: &mut Context<'_>,
) -> Result<(), Fault> {
    for told in &asked.context {
        match KnownKey::of(told.key) {
            Some(known) => set_known(context, known, told)?,
            None => set_other(context, told, target)?,
        }
    }
    context.set_known(RESOURCE_ACCOUNT, target.account_id);
    let mut key = String::new();
    for tag in target.tags.unwrap_or_default() {
        for prefix in TAGS_OF_TARGET {
            key.clear();
            key.extend([prefix, &tag.key]);
            context.set_rare(&key, &tag.value);
        }
    }
    Ok(())
}

#[inline]
fn set_known(context: &mut Context<'_>, known: KnownKey, told: &Told<'_>) -> Result<(), Fault> {
    let Told { key, values } = told;
    let what = RequestKey::known(known);
    let is_twice = match values.single() {
        Some(value) if !what.is_list() => {
            let is_twice = context.set_known(known, value);
            if let Some(what) = what.set_value_fault(known, value, context) {
                return Err(unreadable(key, what));
            }
            is_twice
        }
        _ => {
            check_values(key, what, values)?;
            context.set_list(key, values.all())
        }
    };
    if KNOWN_OF_THE_CELL & known.bit() != 0 {
        return Err(filled_here(key));
    }
    if is_twice { Err(given_twice(key)) } else { Ok(()) }
}

fn set_other(context: &mut Context<'_>, told: &Told<'_>, target: &Target<'_>) -> Result<(), Fault> {
    let Told { key, values } = told;
    check_name(key)?;
    let what = RequestKey::rare(key);
    check_values(key, what, values)?;
    let is_tag = |prefix: &str| {
        key.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
    };
    let is_of_target = target.tags.is_some() && TAGS_OF_TARGET.into_iter().any(is_tag);
    if is_of_target || is_tag("aws:principaltag/") {
        return Err(filled_here(key));
    }
    let is_twice = match values.single() {
        Some(value) if !what.is_list() => context.set_rare(key, value),
        _ => context.set_list(key, values.all()),
    };
    if is_twice { Err(given_twice(key)) } else { Ok(()) }
}

#[cold]
fn unreadable(key: &str, what: &str) -> Fault {
    faults::validation(format!("the value of context key {key} is {what}"))
}

#[cold]
fn filled_here(key: &str) -> Fault {
    faults::validation(format!("context key {key} must be left out: the cell fills it"))
}

#[cold]
fn given_twice(key: &str) -> Fault {
    faults::validation(format!("context key {key} is given twice"))
}

fn check_name(key: &str) -> Result<(), Fault> {
    // Printable ASCII nearly always, which has no control characters.
    let is_clean = key.bytes().fold(true, |is_clean, byte| is_clean & matches!(byte, b' '..=b'~'))
        || !key.contains(char::is_control);
    let colon = key.bytes().position(|byte| byte == b':');
    match colon.is_some_and(|at| at > 0 && at + 1 < key.len()) && is_clean {
        true => Ok(()),
        false => Err(faults::validation("a key of context must be prefix:name")),
    }
}

/// A value that cannot be read satisfies no condition: a Deny on it would vanish.
#[inline]
fn check_values(key: &str, what: RequestKey, values: &Texts<'_>) -> Result<(), Fault> {
    if let Some(value) = values.single() {
        return what.value_fault(value).map_or(Ok(()), |what| Err(unreadable(key, what)));
    }
    let values = values.all();
    if !what.is_list() && values.is_empty() {
        return Err(faults::validation(format!("context key {key} must have a value")));
    }
    if what.is_single() {
        return Err(faults::validation(format!("context key {key} must have one value")));
    }
    let fault = values.iter().find_map(|value| what.value_fault(value));
    fault.map_or(Ok(()), |what| Err(unreadable(key, what)))
}
