//! Protobuf bytes read and written by shape (protobuf.dev, "Encoding").
//!
//! Messages are read as prost reads them, so that what is validated is what will be applied: of a
//! scalar given twice the last counts, of a structure given twice both parts do.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schema::{Field, FieldKind};

use crate::moment::Moment;

/// The bytes are not an encoding of the message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

/// The value of a member, or of one element of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    Text(&'a str),
    Octets(&'a [u8]),
    Flag(bool),
    Number(i64),
    Moment(Moment),
    Structure(Cow<'a, [u8]>),
}

/// A message taken apart into its fields, in the order they stand.
pub(crate) struct Message<'a> {
    parts: Vec<(u32, Raw<'a>)>,
}

#[derive(Clone, Copy)]
enum Raw<'a> {
    Varint(u64),
    Bytes(&'a [u8]),
    /// Fixed-width numbers, which no shape has.
    Fixed,
}

impl<'a> Message<'a> {
    pub(crate) fn parse(mut bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut parts = Vec::new();
        while !bytes.is_empty() {
            let key = u32::try_from(varint(&mut bytes)?).map_err(|_| Malformed)?;
            let raw = match key & 7 {
                0 => Raw::Varint(varint(&mut bytes)?),
                1 => take(&mut bytes, 8).map(|_| Raw::Fixed)?,
                2 => {
                    let length = usize::try_from(varint(&mut bytes)?).map_err(|_| Malformed)?;
                    Raw::Bytes(take(&mut bytes, length)?)
                }
                5 => take(&mut bytes, 4).map(|_| Raw::Fixed)?,
                _ => return Err(Malformed),
            };
            let number = key >> 3;
            if number == 0 {
                return Err(Malformed);
            }
            parts.push((number, raw));
        }
        Ok(Message { parts })
    }

    /// The value of a member that holds one.
    pub(crate) fn single(&self, field: &Field) -> Result<Option<Value<'a>>, Malformed> {
        let mut found = None;
        for raw in self.all(field.number) {
            let value = value(field.kind, raw)?;
            found = Some(match (found, value) {
                (Some(Value::Structure(first)), Value::Structure(second)) => {
                    Value::Structure(Cow::Owned([first, second].concat()))
                }
                (_, value) => value,
            });
        }
        Ok(found)
    }

    /// The elements of a list.
    pub(crate) fn list(&self, field: &Field) -> Result<Vec<Value<'a>>, Malformed> {
        let mut values = Vec::new();
        for raw in self.all(field.number) {
            let packed = matches!(zero(field.kind), Value::Flag(_) | Value::Number(_));
            match raw {
                Raw::Bytes(mut bytes) if packed => {
                    while !bytes.is_empty() {
                        values.push(value(field.kind, Raw::Varint(varint(&mut bytes)?))?);
                    }
                }
                raw => values.push(value(field.kind, raw)?),
            }
        }
        Ok(values)
    }

    /// The entries of a map, by key.
    pub(crate) fn map(&self, field: &Field) -> Result<BTreeMap<&'a str, Value<'a>>, Malformed> {
        let mut entries = BTreeMap::new();
        for raw in self.all(field.number) {
            let Raw::Bytes(bytes) = raw else { return Err(Malformed) };
            let (mut key, mut held) = ("", zero(field.kind));
            for (number, raw) in Message::parse(bytes)?.parts {
                match (number, raw) {
                    (1, Raw::Bytes(bytes)) => key = text(bytes)?,
                    (1, _) => return Err(Malformed),
                    (2, raw) => held = value(field.kind, raw)?,
                    _ => {}
                }
            }
            entries.insert(key, held);
        }
        Ok(entries)
    }

    fn all(&self, number: u32) -> impl Iterator<Item = Raw<'a>> {
        self.parts.iter().filter(move |(other, _)| *other == number).map(|(_, raw)| *raw)
    }
}

/// What a member without presence holds when it is absent.
pub(crate) fn zero(kind: FieldKind) -> Value<'static> {
    match kind {
        FieldKind::String => Value::Text(""),
        FieldKind::Bytes => Value::Octets(&[]),
        FieldKind::Bool => Value::Flag(false),
        FieldKind::Int32 | FieldKind::Int64 | FieldKind::Uint32 | FieldKind::Uint64 => {
            Value::Number(0)
        }
        FieldKind::Timestamp => Value::Moment(Moment { seconds: 0, nanos: 0 }),
        FieldKind::Structure => Value::Structure(Cow::Borrowed(&[])),
    }
}

fn value(kind: FieldKind, raw: Raw<'_>) -> Result<Value<'_>, Malformed> {
    Ok(match (kind, raw) {
        (FieldKind::String, Raw::Bytes(bytes)) => Value::Text(text(bytes)?),
        (FieldKind::Bytes, Raw::Bytes(bytes)) => Value::Octets(bytes),
        (FieldKind::Bool, Raw::Varint(number)) => Value::Flag(number != 0),
        // Numbers of 32 bits stand sign-extended to 64; what is above is cut off, as prost does.
        (FieldKind::Int32, Raw::Varint(number)) => Value::Number(i64::from(number as i32)),
        (FieldKind::Int64, Raw::Varint(number)) => Value::Number(number as i64),
        (FieldKind::Uint32, Raw::Varint(number)) => Value::Number(i64::from(number as u32)),
        (FieldKind::Uint64, Raw::Varint(number)) => {
            Value::Number(i64::try_from(number).unwrap_or(i64::MAX))
        }
        (FieldKind::Timestamp, Raw::Bytes(bytes)) => Value::Moment(moment(bytes)?),
        (FieldKind::Structure, Raw::Bytes(bytes)) => Value::Structure(Cow::Borrowed(bytes)),
        _ => return Err(Malformed),
    })
}

fn moment(bytes: &[u8]) -> Result<Moment, Malformed> {
    let mut moment = Moment { seconds: 0, nanos: 0 };
    for (number, raw) in Message::parse(bytes)?.parts {
        match (number, raw) {
            (1, Raw::Varint(seconds)) => moment.seconds = seconds as i64,
            (2, Raw::Varint(nanos)) => moment.nanos = nanos as i32,
            (1 | 2, _) => return Err(Malformed),
            _ => {}
        }
    }
    Ok(moment)
}

fn text(bytes: &[u8]) -> Result<&str, Malformed> {
    std::str::from_utf8(bytes).map_err(|_| Malformed)
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Result<&'a [u8], Malformed> {
    let (head, tail) = bytes.split_at_checked(length).ok_or(Malformed)?;
    *bytes = tail;
    Ok(head)
}

fn varint(bytes: &mut &[u8]) -> Result<u64, Malformed> {
    let mut number = 0;
    for shift in (0..70).step_by(7) {
        let (first, rest) = bytes.split_first().ok_or(Malformed)?;
        *bytes = rest;
        if shift == 63 && *first > 1 {
            return Err(Malformed);
        }
        number |= u64::from(first & 0x7f) << shift;
        if *first < 0x80 {
            return Ok(number);
        }
    }
    Err(Malformed)
}

/// Appends a field that holds octets: text, blobs, structures, map entries.
pub(crate) fn put_bytes(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    put_varint(out, u64::from(number << 3 | 2));
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Appends a field that holds a number or a truth value.
pub(crate) fn put_number(out: &mut Vec<u8>, number: u32, value: i64) {
    put_varint(out, u64::from(number << 3));
    put_varint(out, value as u64);
}

/// Appends a field that holds a timestamp.
pub(crate) fn put_moment(out: &mut Vec<u8>, number: u32, moment: Moment) {
    let mut bytes = Vec::new();
    if moment.seconds != 0 {
        put_number(&mut bytes, 1, moment.seconds);
    }
    if moment.nanos != 0 {
        put_number(&mut bytes, 2, i64::from(moment.nanos));
    }
    put_bytes(out, number, &bytes);
}

fn put_varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_there_and_back() {
        for number in [0, 1, -1, 127, 128, 300, i64::MAX, i64::MIN] {
            let mut out = Vec::new();
            put_number(&mut out, 5, number);
            let message = Message::parse(&out).expect("good");
            let Some(Raw::Varint(found)) = message.all(5).next() else { panic!("no number") };
            assert_eq!(found as i64, number);
        }
    }

    #[test]
    fn garbage_is_malformed() {
        for garbage in [
            &b"\x0a"[..],
            b"\x0a\x05ab",
            b"\x08",
            b"\x08\x80",
            b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02",
            b"\x0b\x0c",
            b"\x00\x00",
            b"\x09\x00",
            b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
        ] {
            assert!(Message::parse(garbage).is_err(), "{garbage:x?}");
        }
    }
}
