//! What a write waits for, as text: `committed`, `replicas=<number>`, `zone=<name>`, `all`.

use cluster::Level;
use schema::{Fault, code};

/// Names the accepted forms, wherever another was found.
const FORMS: &str = "committed, replicas=<number>, zone=<name>, all";

/// Characters of a zone's name.
const ZONE_MAX: usize = 64;

/// When a write is answered.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub enum Ack {
    /// When it is durable on a quorum and applied.
    #[default]
    Committed,
    /// When it is visible at a level besides, or the deadline passes.
    Visible(Level),
}

/// Reads an acknowledgement level.
///
/// # Errors
/// `ValidationError` that names the accepted forms.
pub fn parse(text: &str) -> Result<Ack, Fault> {
    let text = text.trim();
    let is_name = |name: &str| {
        (1..=ZONE_MAX).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic())
    };
    let ack = match text.split_once('=') {
        None if text == "committed" => Some(Ack::Committed),
        None if text == "all" => Some(Ack::Visible(Level::All)),
        Some(("replicas", number)) => {
            let count = number.parse::<u16>().ok();
            count.map(|count| Ack::Visible(Level::Replicas(count.into())))
        }
        Some(("zone", name)) if is_name(name) => Some(Ack::Visible(Level::Zone(name.to_owned()))),
        _ => None,
    };
    ack.ok_or_else(|| {
        Fault::new(code::VALIDATION_ERROR, format!("x-bailiwick-ack must be one of: {FORMS}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form() {
        for (text, ack) in [
            (" committed", Ack::Committed),
            ("all", Ack::Visible(Level::All)),
            ("replicas=2", Ack::Visible(Level::Replicas(2))),
            ("zone=eu-1a", Ack::Visible(Level::Zone("eu-1a".to_owned()))),
        ] {
            assert_eq!(parse(text), Ok(ack), "{text}");
        }
    }

    #[test]
    fn anything_else_names_the_forms() {
        for text in ["", "none", "replicas=x", "replicas=-1", "replicas=99999", "zone=", "zone=a b"]
        {
            let fault = parse(text).expect_err(text);
            assert_eq!(fault.code, "ValidationError");
            assert!(fault.message.contains(FORMS), "{}", fault.message);
        }
    }
}
