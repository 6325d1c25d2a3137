//! The format of actions in identity policies.

use crate::{Malformed, action::first_colon, json::Text};
use alloc::format;

/// Checks `service:Name`. The name may hold anything; only a service half of exactly `*` may be a
/// wildcard (rule A-1).
pub(super) fn check(text: &Text<'_>) -> Result<(), Malformed> {
    let refuse =
        |message: &str, detail| Err(Malformed::new(message, Some(text.span.clone()), detail));
    if &*text.value == "*" {
        return Ok(());
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
    if vendor != "*" && (vendor.is_empty() || !vendor.bytes().all(is_allowed)) {
        return refuse(&format!("Vendor {vendor} is not valid"), "not the name of a service");
    }
    Ok(())
}
