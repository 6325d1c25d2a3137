//! The condition keys of a question: what the asker tells, beside what the cell knows.
//!
//! Source: IAM User Guide, "AWS global condition context keys".

use std::borrow::Cow;

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
const KNOWN_OF_THE_CELL: u64 = {
    let (mut bits, mut at) = (0, 0);
    while at < OF_THE_CELL.len() {
        bits |= KnownKey::named(OF_THE_CELL[at]).bit();
        at += 1;
    }
    bits
};

const RESOURCE_ACCOUNT: KnownKey = KnownKey::named("aws:resourceaccount");

/// The whole context of a question, over what is known of its principal.
#[inline]
pub(super) fn of<'a>(
    asked: &Asked<'a>,
    target: &Target<'_>,
    principal: &'a Context<'a>,
) -> Result<Context<'a>, Fault> {
    let mut context = Context::over(principal, asked.text.0);
    let (mut seen, mut others) = (0, Vec::new());
    for told in &asked.context {
        match KnownKey::of(told.key) {
            Some(known) => {
                set_known(&mut context, known, told, seen)?;
                seen |= known.bit();
            }
            None => others.push(set_other(&mut context, told, target, &others)?),
        }
    }
    context.set_known(RESOURCE_ACCOUNT, target.account_id);
    for tag in target.tags.iter().flat_map(|tags| tags.iter()) {
        context.set(&format!("aws:ResourceTag/{}", tag.key), &tag.value);
        context.set(&format!("iam:ResourceTag/{}", tag.key), &tag.value);
    }
    Ok(context)
}

/// `seen`: the keys that were given before.
#[inline]
fn set_known(
    context: &mut Context<'_>,
    known: KnownKey,
    told: &Told<'_>,
    seen: u64,
) -> Result<(), Fault> {
    let Told { key, values } = told;
    let what = RequestKey::known(known);
    check_values(key, what, values)?;
    if KNOWN_OF_THE_CELL & known.bit() != 0 {
        return Err(filled_here(key));
    }
    if seen & known.bit() != 0 {
        return Err(given_twice(key));
    }
    match values.single() {
        Some(value) if !what.is_list() => context.set_known(known, value),
        _ => context.set_list(key, values.all()),
    }
    Ok(())
}

/// Its key in lower case. `seen`: the keys that were given before.
fn set_other<'a>(
    context: &mut Context<'_>,
    told: &Told<'a>,
    target: &Target<'_>,
    seen: &[Cow<'a, str>],
) -> Result<Cow<'a, str>, Fault> {
    let Told { key, values } = told;
    check_name(key)?;
    let what = RequestKey::of(key);
    check_values(key, what, values)?;
    let key = policy::lowered(key);
    let is_tag = |prefix: &str| key.starts_with(prefix);
    let is_of_target = is_tag("aws:resourcetag/") || is_tag("iam:resourcetag/");
    if is_tag("aws:principaltag/") || (target.tags.is_some() && is_of_target) {
        return Err(filled_here(told.key));
    }
    if seen.contains(&key) {
        return Err(given_twice(told.key));
    }
    match values.single() {
        Some(value) if !what.is_list() => context.set(&key, value),
        _ => context.set_list(&key, values.all()),
    }
    Ok(key)
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
    let is_key = key.split_once(':').is_some_and(|(prefix, name)| {
        !prefix.is_empty() && !name.is_empty() && !key.contains(char::is_control)
    });
    match is_key {
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
