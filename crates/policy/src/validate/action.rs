//! The format of actions in identity policies.

use crate::{Malformed, action::first_colon, json::Text};
use alloc::format;

/// Checks texts of the form `service:Name`. The name may hold anything; only a service half of exactly `*` may be a
/// wildcard (rule A-1).
pub(super) fn check_all(listed: &[Text<'_>]) -> Result<(), Malformed> {
    let mut checked = "";
    listed.iter().try_for_each(|text| {
        checked = check(text, checked)?;
        Ok(())
    })
}

/// The vendor of an action, given one that was found right: lists mostly go vendor by vendor.
fn check<'a>(text: &'a Text<'_>, checked: &'a str) -> Result<&'a str, Malformed> {
    let refuse =
        |message: &str, detail| Err(Malformed::new(message, Some(text.span.clone()), detail));
    if &*text.value == "*" {
        return Ok(checked);
    }
    let halves = first_colon(text.value.as_bytes()).and_then(|at| {
        let (vendor, name) = text.value.split_at_checked(at)?;
        Some((vendor, name.strip_prefix(':')?))
    });
    let Some((vendor, name)) = halves else {
        let message = "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
        return refuse(message, "an action is service:Name");
    };
    if first_colon(name.as_bytes()).is_some() {
        return refuse("Actions/Condition can contain only one colon.", "more than one colon");
    }
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'.';
    let is_checked = vendor == checked && !vendor.is_empty();
    if !is_checked && vendor != "*" && (vendor.is_empty() || !vendor.bytes().all(is_allowed)) {
        return refuse(&format!("Vendor {vendor} is not valid"), "not the name of a service");
    }
    Ok(vendor)
}
