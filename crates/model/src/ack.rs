//! What a write waits for, as text: `committed`, `replicas=<number>`, `zone=<name>`, `all`.

use std::fmt;

/// Characters of a zone's name.
const ZONE_MAX: usize = 64;

/// When a write is answered (docs/consistency.md, "What a write may ask for").
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub enum Ack {
    /// When it is durable on a quorum and applied.
    #[default]
    Committed,
    /// When it is visible at a level besides, or the deadline passes.
    Visible(Level),
}

/// Where a write must be visible before it is answered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Level {
    /// At this many replicas.
    Replicas(u32),
    /// At every node of a zone that may decide.
    Zone(String),
    /// At every node that may decide.
    All,
}

impl Ack {
    /// The accepted forms, for who wrote another.
    pub const FORMS: &str = "committed, replicas=<number>, zone=<name>, all";

    /// Reads an acknowledgement level; `None` when it is none of the [`FORMS`](Self::FORMS).
    pub fn parse(text: &str) -> Option<Self> {
        let is_name = |name: &str| {
            (1..=ZONE_MAX).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_graphic())
        };
        match text.split_once('=') {
            None if text == "committed" => Some(Ack::Committed),
            None if text == "all" => Some(Ack::Visible(Level::All)),
            Some(("replicas", number)) => {
                let count = number.parse::<u16>().ok()?;
                Some(Ack::Visible(Level::Replicas(count.into())))
            }
            Some(("zone", name)) if is_name(name) => {
                Some(Ack::Visible(Level::Zone(name.to_owned())))
            }
            _ => None,
        }
    }

    /// Reads what an account says; `None` when it says nothing. What cannot be read (a newer version wrote it) asks
    /// for the most.
    pub fn of_account(text: &str) -> Option<Self> {
        (!text.is_empty()).then(|| Ack::parse(text).unwrap_or(Ack::Visible(Level::All)))
    }
}

/// Writes what [`Ack::parse`] reads.
impl fmt::Display for Ack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Ack::Committed => f.write_str("committed"),
            Ack::Visible(Level::Replicas(count)) => write!(f, "replicas={count}"),
            Ack::Visible(Level::Zone(name)) => write!(f, "zone={name}"),
            Ack::Visible(Level::All) => f.write_str("all"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_and_written() {
        for (text, ack) in [
            ("committed", Ack::Committed),
            ("all", Ack::Visible(Level::All)),
            ("replicas=2", Ack::Visible(Level::Replicas(2))),
            ("zone=eu-1a", Ack::Visible(Level::Zone("eu-1a".to_owned()))),
        ] {
            assert_eq!(Ack::parse(text).as_ref(), Some(&ack), "{text}");
            assert_eq!(ack.to_string(), text);
        }
    }

    #[test]
    fn nothing_else_is_one() {
        for text in ["", "none", "replicas=x", "replicas=-1", "replicas=99999", "zone=", "zone=a b"]
        {
            assert_eq!(Ack::parse(text), None, "{text}");
        }
    }

    #[test]
    fn what_an_account_says_in_words_unknown_here_asks_for_the_most() {
        assert_eq!(Ack::of_account(""), None);
        assert_eq!(Ack::of_account("committed"), Some(Ack::Committed));
        assert_eq!(Ack::of_account("galaxy=m31"), Some(Ack::Visible(Level::All)));
    }
}
