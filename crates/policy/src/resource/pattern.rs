//! One pattern for a resource.

use crate::{
    Context, Version,
    arn::{RequestResource, fields},
    glob::{self, Glob, encode},
    hash::{WORD_BYTES, word_in},
    steps,
    variable::{Template, Wildcards, has_variables},
};
use alloc::boxed::Box;

/// A compiled pattern.
#[derive(Debug, Clone)]
pub(super) enum Pattern {
    /// All stars: every resource, also the literal `*` of actions without resource types.
    Everything,
    /// An ARN without wildcards before its fifth colon: `start` up to the first wildcard or
    /// variable, then the end. All five colons stand in `start`, so the segments fall into place.
    /// `last` is the last word of `start`, where ARNs differ most.
    Plain { start: Box<[u8]>, last: u64, end: End },
    /// An ARN: partition, service, region and account each for itself, the rest one glob.
    Segments { head: Box<[Glob; 4]>, rest: Template },
    /// Neither: matches nothing.
    Nothing,
}

/// What follows the literal start of a plain pattern.
#[derive(Debug, Clone)]
pub(super) enum End {
    /// Nothing.
    Here,
    /// One star.
    Anywhere,
    /// Wildcards.
    Glob(Box<[u8]>),
    /// Variables.
    Template(Template),
}

impl Pattern {
    pub(super) fn new(text: &str, version: Version) -> Self {
        if !text.is_empty() && text.bytes().all(|byte| byte == b'*') {
            return Self::Everything;
        }
        let mut parts = fields(text, 6);
        let prefix = parts.next().unwrap_or(text);
        if prefix != "arn" && !glob::glob_matches(prefix, "arn") {
            return Self::Nothing;
        }
        let mut head = [const { "*" }; 4];
        for segment in &mut head {
            match parts.next() {
                Some(part) => *segment = part,
                // A star at the very end runs past the colons that lack.
                None if text.ends_with('*') => break,
                None => return Self::Nothing,
            }
        }
        let rest = match parts.next() {
            Some(rest) => rest,
            None if text.ends_with('*') => "*",
            None => return Self::Nothing,
        };
        if prefix != "arn" || head.iter().any(|segment| has_wildcard(segment)) {
            let head = Box::new(head.map(|segment| Glob::new(encode(segment))));
            return Self::Segments { head, rest: Template::new(rest, version, Wildcards::Yes) };
        }
        // The first five colons and what they part: a word of bytes at least.
        let (head, text) = (text.len() - rest.len(), text.as_bytes());
        if !has_variables(rest, version) {
            let literal = rest.bytes().position(is_wildcard).unwrap_or(rest.len());
            let end = match &rest.as_bytes()[literal..] {
                [] => End::Here,
                b"*" => End::Anywhere,
                _ => End::Glob(encode(&rest[literal..]).into()),
            };
            return Self::plain(text[..head + literal].into(), end);
        }
        let end = End::Template(Template::new(rest, version, Wildcards::Yes));
        Self::plain(text[..head].into(), end)
    }

    fn plain(start: Box<[u8]>, end: End) -> Self {
        let last = word_in(&start, start.len() - WORD_BYTES..start.len());
        Self::Plain { start, last, end }
    }

    /// Whether it matches a resource: with a variable without value it matches none.
    #[inline]
    pub(super) fn matches(&self, resource: &RequestResource<'_>, context: &Context<'_>) -> bool {
        steps::add(1);
        match self {
            Self::Everything => true,
            Self::Plain { start, last, end } => {
                let text = resource.text().as_bytes();
                let Some((head, rest)) = text.split_at_checked(start.len()) else { return false };
                let ends_alike = head.last_chunk().map(|word| u64::from_le_bytes(*word));
                ends_alike == Some(*last) && *head == **start && end.matches(rest, context)
            }
            Self::Segments { head, rest } => {
                let (Some(segments), Some(text)) = (resource.head(), resource.rest()) else {
                    return false;
                };
                let mut heads = head.iter().zip(segments);
                heads.all(|(glob, text)| glob.matches(text))
                    && rest.matches(text.as_bytes(), context)
            }
            Self::Nothing => false,
        }
    }

    /// Whether it has a variable without value.
    pub(super) fn is_unresolved(&self, context: &Context<'_>) -> bool {
        match self {
            Self::Plain { end: End::Template(rest), .. } | Self::Segments { rest, .. } => {
                !rest.is_resolvable(context)
            }
            _ => false,
        }
    }
}

fn has_wildcard(text: &str) -> bool {
    text.bytes().any(is_wildcard)
}

const fn is_wildcard(byte: u8) -> bool {
    matches!(byte, b'*' | b'?')
}

impl End {
    #[inline]
    fn matches(&self, rest: &[u8], context: &Context<'_>) -> bool {
        match self {
            Self::Here => rest.is_empty(),
            Self::Anywhere => true,
            Self::Glob(pattern) => glob::matches(pattern, rest),
            Self::Template(pattern) => pattern.matches(rest, context),
        }
    }
}

#[cfg(test)]
mod tests;
