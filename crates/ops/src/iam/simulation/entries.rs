//! The condition keys that a simulation is given.
//!
//! Source: IAM API reference, "ContextEntry".

use std::net::IpAddr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use policy::Context;
use policy::limits::{MAX_CONTEXT_TEXT, MAX_CONTEXT_VALUES};
use schema::Fault;
use schema::iam::v1::ContextEntry;

use crate::faults;

/// Puts the entries over what the context has.
///
/// # Errors
/// `InvalidInput` for an entry without name or value, a name given twice, values that are not of their type, and more
/// values than a decision looks at.
pub(super) fn put(entries: &[ContextEntry], context: &mut Context<'_>) -> Result<(), Fault> {
    for (at, entry) in entries.iter().enumerate() {
        let name = entry.context_key_name.as_deref().unwrap_or_default();
        if !name.contains(':') {
            return Err(faults::invalid_input(format!("Invalid ContextKeyName: {name}")));
        }
        let earlier =
            entries[..at].iter().filter_map(|earlier| earlier.context_key_name.as_deref());
        if earlier.into_iter().any(|earlier| earlier.to_lowercase() == name.to_lowercase()) {
            return Err(faults::invalid_input(format!(
                "The context key {name} is given more than once."
            )));
        }
        let named = entry.context_key_type.as_deref().unwrap_or("string");
        let (kind, is_list) =
            named.strip_suffix("List").map_or((named, false), |kind| (kind, true));
        let values = &entry.context_key_values;
        if let Some(wrong) = values.iter().find(|value| !fits(kind, value)) {
            return Err(faults::invalid_input(format!(
                "The value {wrong} of {name} is not of type {named}."
            )));
        }
        let text: usize = values.iter().map(String::len).sum();
        if values.len() > MAX_CONTEXT_VALUES || text > MAX_CONTEXT_TEXT {
            return Err(faults::invalid_input(format!(
                "The values of {name} must be at most {MAX_CONTEXT_VALUES}, of {MAX_CONTEXT_TEXT} bytes together."
            )));
        }
        let _was_set = match (is_list, values.as_slice()) {
            (true, values) => context.set_list(name, values),
            (false, [value]) => context.set(name, value),
            // AWS's own console sends several values of single-valued types.
            (false, []) => {
                return Err(faults::invalid_input(format!("The context key {name} has no value.")));
            }
            (false, values) => context.set_list(name, values),
        };
    }
    Ok(())
}

fn fits(kind: &str, value: &str) -> bool {
    match kind {
        "numeric" => value.parse::<f64>().is_ok_and(f64::is_finite),
        "boolean" => value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false"),
        "ip" => {
            let (address, bits) =
                value.split_once('/').map_or((value, None), |(a, bits)| (a, Some(bits)));
            address.parse::<IpAddr>().is_ok() && bits.is_none_or(|bits| bits.parse::<u8>().is_ok())
        }
        "binary" => STANDARD.decode(value).is_ok(),
        "date" => value.starts_with(|first: char| first.is_ascii_digit() || first == '-'),
        _ => true,
    }
}
