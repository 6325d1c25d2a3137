//! Wildcard matching: `*` is any run of characters, `?` exactly one, both ends anchored.
//!
//! Patterns are bytes in which two values that never occur in UTF-8 stand for the wildcards, so a
//! value put in for a policy variable is literal by construction.

mod search;

use crate::steps;
use alloc::{boxed::Box, vec::Vec};

/// The `*` wildcard in an encoded pattern.
pub(crate) const STAR: u8 = 0xff;
/// The `?` wildcard in an encoded pattern.
pub(crate) const ANY: u8 = 0xfe;
/// Up to that length a part is tried at every place: faster than preparing a linear search.
const SHORT_BYTES: usize = 32;

/// Encodes `text`, reading every `*` and `?` as a wildcard.
pub(crate) fn encode(text: &str) -> Vec<u8> {
    text.bytes().map(encode_byte).collect()
}

/// Encodes one byte of pattern text.
pub(crate) fn encode_byte(byte: u8) -> u8 {
    match byte {
        b'*' => STAR,
        b'?' => ANY,
        other => other,
    }
}

/// Whether the pattern consists of stars and nothing else.
pub(crate) fn is_everything(encoded: &[u8]) -> bool {
    !encoded.is_empty() && encoded.iter().all(|byte| *byte == STAR)
}

/// Whether `text` matches `pattern`, where `*` and `?` in `pattern` are wildcards.
///
/// Takes time proportional to both lengths, without recursion; at worst each `?` between two stars
/// adds the text's length once more.
pub fn glob_matches(pattern: &str, text: &str) -> bool {
    matches(&encode(pattern), text.as_bytes())
}

/// Whether UTF-8 `text` matches an encoded pattern.
///
/// Two pointers and the place of the last star: on a mismatch that star takes one character more.
/// When that has compared the text's length in vain, the rest is sought in linear time.
pub(crate) fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    let mut patience = text.len();
    while t < text.len() {
        steps::add(1);
        match pattern.get(p) {
            Some(&STAR) => {
                p += 1;
                if p == pattern.len() {
                    return true;
                }
                retry = Some((p, t));
            }
            Some(&ANY) => {
                p += 1;
                t = next_character(text, t);
            }
            Some(&literal) if literal == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((after_star, taken)) = retry else { return false };
                match patience.checked_sub(t - taken) {
                    Some(left) => patience = left,
                    // INVARIANT: texts are UTF-8, cut at characters.
                    None => {
                        return str::from_utf8(&text[taken..])
                            .is_ok_and(|text| search::after_star(&pattern[after_star..], text));
                    }
                }
                let taken = next_character(text, taken);
                retry = Some((after_star, taken));
                (p, t) = (after_star, taken);
            }
        }
    }
    pattern[p..].iter().all(|byte| *byte == STAR)
}

/// The same for a pattern in lower case, taking ASCII letters of `text` without regard to case.
pub(crate) fn matches_folded(pattern: &[u8], text: &[u8]) -> bool {
    matches(pattern, &text.to_ascii_lowercase())
}

/// Whether `text` holds `part`.
pub(crate) fn contains(text: &[u8], part: &[u8]) -> bool {
    let Some(first) = part.first() else { return true };
    if part.len() > SHORT_BYTES {
        return str::from_utf8(text).is_ok_and(|text| search::find(text, part).is_some());
    }
    steps::add(text.len() * SHORT_BYTES.div_ceil(steps::BYTES_AT_ONCE));
    text.windows(part.len()).any(|window| window[0] == *first && window == part)
}

fn next_character(text: &[u8], at: usize) -> usize {
    let mut next = at + 1;
    while text.get(next).is_some_and(|byte| byte & 0xc0 == 0x80) {
        next += 1;
    }
    next
}

/// A compiled pattern, with short cuts for the usual shapes.
#[derive(Debug, Clone)]
pub(crate) enum Glob {
    Everything,
    Exact(Box<[u8]>),
    Prefix(Box<[u8]>),
    Suffix(Box<[u8]>),
    Contains(Box<[u8]>),
    General(Box<[u8]>),
}

impl Glob {
    /// Compiles an encoded pattern.
    pub(crate) fn new(encoded: Vec<u8>) -> Self {
        if is_everything(&encoded) {
            return Self::Everything;
        }
        let wildcards = encoded.iter().filter(|byte| matches!(**byte, STAR | ANY)).count();
        match encoded.as_slice() {
            _ if wildcards == 0 => Self::Exact(encoded.into()),
            [head @ .., STAR] if wildcards == 1 => Self::Prefix(head.into()),
            [STAR, tail @ ..] if wildcards == 1 => Self::Suffix(tail.into()),
            [STAR, part @ .., STAR] if wildcards == 2 => Self::Contains(part.into()),
            _ => Self::General(encoded.into()),
        }
    }

    /// Compiles pattern text for texts in lower case.
    pub(crate) fn folded(text: &str) -> Self {
        Self::new(encode(&text.to_ascii_lowercase()))
    }

    /// Whether `text` matches.
    pub(crate) fn matches(&self, text: &str) -> bool {
        self.matches_bytes(text.as_bytes())
    }

    /// Whether UTF-8 `text` matches.
    pub(crate) fn matches_bytes(&self, text: &[u8]) -> bool {
        let compared = match self {
            Self::Exact(part) | Self::Prefix(part) | Self::Suffix(part) => part.len(),
            Self::Everything | Self::Contains(_) | Self::General(_) => 0,
        };
        steps::add(1 + compared.min(text.len()) / steps::BYTES_AT_ONCE);
        match self {
            Self::Everything => true,
            Self::Exact(literal) => **literal == *text,
            Self::Prefix(prefix) => text.starts_with(prefix),
            Self::Suffix(suffix) => text.ends_with(suffix),
            Self::Contains(part) => contains(text, part),
            Self::General(pattern) => matches(pattern, text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, string::String};

    #[test]
    fn matches_as_documented() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("?", "", false),
            ("?", "é", true),
            ("??", "é", false),
            ("*?", "é", true),
            ("*??", "é", false),
            ("a*b*c", "a/b:b/c", true),
            ("a*b*c", "acb", false),
            ("a*", "a", true),
            ("*a", "ba", true),
            ("*a", "b", false),
            ("*ab*", "xaby", true),
            ("*ab*", "ab", true),
            ("*ab*", "ba", false),
            ("A", "a", false),
            ("**", "x", true),
            ("a?c", "a*c", true),
        ] {
            assert_eq!(glob_matches(pattern, text), expected, "{pattern} on {text}");
            assert_eq!(Glob::new(encode(pattern)).matches(text), expected, "{pattern} on {text}");
        }
        assert!(Glob::folded("Get*").matches("getobject"));
        assert!(!Glob::folded("Get*").matches("ge"));
    }

    #[test]
    fn a_hostile_pattern_ends_soon() {
        let pattern: String = "a*".repeat(500) + "b";
        assert!(!glob_matches(&pattern, &"a".repeat(5_000)));
    }

    /// Patterns that fail often are matched as others are, whatever stands in their parts.
    #[test]
    fn impatience_changes_no_answer() {
        let run = "a".repeat(40);
        for (pattern, text, expected) in [
            (format!("*{run}b"), "a".repeat(200) + "b", true),
            (format!("*{run}b"), "a".repeat(200) + "ba", false),
            (format!("*{run}b*{run}c*"), "a".repeat(200) + "b" + &"a".repeat(90) + "cx", true),
            (format!("*{run}b*{run}c*"), "a".repeat(200) + "b" + &"a".repeat(39) + "cx", false),
            (format!("*{run}?b*"), "a".repeat(200) + "éb", true),
            (format!("*{run}?b*"), "a".repeat(200) + "éé", false),
            (format!("*{run}??c*b"), "a".repeat(200) + "éécéb", true),
            (format!("*{run}b*?é"), "a".repeat(200) + "bbééé", true),
            (format!("*{run}b*?é"), "a".repeat(200) + "bbéé", true),
            (format!("*{run}b*??é"), "a".repeat(200) + "bbé", false),
            (format!("*{run}b**"), "a".repeat(200) + "b", true),
            (format!("*{run}b*{run}"), "a".repeat(200) + "b" + &run, true),
            (format!("*{run}b*{run}"), "a".repeat(200) + "b" + &"a".repeat(39), false),
        ] {
            assert_eq!(glob_matches(&pattern, &text), expected, "{pattern} on {text}");
            assert_eq!(Glob::new(encode(&pattern)).matches(&text), expected, "{pattern}");
        }
        assert!(contains("a".repeat(99).as_bytes(), run.as_bytes()));
        assert!(!contains("a".repeat(39).as_bytes(), run.as_bytes()));
    }

    #[test]
    fn a_match_takes_steps_in_proportion_to_both_lengths() {
        for part in ["a".repeat(1_000) + "b", "ab".repeat(500) + "c", "é".repeat(500) + "b"] {
            for pattern in [format!("*{part}"), format!("*{part}*"), format!("x*{part}*y*z")] {
                let text = String::from("x") + &part[..part.len() - 1].repeat(4);
                let steps = steps::taken(|| assert!(!glob_matches(&pattern, &text)));
                assert!(steps <= 5 * (pattern.len() + text.len()), "{steps} for {pattern}");
            }
        }
    }
}
