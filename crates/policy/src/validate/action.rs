//! The format of actions in identity policies.

use crate::{Malformed, action::Halves, hash::place_of, json::Text};
use alloc::format;

/// Checks texts of the form `service:Name`. The name may hold anything; only a service half of exactly `*` may be a
/// wildcard (rule A-1).
pub(super) fn check_all(listed: &[Text<'_>]) -> Result<(), Malformed> {
    let mut halves = Halves::default();
    listed.iter().try_for_each(|text| check(text, &mut halves))
}

/// Checks a text after others that were found right.
fn check<'a>(text: &'a Text<'_>, halves: &mut Halves<'a>) -> Result<(), Malformed> {
    let refuse =
        |message: &str, detail| Err(Malformed::new(message, Some(text.span.clone()), detail));
    if &*text.value == "*" {
        return Ok(());
    }
    let bytes = text.value.as_bytes();
    let Some((name_start, is_checked)) = halves.split(bytes) else {
        let message = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
        return refuse(message, "an action is service:Name");
    };
    if place_of(b':', bytes, name_start).is_some() {
        return refuse("Actions/Condition can contain only one colon.", "more than one colon");
    }
    if is_checked {
        return Ok(());
    }
    let vendor = &text.value[..name_start - 1];
    let is_allowed = |byte| matches!(byte, b'a'..=b'z' | b'-' | b'.' | b'A'..=b'Z' | b'0'..=b'9');
    if vendor != "*" && (vendor.is_empty() || !vendor.bytes().all(is_allowed)) {
        return refuse(&format!("Vendor {vendor} is not valid"), "not the name of a service");
    }
    Ok(())
}
