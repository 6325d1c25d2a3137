//! A small reader for the XML the crate writes, and its way back to messages.

use base64::prelude::{BASE64_STANDARD, Engine};
use prost_reflect::{DynamicMessage, Kind, MapKey, MessageDescriptor, Value};
use schema::{Cardinality, Field, FieldKind, Shape};

/// An element with its text or its children.
#[derive(Debug, PartialEq)]
pub struct Element {
    pub name: String,
    pub xmlns: Option<String>,
    pub text: String,
    pub children: Vec<Element>,
}

impl Element {
    pub fn child(&self, name: &str) -> Option<&Element> {
        let mut found = self.children.iter().filter(|child| child.name == name);
        let first = found.next();
        assert!(found.next().is_none(), "{name} twice in {}", self.name);
        first
    }
}

/// Parses a document; panics on anything the crate should not write.
pub fn parse(document: &str) -> Element {
    let mut rest = document;
    let root = element(&mut rest);
    assert!(rest.trim().is_empty(), "after the root: {rest}");
    root
}

fn element(rest: &mut &str) -> Element {
    *rest = rest.trim_start().strip_prefix('<').expect("an element");
    let (tag, after) = rest.split_once('>').expect("a whole tag");
    *rest = after;
    let (tag, is_empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
    let (name, attribute) = tag.split_once(' ').map_or((tag, None), |(n, a)| (n, Some(a)));
    let xmlns = attribute.map(|attribute| {
        let value = attribute.strip_prefix("xmlns=\"").and_then(|value| value.strip_suffix('"'));
        value.expect("no attribute but xmlns").to_owned()
    });
    let mut out =
        Element { name: name.to_owned(), xmlns, text: String::new(), children: Vec::new() };
    if is_empty {
        return out;
    }
    let close = format!("</{name}>");
    loop {
        let (text, after) = rest.split_at(rest.find('<').expect("a closing tag"));
        out.text += &unescape(text);
        *rest = after;
        if let Some(after) = rest.strip_prefix(close.as_str()) {
            *rest = after;
            break;
        }
        out.children.push(element(rest));
    }
    if !out.children.is_empty() {
        assert!(out.text.trim().is_empty(), "text beside elements in {name}");
        out.text.clear();
    }
    out
}

fn unescape(text: &str) -> String {
    assert!(!text.contains(['\r', '"', '>']), "unescaped: {text:?}");
    let mut parts = text.split('&');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (entity, rest) = part.split_once(';').expect("a whole entity");
        out.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "#xD" => '\r',
            other => panic!("entity {other}"),
        });
        out += rest;
    }
    out
}

/// The message an element holds.
pub fn message(element: &Element, descriptor: &MessageDescriptor, shape: &Shape) -> DynamicMessage {
    let mut out = DynamicMessage::new(descriptor.clone());
    for child in &element.children {
        let field = shape.field(&child.name).unwrap_or_else(|| panic!("unknown {}", child.name));
        let target = descriptor.get_field(field.number).expect("a member of the shape");
        let value = match field.cardinality {
            Cardinality::Single => value(child, field, &target.kind()),
            Cardinality::List => {
                let member = |item: &Element| {
                    assert_eq!(item.name, "member");
                    value(item, field, &target.kind())
                };
                Value::List(child.children.iter().map(member).collect())
            }
            Cardinality::Map => {
                let kind = target.kind();
                let kind = kind.as_message().expect("an entry").map_entry_value_field().kind();
                let entry = |item: &Element| {
                    assert_eq!(item.name, "entry");
                    let key = item.child("key").expect("a key").text.clone();
                    let held = value(item.child("value").expect("a value"), field, &kind);
                    (MapKey::String(key), held)
                };
                Value::Map(child.children.iter().map(entry).collect())
            }
        };
        // An empty list is no field at all in protobuf.
        if !child.children.is_empty() || field.cardinality == Cardinality::Single {
            out.set_field(&target, value);
        }
    }
    out
}

fn value(element: &Element, field: &Field, kind: &Kind) -> Value {
    let text = &element.text;
    let items = field.rules.items.as_ref();
    let is_policy = field.rules.policy_document || items.is_some_and(|rules| rules.policy_document);
    match field.kind {
        FieldKind::String if is_policy => Value::String(percent_decode(text)),
        FieldKind::String => Value::String(text.clone()),
        FieldKind::Bytes => Value::Bytes(BASE64_STANDARD.decode(text).expect("base64").into()),
        FieldKind::Bool => Value::Bool(text.parse().expect("true or false")),
        FieldKind::Int32 => Value::I32(text.parse().expect("a number")),
        FieldKind::Int64 => Value::I64(text.parse().expect("a number")),
        FieldKind::Uint32 | FieldKind::Uint64 => unreachable!("AWS has none"),
        FieldKind::Timestamp => {
            let mut moment = DynamicMessage::new(kind.as_message().expect("a timestamp").clone());
            moment.set_field_by_number(1, Value::I64(seconds(text)));
            Value::Message(moment)
        }
        FieldKind::Structure => {
            let shape = field.member.as_ref().expect("a structure has a shape");
            Value::Message(message(element, kind.as_message().expect("a message"), shape))
        }
    }
}

fn percent_decode(text: &str) -> String {
    let unreserved = |c: char| c.is_ascii_alphanumeric() || "-._~%".contains(c);
    assert!(text.chars().all(unreserved), "not percent-encoded: {text}");
    let mut parts = text.split('%');
    let mut out = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        out.push(u8::from_str_radix(&part[..2], 16).expect("two digits"));
        out.extend_from_slice(&part.as_bytes()[2..]);
    }
    String::from_utf8(out).expect("UTF-8")
}

/// Unix seconds of a timestamp between the years 2001 and 2100, counted the slow way.
fn seconds(text: &str) -> i64 {
    let number = |range: std::ops::Range<usize>| text[range].parse::<i64>().expect("digits");
    assert!(text.len() == 20 && text.ends_with('Z'), "{text}");
    let (year, month, day) = (number(0..4), number(5..7), number(8..10));
    let is_leap = |year: i64| year % 4 == 0;
    let lengths = [31, if is_leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let years: i64 = (1970..year).map(|year| if is_leap(year) { 366 } else { 365 }).sum();
    let months: i64 = lengths[..month as usize - 1].iter().sum();
    let days = years + months + day - 1;
    days * 86_400 + number(11..13) * 3600 + number(14..16) * 60 + number(17..19)
}
