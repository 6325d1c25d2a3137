//! The values of `Principal` and `NotPrincipal`.

use crate::{
    Malformed,
    document::{Principals, Written},
    principal::Named,
};
use alloc::format;

/// Checks that every value is a principal that can be evaluated.
pub(super) fn check(principals: &Principals) -> Result<(), Malformed> {
    if let Written::Bare(text) = &principals.written
        && &*text.value != "*"
    {
        let message = "Principal must be a JSON object.";
        return Err(Malformed::new(message, Some(text.span.clone()), "neither \"*\" nor a map"));
    }
    for (kind, text) in principals.entries() {
        if Named::read(kind, text).is_none() {
            // AWS shows the names of the types other than AWS in capitals.
            let shown = kind.to_ascii_uppercase();
            let message = format!("Invalid principal in policy: \"{shown}\":\"{}\"", text.value);
            return Err(Malformed::new(message, Some(text.span.clone()), "no principal"));
        }
    }
    Ok(())
}
