//! Sample messages for any shape, inside the limits of the model.

use prost_reflect::{DynamicMessage, MapKey, MessageDescriptor, Value};
use schema::{Cardinality, Field, FieldKind, FieldRules, Shape};

/// How much of a message is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// Every member, lists and maps with two elements where they may have two.
    Full,
    /// What must be there.
    Required,
}

/// A message of this shape; `salt` varies the values.
pub fn message(
    descriptor: &MessageDescriptor,
    shape: &Shape,
    extent: Extent,
    salt: usize,
) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    for field in &shape.fields {
        if extent == Extent::Required && !field.rules.required {
            continue;
        }
        let number = descriptor.get_field(field.number).expect("a member of the shape");
        let salt = salt + field.number as usize;
        let value = match field.cardinality {
            Cardinality::Single => one(field, number.kind(), &field.rules, extent, salt),
            Cardinality::List => {
                let rules = field.rules.items.as_deref().unwrap_or(&EMPTY);
                let item = |index| one(field, number.kind(), rules, extent, salt + index);
                Value::List((0..count(&field.rules)).map(item).collect())
            }
            Cardinality::Map => {
                let rules = field.rules.items.as_deref().unwrap_or(&EMPTY);
                let keys = field.rules.keys.as_deref().unwrap_or(&EMPTY);
                let entry = number.kind();
                let kind = entry.as_message().expect("an entry").map_entry_value_field().kind();
                let pair = |index| {
                    let key = format!("{}{index}", text(keys, salt));
                    (MapKey::String(key), one(field, kind.clone(), rules, extent, salt + index))
                };
                Value::Map((0..count(&field.rules)).map(pair).collect())
            }
        };
        message.set_field(&number, value);
    }
    message
}

static EMPTY: FieldRules = FieldRules {
    required: false,
    min_length: None,
    max_length: None,
    min_value: None,
    max_value: None,
    pattern: None,
    one_of: Vec::new(),
    policy_document: false,
    items: None,
    keys: None,
};

fn count(rules: &FieldRules) -> usize {
    let least = rules.min_length.unwrap_or(0) as usize;
    let most = rules.max_length.map_or(2, |most| most as usize);
    2.min(most).max(least)
}

fn one(
    field: &Field,
    kind: prost_reflect::Kind,
    rules: &FieldRules,
    extent: Extent,
    salt: usize,
) -> Value {
    let number = rules.max_value.or(rules.min_value).unwrap_or(7 + salt as i64);
    match field.kind {
        FieldKind::String => Value::String(text(rules, salt)),
        FieldKind::Bytes => Value::Bytes(vec![0, 255, salt as u8].into()),
        FieldKind::Bool => Value::Bool(salt.is_multiple_of(2)),
        FieldKind::Int32 => Value::I32(i32::try_from(number).expect("within 32 bits")),
        FieldKind::Int64 => Value::I64(number),
        FieldKind::Uint32 | FieldKind::Uint64 => unreachable!("AWS has none"),
        FieldKind::Timestamp => {
            let descriptor = kind.as_message().expect("a timestamp").clone();
            let mut moment = DynamicMessage::new(descriptor);
            moment.set_field_by_number(1, Value::I64(1_700_000_000 + salt as i64));
            Value::Message(moment)
        }
        FieldKind::Structure => {
            let shape = field.member.as_ref().expect("a structure has a shape");
            let descriptor = kind.as_message().expect("a structure is a message").clone();
            Value::Message(message(&descriptor, shape, extent, salt))
        }
    }
}

fn text(rules: &FieldRules, salt: usize) -> String {
    if !rules.one_of.is_empty() {
        return rules.one_of[salt % rules.one_of.len()].clone();
    }
    let (fixed, filler) = match rules.pattern.as_deref() {
        None => ("{\"a\": <&>'\r\n\t\u{e9}\u{6f22}\u{1f600}%+&=;/?.#}", "x"),
        Some(r"\d{12}") => ("123456789012", ""),
        Some(r"v[1-9][0-9]*(\.[A-Za-z0-9-]*)?") => ("v1.x", "x"),
        Some(pattern) if pattern.starts_with(r"(\u002F)|") => ("/a/", "x/"),
        Some(pattern) if pattern.starts_with("((/") => ("/a/", ""),
        Some(pattern) if pattern.starts_with('/') => ("/", "a"),
        Some(pattern) if pattern.starts_with(r"\u002F[") => ("/", "a"),
        Some(pattern) if pattern.starts_with("^http") => ("http://a", "a"),
        Some(pattern) if pattern.contains(r"\/r-") => ("o-aaaaaaaaaa/r-aaaa", ""),
        Some(pattern) if pattern.starts_with("^o-") => ("o-aaaaaaaaaa", ""),
        Some(pattern) if pattern.starts_with("^p-") => ("p-aaaaaaaa", ""),
        Some(pattern) if pattern.contains(r"\p{L}") => ("\u{e9} \u{6f22}:/=+-@", "x"),
        Some(pattern) if pattern.contains(r"\u0009") => ("a\r\n\t\u{e9}{\"<&>\"}", "x"),
        Some(r"[\d]*" | r"[\d]+") => ("1", "0"),
        Some("[A-Z0-9]+") => ("A1", "B"),
        Some(_) => ("a", "x"),
    };
    let least = rules.min_length.unwrap_or(0) as usize;
    let most = rules.max_length.map_or(usize::MAX, |most| most as usize);
    let mut out: String = fixed.chars().take(most).collect();
    while out.chars().count() < least {
        out += filler;
    }
    out
}
