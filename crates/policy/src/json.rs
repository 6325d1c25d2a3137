//! A JSON tree with byte spans, read under limits: no duplicate keys, no deep nesting, no bulk.

mod scan;

pub(crate) use scan::{parse, parse_any};

pub(crate) use crate::limits::{MAX_CHARACTERS, MAX_DEPTH};

use crate::Span;
use alloc::{boxed::Box, string::String, vec::Vec};

/// A value and the bytes it was read from.
#[derive(Debug)]
pub(crate) struct Node {
    pub span: Span,
    pub value: Value,
}

/// A JSON value. Numbers keep their text: the policy language treats them as that text.
#[derive(Debug)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(Box<str>),
    Text(Box<str>),
    Array(Vec<Node>),
    Object(Vec<Member>),
}

/// A text and the bytes it was read from, quotes included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Text {
    pub value: Box<str>,
    pub span: Span,
}

/// One member of an object.
#[derive(Debug)]
pub(crate) struct Member {
    pub key: Text,
    pub value: Node,
}

/// A document that was read.
#[derive(Debug)]
pub(crate) struct Tree {
    pub root: Node,
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
