//! The condition keys of a question: what the asker tells, beside what the cell knows.
//!
//! Source: IAM User Guide, "AWS global condition context keys".

use std::sync::LazyLock;

use policy::check::RequestKey;
use policy::{Context, KnownKey};
use schema::Fault;

use super::asked::{Asked, Texts, Told};
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

/// As bits, those of them that stand among [`KnownKey`]s.
static KNOWN_OF_THE_CELL: LazyLock<u64> = LazyLock::new(|| {
    let known = OF_THE_CELL.iter().filter_map(|name| KnownKey::of(&format!("aws:{name}")));
    known.fold(0, |bits, key| bits | 1 << key.place())
});

/// The whole context of a question, given what is known of its principal.
pub(super) fn of(
    asked: &Asked<'_>,
    target: &Target<'_>,
    principal: &Context,
) -> Result<Context, Fault> {
    let texts = asked.context.iter().flat_map(|told| told.values.iter().chain([told.key]));
    let mut context = principal.extended(texts.map(str::len).sum::<usize>() + target.bytes());
    let mut seen = Seen::default();
    for Told { key, values } in &asked.context {
        let known = KnownKey::of(key);
        let what = match known {
            Some(known) => RequestKey::known(known),
            None => {
                check_name(key)?;
                RequestKey::of(key)
            }
        };
        check_values(key, what, values)?;
        if is_known_here(key, known, target) {
            return Err(faults::validation(format!(
                "context key {key} must be left out: the cell fills it"
            )));
        }
        if !seen.is_new(key, known) {
            return Err(faults::validation(format!("context key {key} is given twice")));
        }
        match (values.single(), known) {
            (Some(value), Some(known)) if !what.is_list() => context.set_known(known, value),
            (Some(value), None) if !what.is_list() => context.set(key, value),
            _ => context.set_list(key, values.iter()),
        }
    }
    context.set("aws:ResourceAccount", target.account_id);
    for tag in target.tags.iter().flat_map(|tags| tags.iter()) {
        context.set(&format!("aws:ResourceTag/{}", tag.key), &tag.value);
        context.set(&format!("iam:ResourceTag/{}", tag.key), &tag.value);
    }
    Ok(context)
}

/// The keys that a question has given so far.
#[derive(Default)]
struct Seen {
    known: u64,
    others: Vec<String>,
}

impl Seen {
    fn is_new(&mut self, key: &str, known: Option<KnownKey>) -> bool {
        if let Some(known) = known {
            let bit = 1 << known.place();
            let is_new = self.known & bit == 0;
            self.known |= bit;
            return is_new;
        }
        let lower = key.to_lowercase();
        let is_new = !self.others.contains(&lower);
        self.others.push(lower);
        is_new
    }
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
fn check_values(key: &str, what: RequestKey, values: &Texts<'_>) -> Result<(), Fault> {
    if values.is_empty() && !what.is_list() {
        return Err(faults::validation(format!("context key {key} must have a value")));
    }
    if values.len() > 1 && what.is_single() {
        return Err(faults::validation(format!("context key {key} must have one value")));
    }
    for value in values.iter() {
        if let Some(what) = what.value_fault(value) {
            return Err(faults::validation(format!("the value of context key {key} is {what}")));
        }
    }
    Ok(())
}

fn is_known_here(key: &str, known: Option<KnownKey>, target: &Target<'_>) -> bool {
    if let Some(known) = known {
        return *KNOWN_OF_THE_CELL & 1 << known.place() != 0;
    }
    let lower = key.to_lowercase();
    let is_tag = |prefix: &str| lower.starts_with(prefix);
    if target.tags.is_some() && (is_tag("aws:resourcetag/") || is_tag("iam:resourcetag/")) {
        return true;
    }
    let Some(name) = lower.strip_prefix("aws:") else { return false };
    name.starts_with("principaltag/") || OF_THE_CELL.contains(&name)
}
