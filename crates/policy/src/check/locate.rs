//! From bytes of the text to the way through the JSON, to lines and to columns.

use super::{Location, PathElement, Point};
use crate::{
    Span,
    json::{Node, Value},
};
use alloc::{string::String, vec::Vec};

/// Bytes between two places whose characters are counted beforehand.
const STRIDE: usize = 256;

/// Where everything is.
#[derive(Debug)]
pub(super) struct Places<'a> {
    text: &'a str,
    root: Option<&'a Node<'a>>,
    /// The first byte of each line.
    lines: Vec<usize>,
    /// The characters before each multiple of [`STRIDE`] bytes.
    characters: Vec<usize>,
}

impl<'a> Places<'a> {
    pub(super) fn new(text: &'a str, root: Option<&'a Node<'a>>) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = core::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        let mut count = 0;
        let characters = text.as_bytes().chunks(STRIDE).map(|chunk| {
            let before = count;
            count += chunk.iter().filter(|byte| begins_character(**byte)).count();
            before
        });
        let characters = characters.collect();
        Self { text, root, lines, characters }
    }

    pub(super) fn location(&self, bytes: Span) -> Location {
        let path = self.root.map_or_else(Vec::new, |root| self.path(root, &bytes));
        Location { path, start: self.point(bytes.start), end: self.point(bytes.end), bytes }
    }

    fn point(&self, at: usize) -> Point {
        let line = self.lines.partition_point(|start| *start <= at);
        let offset = self.before(at);
        Point { line, column: offset - self.before(self.lines[line - 1]), offset }
    }

    /// The characters before a byte.
    fn before(&self, at: usize) -> usize {
        // A text whose length is a multiple of the stride has no chunk that begins at its end.
        let chunk = (at / STRIDE).min(self.characters.len().saturating_sub(1));
        let known = self.characters.get(chunk).copied().unwrap_or(0);
        let rest = self.text.as_bytes().get(chunk * STRIDE..at).unwrap_or_default();
        known + rest.iter().filter(|byte| begins_character(**byte)).count()
    }

    fn path(&self, root: &'a Node<'a>, bytes: &Span) -> Vec<PathElement> {
        let mut path = Vec::new();
        let mut node = root;
        while node.span != *bytes {
            let next = match &node.value {
                Value::Object(members) => {
                    let at = members.partition_point(|member| member.value.span.end <= bytes.start);
                    let Some(member) = members.get(at) else { break };
                    let name = String::from(&*member.key.value);
                    if bytes.start < member.value.span.start {
                        path.push(PathElement::Key(name));
                        if member.key.span != *bytes {
                            path.push(self.substring(&member.key.span, bytes));
                        }
                        break;
                    }
                    path.push(PathElement::Value(name));
                    &member.value
                }
                Value::Array(items) => {
                    let at = items.partition_point(|item| item.span.end <= bytes.start);
                    let Some(item) = items.get(at).filter(|item| item.span.start <= bytes.start)
                    else {
                        break;
                    };
                    path.push(PathElement::Index(at));
                    item
                }
                Value::Text(_) => {
                    path.push(self.substring(&node.span, bytes));
                    break;
                }
                _ => break,
            };
            node = next;
        }
        path
    }

    /// A part of a string literal, which is told apart only where the literal has no escapes.
    fn substring(&self, literal: &Span, bytes: &Span) -> PathElement {
        let count = |span: Span| self.text.get(span).map_or(0, |text| text.chars().count());
        PathElement::Substring {
            start: count(literal.start + 1..bytes.start),
            length: count(bytes.clone()),
        }
    }
}

fn begins_character(byte: u8) -> bool {
    byte & 0xc0 != 0x80
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{self, Lists};
    use alloc::{format, string::ToString};

    #[test]
    fn paths_lines_and_columns() {
        let text = "{\"é\": [\n 1, \"abé${x}\"]}";
        let tree = json::parse(text, Lists::OfNodes).expect("JSON");
        let places = Places::new(text, Some(&tree.root));
        let of = |part: &str| {
            let at = text.find(part).expect("a part");
            places.location(at..at + part.len())
        };
        let string = of("\"abé${x}\"");
        let value = || PathElement::Value("é".to_string());
        assert_eq!(string.path, [value(), PathElement::Index(1)]);
        assert_eq!(string.start, Point { line: 2, column: 4, offset: 12 });
        assert_eq!(string.end, Point { line: 2, column: 13, offset: 21 });
        let part = PathElement::Substring { start: 3, length: 4 };
        assert_eq!(of("${x}").path, [value(), PathElement::Index(1), part]);
        assert_eq!(of("\"é\"").path, [PathElement::Key("é".to_string())]);
        assert_eq!(of(text).path, []);
    }

    #[test]
    fn counts_characters_over_strides() {
        for length in [STRIDE - 1, STRIDE, STRIDE + 1, 3 * STRIDE] {
            let text = format!("{}é", "é".repeat(length));
            let places = Places::new(&text, None);
            assert_eq!(places.location(text.len()..text.len()).start.offset, length + 1);
            assert_eq!(places.location(2..4).end.offset, 2);
        }
        let text = "x".repeat(STRIDE);
        assert_eq!(Places::new(&text, None).location(STRIDE..STRIDE).end.offset, STRIDE);
        assert_eq!(Places::new("", None).location(0..0).end.line, 1);
    }
}
