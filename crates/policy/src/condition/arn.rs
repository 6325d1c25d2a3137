//! ARN operators: six segments, each a glob of its own; the last keeps further colons.

use super::Verdict;
use crate::{
    Context, Version,
    glob::{self, Glob, STAR},
    variable::{self, Buffer, Template, Wildcards},
};
use alloc::boxed::Box;

const SEGMENTS: usize = 6;

/// A value of the policy.
#[derive(Debug, Clone)]
pub(super) enum Pattern {
    Segments(Box<[Glob; SEGMENTS]>),
    /// With variables, which may hold colons: split when resolved.
    Template(Template),
    /// Fewer than six segments, the last without a star at its end.
    Short,
}

impl Pattern {
    pub(super) fn new(text: &str, version: Version) -> Self {
        let template = Template::new(text, version, Wildcards::Yes);
        let Template::Fixed(encoded) = &template else { return Self::Template(template) };
        match pattern_segments(encoded) {
            Some(segments) => Self::Segments(Box::new(segments.map(|s| Glob::new(s.to_vec())))),
            None => Self::Short,
        }
    }

    /// Compares with a request's ARN in segments.
    pub(super) fn verdict(&self, value: &[&str; SEGMENTS], context: &Context<'_>) -> Verdict {
        match self {
            Self::Segments(globs) => {
                Verdict::of(globs.iter().zip(value).all(|(glob, text)| glob.matches(text)))
            }
            Self::Template(template) => {
                let mut buffer = Buffer::new();
                // Of any length: whether it is an ARN at all counts under a negated operator.
                let Some(encoded) = template.resolve(context, &mut buffer, usize::MAX) else {
                    return Verdict::Differ;
                };
                let Some(segments) = pattern_segments(encoded) else { return Verdict::Invalid };
                let mut pairs = segments.iter().zip(value);
                Verdict::of(pairs.all(|(glob, text)| glob::matches(glob, text.as_bytes())))
            }
            Self::Short => Verdict::Invalid,
        }
    }
}

/// Whether a value of a request is an ARN.
pub(crate) fn is_readable(text: &str) -> bool {
    split(text).is_some()
}

/// What is wrong with a value, if anything is.
pub(super) fn fault(text: &str, version: Version) -> Option<&'static str> {
    variable::fault(text, version).or(match Pattern::new(text, version) {
        Pattern::Short => Some("not an ARN"),
        _ => None,
    })
}

/// The segments of a request's ARN, if it is one.
pub(super) fn split(text: &str) -> Option<[&str; SEGMENTS]> {
    let mut parts = text.splitn(SEGMENTS, ':');
    let mut segments = [""; SEGMENTS];
    for segment in &mut segments {
        *segment = parts.next()?;
    }
    Some(segments)
}

/// The segments of an encoded pattern. A star at the end of a short one stands for all that lack.
fn pattern_segments(encoded: &[u8]) -> Option<[&[u8]; SEGMENTS]> {
    let mut parts = encoded.splitn(SEGMENTS, |byte| *byte == b':');
    let ends_in_star = encoded.last() == Some(&STAR);
    let mut segments = [&[STAR][..]; SEGMENTS];
    for segment in &mut segments {
        match parts.next() {
            Some(part) => *segment = part,
            None if ends_in_star => break,
            None => return None,
        }
    }
    Some(segments)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(pattern: &str, value: &str) -> Verdict {
        let mut context = Context::new();
        context.set("k", "us-east-1:1:x/*");
        let value = split(value).expect("an ARN");
        Pattern::new(pattern, Version::V2012).verdict(&value, &context)
    }

    #[test]
    fn segments_keep_to_themselves() {
        assert_eq!(verdict("arn:aws:s3:*:*:b", "arn:aws:s3:::b"), Verdict::Match);
        assert_eq!(verdict("arn:aws:s3:*:b", "arn:aws:s3:::b"), Verdict::Invalid);
        assert_eq!(verdict("arn:aws:s3:*", "arn:aws:s3:::b"), Verdict::Match);
        assert_eq!(verdict("*", "arn:aws:s3:::b"), Verdict::Match);
        assert_eq!(verdict("arn:aws:l:r:1:a:*:c", "arn:aws:l:r:1:a:b:b:c"), Verdict::Match);
        assert_eq!(verdict("arn:aws:S3:::b", "arn:aws:s3:::b"), Verdict::Differ);
    }

    #[test]
    fn variables_may_hold_colons() {
        assert_eq!(verdict("arn:aws:s:${k}", "arn:aws:s:us-east-1:1:x/*"), Verdict::Match);
        assert_eq!(verdict("arn:aws:s:${k}", "arn:aws:s:us-east-1:1:x/y"), Verdict::Differ);
        assert_eq!(verdict("arn:aws:s:r:1:${none}", "arn:aws:s:r:1:x"), Verdict::Differ);
        assert_eq!(verdict("${k}", "arn:aws:s:r:1:x"), Verdict::Invalid);
    }
}
