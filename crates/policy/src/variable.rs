//! Policy variables: `${key}`, `${key, 'default'}`, and the escapes `${*}`, `${?}`, `${$}`.
//!
//! Source: IAM policy elements: Variables and tags. What is put in for a variable is literal text:
//! wildcard characters in a value do not become wildcards.

use crate::{Context, Version, context::Key, glob, hash::place_of, steps};
use alloc::{boxed::Box, vec::Vec};

/// Text with variables, compiled.
#[derive(Debug, Clone)]
pub(crate) enum Template {
    /// Without variables.
    Fixed(Box<[u8]>),
    /// With variables.
    Pieces(Box<[Piece]>),
}

/// A part of a template.
#[derive(Debug, Clone)]
pub(crate) enum Piece {
    Literal(Box<[u8]>),
    /// Text with wildcards.
    Glob(Box<[u8]>),
    Variable {
        key: Key,
        default: Option<Box<str>>,
    },
}

/// Room for a text in which variables are replaced: on the stack, unless it is long.
pub(crate) struct Buffer {
    inline: [u8; INLINE_BYTES],
    length: usize,
    heap: Vec<u8>,
}

const INLINE_BYTES: usize = 256;

impl Buffer {
    pub(crate) const fn new() -> Self {
        Self { inline: [0; INLINE_BYTES], length: 0, heap: Vec::new() }
    }

    fn push(&mut self, text: &[u8]) {
        steps::add(1 + text.len() / steps::BYTES_AT_ONCE);
        let end = self.length + text.len();
        match self.inline.get_mut(self.length..end) {
            Some(room) if self.heap.is_empty() => room.copy_from_slice(text),
            _ => {
                if self.heap.is_empty() {
                    self.heap.extend_from_slice(&self.inline[..self.length]);
                }
                self.heap.extend_from_slice(text);
            }
        }
        self.length = end;
    }

    fn text(&self) -> &[u8] {
        if self.heap.is_empty() { &self.inline[..self.length] } else { &self.heap }
    }
}

/// Whether `*` and `?` in a text are wildcards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wildcards {
    Yes,
    No,
}

impl Template {
    /// Compiles `text`. With version 2008 there are no variables; a malformed variable, which
    /// validation refuses, is plain text.
    pub(crate) fn new(text: &str, version: Version, wildcards: Wildcards) -> Self {
        let mut pieces = Vec::new();
        let mut run = Vec::new();
        let plain = |run: &mut Vec<u8>, text: &str| match wildcards {
            Wildcards::Yes => run.extend(text.bytes().map(glob::encode_byte)),
            Wildcards::No => run.extend_from_slice(text.as_bytes()),
        };
        for token in tokens(text, version) {
            match token {
                Token::Plain(text) | Token::Malformed { text, .. } => plain(&mut run, text),
                Token::Escape(byte) => run.push(byte),
                Token::Variable { key, default } => {
                    if !run.is_empty() {
                        pieces.push(Piece::of(core::mem::take(&mut run)));
                    }
                    let key = Key::new(key);
                    pieces.push(Piece::Variable { key, default: default.map(Box::from) });
                }
            }
        }
        if pieces.is_empty() {
            return Self::Fixed(run.into());
        }
        if !run.is_empty() {
            pieces.push(Piece::of(run));
        }
        Self::Pieces(pieces.into())
    }

    /// The text with every variable replaced, or `None` when one cannot be: its key is absent
    /// without a default, or has several values; or when the values are together longer than
    /// `most` bytes.
    pub(crate) fn resolve<'a>(
        &'a self,
        context: &Context<'_>,
        buffer: &'a mut Buffer,
        most: usize,
    ) -> Option<&'a [u8]> {
        match self {
            Self::Fixed(text) => Some(text),
            Self::Pieces(pieces) => resolve(pieces, context, buffer, most),
        }
    }

    /// Whether a text matches with every variable replaced; none does when one cannot be.
    ///
    /// Piece by piece as far as there is no wildcard, which nearly always is to the last piece.
    pub(crate) fn matches(&self, text: &[u8], context: &Context<'_>) -> bool {
        let pieces = match self {
            Self::Fixed(pattern) => return glob::matches(pattern, text),
            Self::Pieces(pieces) => pieces,
        };
        let mut rest = text;
        for (at, piece) in pieces.iter().enumerate() {
            let literal = match piece {
                Piece::Glob(pattern) if at + 1 == pieces.len() => {
                    return glob::matches(pattern, rest);
                }
                Piece::Glob(_) => {
                    // Values are literal: longer ones than the text match nothing of it.
                    let mut buffer = Buffer::new();
                    let pattern = resolve(&pieces[at..], context, &mut buffer, rest.len());
                    return pattern.is_some_and(|pattern| glob::matches(pattern, rest));
                }
                piece => piece.resolve(context),
            };
            // What is longer than the rest is not compared.
            let compared = literal.map_or(0, <[u8]>::len);
            steps::add(1 + if compared > rest.len() { 0 } else { compared / steps::BYTES_AT_ONCE });
            match literal.and_then(|literal| rest.strip_prefix(literal)) {
                Some(behind) => rest = behind,
                None => return false,
            }
        }
        rest.is_empty()
    }

    /// Whether every variable can be replaced.
    pub(crate) fn is_resolvable(&self, context: &Context<'_>) -> bool {
        match self {
            Self::Fixed(_) => true,
            Self::Pieces(pieces) => pieces.iter().all(|piece| piece.resolve(context).is_some()),
        }
    }
}

/// The text of pieces with every variable replaced; nothing when their values are together longer than `most` bytes.
fn resolve<'a>(
    pieces: &[Piece],
    context: &Context<'_>,
    buffer: &'a mut Buffer,
    most: usize,
) -> Option<&'a [u8]> {
    let mut left = most;
    for piece in pieces {
        let text = piece.resolve(context)?;
        if matches!(piece, Piece::Variable { .. }) {
            left = left.checked_sub(text.len())?;
        }
        buffer.push(text);
    }
    Some(buffer.text())
}

impl Piece {
    fn of(text: Vec<u8>) -> Self {
        let is_wild = text.iter().any(|byte| matches!(*byte, glob::STAR | glob::ANY));
        if is_wild { Self::Glob(text.into()) } else { Self::Literal(text.into()) }
    }

    fn resolve<'a>(&'a self, context: &'a Context<'a>) -> Option<&'a [u8]> {
        match self {
            Self::Literal(text) | Self::Glob(text) => Some(text),
            Self::Variable { key, default } => {
                let value = match context.lookup(key) {
                    Some(value) => value.single()?,
                    None => default.as_deref()?,
                };
                Some(value.as_bytes())
            }
        }
    }
}

/// What is wrong with the variables of `text`, if anything is.
pub(crate) fn fault(text: &str, version: Version) -> Option<&'static str> {
    tokens(text, version).find_map(|token| match token {
        Token::Malformed { what, .. } => Some(what),
        _ => None,
    })
}

/// The keys of the variables of `text`, each with whether it has a default.
pub(crate) fn keys(text: &str, version: Version) -> impl Iterator<Item = (&str, bool)> {
    tokens(text, version).filter_map(|token| match token {
        Token::Variable { key, default } => Some((key, default.is_some())),
        _ => None,
    })
}

enum Token<'a> {
    Plain(&'a str),
    Escape(u8),
    Variable { key: &'a str, default: Option<&'a str> },
    Malformed { text: &'a str, what: &'static str },
}

fn tokens(text: &str, version: Version) -> impl Iterator<Item = Token<'_>> {
    let mut rest = text;
    core::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let start = match version {
            Version::V2008 => rest.len(),
            Version::V2012 => start_of_variable(rest).unwrap_or(rest.len()),
        };
        let (token, length) = match start {
            0 => variable(rest),
            _ => (Token::Plain(&rest[..start]), start),
        };
        rest = &rest[length..];
        Some(token)
    })
}

/// Whether anything in `text` is a variable or an escape, malformed ones included.
pub(crate) fn has_variables(text: &str, version: Version) -> bool {
    version == Version::V2012 && start_of_variable(text).is_some()
}

/// Where the first variable starts. Nearly all texts have no `$` at all.
fn start_of_variable(text: &str) -> Option<usize> {
    let first = place_of(b'$', text.as_bytes(), 0)?;
    let mut pairs = text.as_bytes()[first..].windows(2);
    Some(first + pairs.position(|pair| pair == b"${")?)
}

/// Reads the variable at the start of `text`, and how long it is. A malformed one is taken for two
/// characters of text.
fn variable(text: &str) -> (Token<'_>, usize) {
    let malformed = |what| (Token::Malformed { text: &text[..2], what }, 2);
    let body = &text[2..];
    for escape in ["*}", "?}", "$}"] {
        if body.starts_with(escape) {
            return (Token::Escape(escape.as_bytes()[0]), 4);
        }
    }
    let Some(end) = body.find([',', '}']) else { return malformed("a variable without '}'") };
    let key = &body[..end];
    if key.is_empty() {
        return malformed("a variable without a key");
    }
    if key.contains(['$', '{', '\'']) || key.starts_with(' ') || key.ends_with(' ') {
        return malformed("a variable with a malformed key");
    }
    if body.as_bytes()[end] == b'}' {
        return (Token::Variable { key, default: None }, 2 + end + 1);
    }
    let Some(quoted) = body[end..].strip_prefix(", '") else {
        return malformed("a variable's default must follow one comma, one space and a quote");
    };
    let Some(length) = quoted.find("'}") else {
        return malformed("a variable's default without closing quote and '}'");
    };
    let default = &quoted[..length];
    if default.contains('\'') {
        return malformed("a quote inside a variable's default");
    }
    (Token::Variable { key, default: Some(default) }, 2 + end + 3 + length + 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    fn resolved(text: &str) -> Option<String> {
        let mut context = Context::new();
        context.set("aws:username", "al*ce");
        context.set_list("aws:TagKeys", ["a"]);
        let template = Template::new(text, Version::V2012, Wildcards::No);
        let mut buffer = Buffer::new();
        let bytes = template.resolve(&context, &mut buffer, usize::MAX)?;
        Some(String::from_utf8(bytes.to_vec()).expect("pieces are text"))
    }

    #[test]
    fn resolves() {
        assert_eq!(resolved("a-${AWS:UserName}-b").as_deref(), Some("a-al*ce-b"));
        assert_eq!(resolved("${*}${?}${$}{}").as_deref(), Some("*?${}"));
        assert_eq!(resolved("${x:y, 'de}f'}").as_deref(), Some("de}f"));
        assert_eq!(resolved("${aws:username, 'd'}").as_deref(), Some("al*ce"));
        assert_eq!(resolved("$cash$").as_deref(), Some("$cash$"));
        assert_eq!(resolved("${x:y}"), None);
        assert_eq!(resolved("${aws:TagKeys}"), None, "several values, even if one");
        assert_eq!(resolved("${aws:TagKeys, 'd'}"), None);
        for length in [INLINE_BYTES - 6, INLINE_BYTES, 2 * INLINE_BYTES] {
            let long = "x".repeat(length);
            let text = resolved(&(long.clone() + "${aws:username}" + &long));
            assert_eq!(text, Some(long.clone() + "al*ce" + &long), "{length}");
        }
    }

    #[test]
    fn version_2008_has_no_variables() {
        let template = Template::new("${*}${aws:username}", Version::V2008, Wildcards::No);
        assert!(matches!(template, Template::Fixed(text) if &*text == b"${*}${aws:username}"));
    }

    #[test]
    fn values_stay_literal_under_wildcards() {
        let mut context = Context::new();
        context.set("k", "*");
        let template = Template::new("*${k}", Version::V2012, Wildcards::Yes);
        let mut buffer = Buffer::new();
        assert_eq!(template.resolve(&context, &mut buffer, 1), Some(&[glob::STAR, b'*'][..]));
        assert_eq!(template.resolve(&context, &mut Buffer::new(), 0), None, "no room for a value");
    }

    #[test]
    fn matches_as_the_resolved_text_does() {
        let mut context = Context::new();
        context.set("u", "al*ce");
        for pattern in
            ["${u}", "a${u}b", "${u}*", "x/${u}/*", "*${u}?${u}*", "${n}", "*${n}", "${n, ''}?"]
        {
            let template = Template::new(pattern, Version::V2012, Wildcards::Yes);
            for text in ["", "a", "al*ce", "alice", "aal*ceb", "al*ces", "x/al*ce/", "x/al*ce/y/z"]
            {
                let mut buffer = Buffer::new();
                let resolved = template.resolve(&context, &mut buffer, text.len());
                let expected = resolved.is_some_and(|p| glob::matches(p, text.as_bytes()));
                let found = template.matches(text.as_bytes(), &context);
                assert_eq!(found, expected, "{pattern} on {text}");
            }
        }
        let template = Template::new("*${u}?${u}*", Version::V2012, Wildcards::Yes);
        assert!(template.matches(b"xxal*ce-al*cey", &context));
    }

    #[test]
    fn faults() {
        for text in ["${", "${}", "${a", "${ a}", "${a,'b'}", "${a, b}", "${a, 'b}", "${a,  'b'}"] {
            assert!(fault(text, Version::V2012).is_some(), "{text}");
            assert!(fault(text, Version::V2008).is_none(), "{text}");
        }
        for text in ["$", "{}", "${a}", "${a, ''}", "${*}", "${aws:PrincipalTag/Cost Center}"] {
            assert_eq!(fault(text, Version::V2012), None, "{text}");
        }
    }
}
