//! A JSON tree with byte spans, read under limits: no duplicate keys, no deep nesting, no bulk.

mod scan;

pub(crate) use scan::{Lists, parse, parse_any};

pub(crate) use crate::limits::{MAX_CHARACTERS, MAX_DEPTH};

use crate::Span;
use alloc::{borrow::Cow, string::String, vec::Vec};

/// A value and the bytes it was read from.
#[derive(Debug)]
pub(crate) struct Node<'a> {
    pub span: Span,
    pub value: Value<'a>,
}

/// A JSON value. Numbers keep their text: the policy language treats them as that text.
#[derive(Debug)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    Number(Cow<'a, str>),
    Text(Cow<'a, str>),
    Array(Vec<Node<'a>>),
    /// A list of texts and nothing else, and not empty, where the reader takes those together.
    Texts(Vec<Text<'a>>),
    Object(Vec<Member<'a>>),
}

/// A text and the bytes it was read from, quotes included. It is borrowed from there unless it was
/// written with escapes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text<'a> {
    pub value: Cow<'a, str>,
    pub span: Span,
}

/// One member of an object.
#[derive(Debug)]
pub(crate) struct Member<'a> {
    pub key: Text<'a>,
    pub value: Node<'a>,
}

/// A document that was read.
#[derive(Debug)]
pub(crate) struct Tree<'a> {
    pub root: Node<'a>,
    /// How many characters of the text are not white space between tokens.
    pub size: usize,
}

/// Why a text is not JSON that we read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct JsonError {
    pub what: &'static str,
    pub at: usize,
}

/// Writes a text without control characters, such as an ARN, as a JSON string.
pub(crate) fn quote(text: &str, into: &mut String) {
    into.push('"');
    for letter in text.chars() {
        if matches!(letter, '"' | '\\') {
            into.push('\\');
        }
        into.push(letter);
    }
    into.push('"');
}
