//! The format of actions in identity policies.

use crate::{
    Malformed,
    action::{Halves, is_service},
    hash::place_of,
    json::Text,
};
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
    if vendor != "*" && !is_service(vendor.as_bytes()) {
        return refuse(&format!("Vendor {vendor} is not valid"), "not the name of a service");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{document, index};
    use alloc::{string::String, vec::Vec};

    /// That lists are found regular when they are right, and never when they are not. A list with a
    /// star where its service is need not be found regular.
    #[test]
    fn regular_actions_are_right() {
        let texts = [
            "s3:Get*",
            "*",
            "**",
            "s3",
            "s3:Get:x",
            "S3:x",
            "s_3:x",
            ":x",
            "s3:",
            "*:x",
            "s*:x",
            "long-service.name:LongName",
            "long-service.name:LongName*:",
            "\u{e9}:x",
            "a/:x",
            "",
            "s3:*Get:",
            "S-.9:\u{e9}?",
            "s3:G?:t",
            "Z:*a*",
        ];
        let mut found_regular = 0;
        for first in texts {
            for second in texts {
                for third in ["s3:List", "*", "s3/:x"] {
                    let texts = [first, second, third];
                    let listed: Vec<String> =
                        texts.iter().map(|text| format!("{text:?}")).collect();
                    let text = format!(
                        r#"{{"Statement":[{{"Effect":"Deny","Action":[{}]}},{{"Effect":"Allow","NotAction":"*"}}]}}"#,
                        listed.join(",")
                    );
                    let document = document::read_loaded(&text).expect("a document");
                    let (_, is_regular) = index::build(&document.statements);
                    let listed = document.statements[0].action.as_ref().expect("actions");
                    let is_right = check_all(&listed.values).is_ok();
                    let has_star = texts.iter().any(|text| text.starts_with('*'));
                    assert!(!is_regular || is_right, "{texts:?}");
                    assert!(!is_right || is_regular || has_star, "{texts:?}");
                    found_regular += usize::from(is_regular);
                }
            }
        }
        assert!(found_regular > 0);
    }
}
