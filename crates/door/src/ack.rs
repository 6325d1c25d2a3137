//! What a write waits for, as text: `committed`, and in a later version more.

use schema::{Fault, code};

/// Reads an acknowledgement level.
///
/// # Errors
/// `NotImplemented` for the levels that docs/consistency.md plans, `ValidationError` for what is
/// none.
pub(crate) fn parse(text: &str) -> Result<(), Fault> {
    match text.trim() {
        "committed" => Ok(()),
        text if is_planned(text) => {
            let message = format!(
                "x-bailiwick-ack: {text} is not implemented in this version; committed is."
            );
            Err(Fault::new(code::NOT_IMPLEMENTED, message))
        }
        _ => {
            let message = "x-bailiwick-ack must be: committed";
            Err(Fault::new(code::VALIDATION_ERROR, message))
        }
    }
}

fn is_planned(text: &str) -> bool {
    let is_name = |name: &str| name.len() <= 64 && name.bytes().all(|b| b.is_ascii_graphic());
    match text.split_once('=') {
        None => text == "all",
        Some(("replicas", number)) => number.parse::<u16>().is_ok(),
        Some(("zone", name)) => is_name(name),
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_level_for_now() {
        assert_eq!(parse(" committed"), Ok(()));
        for text in ["all", "replicas=2", "zone=a"] {
            let fault = parse(text).expect_err(text);
            assert_eq!((fault.code.as_ref(), fault.http_status()), ("NotImplemented", 501));
        }
        for text in ["", "none", "replicas=x", "replicas=-1"] {
            assert_eq!(parse(text).expect_err(text).code, "ValidationError");
        }
    }
}
