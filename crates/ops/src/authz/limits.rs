//! Limits of a question, enforced before anything is looked up.

use policy::limits::{LARGEST_POLICY, MAX_CONTEXT_TEXT, MAX_CONTEXT_VALUES, MAX_TEXT};
use schema::Fault;
use schema::authz::v1::BatchDecideRequest;

use super::asked::{Asked, Texts, Told};
use crate::faults;

/// Questions of a batch.
pub const QUESTIONS_MAX: usize = 100;
/// Characters of an ARN, and of a value of a condition key.
pub(super) const TEXT_MAX: usize = MAX_TEXT;
const ACTION_MAX: usize = 128;
const POLICY_MAX: usize = LARGEST_POLICY;
const KEYS_MAX: usize = 100;
const KEY_MAX: usize = 256;
const VALUES_MAX: usize = MAX_CONTEXT_VALUES;
const _: () = assert!(VALUES_MAX >= 1);

/// Whether a batch has a size that is answered.
///
/// # Errors
/// `ValidationError`.
pub fn check_batch(batch: &BatchDecideRequest) -> Result<(), Fault> {
    match batch.questions.len() {
        1..=QUESTIONS_MAX => Ok(()),
        count => Err(faults::validation(format!(
            "questions must have 1 to {QUESTIONS_MAX} members, and has {count}"
        ))),
    }
}

pub(super) fn check(question: &Asked<'_>) -> Result<(), Fault> {
    if !is_action(question.action) {
        return Err(faults::validation(format!(
            "action must be service:Name without wildcards, at most {ACTION_MAX} characters"
        )));
    }
    at_most("resource", question.resource, TEXT_MAX)?;
    if let Some(policy) = question.resource_policy {
        at_most("resource_policy", policy, POLICY_MAX)?;
    }
    if question.context.len() > KEYS_MAX {
        return Err(faults::validation(format!("context must have at most {KEYS_MAX} keys")));
    }
    question.context.iter().filter(|told| !is_usual(told)).try_for_each(check_key)
}

/// Whether a key and its only value are within all limits, as nearly always.
#[inline]
fn is_usual(told: &Told<'_>) -> bool {
    const SHORT: usize = if TEXT_MAX < MAX_CONTEXT_TEXT { TEXT_MAX } else { MAX_CONTEXT_TEXT };
    let is_short = |value: &str| value.len() <= SHORT;
    told.key.len() <= KEY_MAX && matches!(told.values, Texts::One(value) if is_short(value))
}

#[cold]
fn check_key(told: &Told<'_>) -> Result<(), Fault> {
    let (key, values) = (told.key, told.values.all());
    at_most("a key of context", key, KEY_MAX)?;
    if values.len() > VALUES_MAX {
        return Err(faults::validation(format!(
            "context key {key} must have at most {VALUES_MAX} values"
        )));
    }
    for value in values {
        at_most("a value of context", value, TEXT_MAX)?;
    }
    if values.iter().map(|value| value.len()).sum::<usize>() > MAX_CONTEXT_TEXT {
        return Err(faults::validation(format!(
            "the values of context key {key} must have at most {MAX_CONTEXT_TEXT} bytes together"
        )));
    }
    Ok(())
}

#[inline]
pub(super) fn at_most(what: &str, text: &str, most: usize) -> Result<(), Fault> {
    // A text has no more characters than bytes.
    if text.len() <= most || text.chars().count() <= most {
        return Ok(());
    }
    Err(faults::validation(format!("{what} must have at most {most} characters")))
}

fn is_action(action: &str) -> bool {
    const COLON: u8 = 2;
    /// What bytes may stand in an action.
    const KINDS: [u8; 256] = {
        let (mut kinds, mut byte) = ([0; 256], 0);
        while byte < 128 {
            let is_name = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'-';
            kinds[byte] = if byte as u8 == b':' { COLON } else { is_name as u8 };
            byte += 1;
        }
        kinds
    };
    let (mut colons, mut are_all) = (0, true);
    for byte in action.bytes() {
        let kind = KINDS[usize::from(byte)];
        colons += usize::from(kind / COLON);
        are_all &= kind != 0;
    }
    let has_halves = !action.starts_with(':') && !action.ends_with(':');
    action.len() <= ACTION_MAX && colons == 1 && are_all && has_halves
}
