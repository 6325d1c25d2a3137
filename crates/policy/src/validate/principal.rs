//! The values of `Principal` and `NotPrincipal`.

use crate::{
    Malformed,
    document::{Principals, Written},
    json::Text,
    principal::Named,
};
use alloc::format;

/// The principal types (IAM policy grammar).
const TYPES: [&str; 4] = ["AWS", "Service", "Federated", "CanonicalUser"];

/// Checks that every value is a principal that can be evaluated.
pub(super) fn check(principals: &Principals<'_>) -> Result<(), Malformed> {
    check_bare(principals)?;
    for (kind, text) in principals.entries() {
        if Named::read(kind, text).is_none() {
            return Err(invalid(kind, text));
        }
    }
    Ok(())
}

/// Checks only that every value has a type that there is.
pub(super) fn check_types(principals: &Principals<'_>) -> Result<(), Malformed> {
    check_bare(principals)?;
    match principals.entries().find(|(kind, _)| !TYPES.contains(kind)) {
        Some((kind, text)) => Err(invalid(kind, text)),
        None => Ok(()),
    }
}

fn check_bare(principals: &Principals<'_>) -> Result<(), Malformed> {
    if let Written::Bare(text) = &principals.written
        && &*text.value != "*"
    {
        let message = "Principal must be a JSON object.";
        return Err(Malformed::new(message, Some(text.span.clone()), "neither \"*\" nor a map"));
    }
    Ok(())
}

/// AWS shows the names of the types other than AWS in capitals.
fn invalid(kind: &str, text: &Text<'_>) -> Malformed {
    let shown = kind.to_ascii_uppercase();
    let message = format!("Invalid principal in policy: \"{shown}\":\"{}\"", text.value);
    Malformed::new(message, Some(text.span.clone()), "no principal")
}
