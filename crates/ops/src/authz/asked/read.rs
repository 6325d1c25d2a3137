//! Reading a question where it stands in the bytes of a message, by the rules of protobuf: the last value of a field
//! counts, messages that come in pieces are put together, and what is unknown is passed over.
//!
//! Source: Protocol Buffers Documentation, "Encoding". The messages are those of proto/authz/v1; that prost reads the
//! same out of any bytes is a property of this module's tests.

use std::ops::Range;

use prost::bytes::Buf;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};

use super::{Asked, Named, Texts, Told, Whole};

/// The bytes are no message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Unreadable;

impl From<prost::DecodeError> for Unreadable {
    fn from(_: prost::DecodeError) -> Self {
        Unreadable
    }
}

type Read<T> = Result<T, Unreadable>;

/// Contexts have this many keys, or a few more.
const USUAL_KEYS: usize = 8;

impl<'a> Asked<'a> {
    /// The question of a `DecideRequest` or an `ExplainRequest`, which have the same fields; `None` when there is none.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn read(message: &'a [u8]) -> Result<Option<Self>, Unreadable> {
        let mut asked: Option<Asked<'a>> = None;
        fields(Piece { bytes: message, text: None }, |tag, field| match tag {
            1 => asked.get_or_insert_default().add(Piece::new(field.message()?.bytes)),
            _ => field.skip(),
        })?;
        if let Some(asked) = &mut asked {
            asked.order();
        }
        Ok(asked)
    }

    fn add(&mut self, question: Piece<'a>) -> Read<()> {
        self.text = Whole(question.text.unwrap_or_default());
        fields(question, |tag, field| {
            match tag {
                1 => principal(&mut self.principal, field.message()?)?,
                2 => self.action = field.text()?,
                3 => self.resource = field.text()?,
                4 => self.resource_account = Some(field.text()?),
                5 => {
                    if self.context.is_empty() {
                        self.context.reserve(USUAL_KEYS);
                    }
                    self.context.push(told(field.message()?)?);
                }
                6 => self.resource_policy = Some(field.text()?),
                _ => field.skip()?,
            }
            Ok(())
        })
    }

    /// Of entries with the same key the last one counts.
    fn order(&mut self) {
        // As encoders write them that keep maps in order.
        if self.context.is_sorted_by(|a, b| is_before(a.key, b.key)) {
            return;
        }
        self.context.sort_by(|a, b| a.key.cmp(b.key));
        self.context.dedup_by(|later, earlier| {
            let is_same = later.key == earlier.key;
            if is_same {
                std::mem::swap(later, earlier);
            }
            is_same
        });
    }
}

fn principal<'a>(named: &mut Option<Named<'a>>, message: Piece<'a>) -> Read<()> {
    fields(message, |tag, field| {
        match tag {
            1 => *named = Some(Named::Arn(field.text()?)),
            2 => {
                let (mut id, mut token) = match named {
                    Some(Named::Credential { access_key_id, session_token }) => {
                        (*access_key_id, *session_token)
                    }
                    _ => ("", None),
                };
                fields(field.message()?, |tag, field| {
                    match tag {
                        1 => id = field.text()?,
                        2 => token = Some(field.text()?),
                        _ => field.skip()?,
                    }
                    Ok(())
                })?;
                *named = Some(Named::Credential { access_key_id: id, session_token: token });
            }
            _ => field.skip()?,
        }
        Ok(())
    })
}

/// Whether a key comes before another; their first bytes nearly always tell it.
#[inline]
fn is_before(a: &str, b: &str) -> bool {
    let head = |key: &str| Some(u128::from_be_bytes(*key.as_bytes().first_chunk()?));
    matches!((head(a), head(b)), (Some(a), Some(b)) if a < b) || a < b
}

#[inline]
fn told(entry: Piece<'_>) -> Read<Told<'_>> {
    usual(entry).map_or_else(|| unusual(entry), Ok)
}

/// An entry as encoders write it, of a key and one value that are not long: each field once, in order, nothing more.
#[inline]
fn usual(entry: Piece<'_>) -> Option<Told<'_>> {
    const FIRST: u8 = 1 << 3 | WireType::LengthDelimited as u8;
    const SECOND: u8 = 2 << 3 | WireType::LengthDelimited as u8;
    let (text, &[FIRST, length @ ..0x80, ..]) = (entry.text?, entry.bytes) else { return None };
    let end = 2 + usize::from(length);
    let (&[SECOND, rest @ ..0x80, FIRST, length @ ..0x80], _) =
        entry.bytes.get(end..)?.split_first_chunk()?
    else {
        return None;
    };
    let (key, value) = (text.get(2..end)?, text.get(end + 4..)?);
    let is_whole = value.len() == usize::from(length) && rest == length + 2;
    is_whole.then_some(Told { key, values: Texts::One(value) })
}

fn unusual(entry: Piece<'_>) -> Read<Told<'_>> {
    let mut told = Told::default();
    fields(entry, |tag, field| match tag {
        1 => {
            told.key = field.text()?;
            Ok(())
        }
        2 => texts(&mut told.values, field.message()?),
        _ => field.skip(),
    })?;
    Ok(told)
}

fn texts<'a>(texts: &mut Texts<'a>, message: Piece<'a>) -> Read<()> {
    fields(message, |tag, field| match tag {
        1 => {
            texts.push(field.text()?);
            Ok(())
        }
        _ => field.skip(),
    })
}

/// Bytes of a message, also as text if they are: where no length is above 127 and all texts are ASCII, as nearly
/// always, one look tells that all of them are texts.
#[derive(Clone, Copy)]
struct Piece<'a> {
    bytes: &'a [u8],
    text: Option<&'a str>,
}

impl<'a> Piece<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Piece { bytes, text: str::from_utf8(bytes).ok() }
    }

    #[inline]
    fn range(self, range: Range<usize>) -> Option<Self> {
        let bytes = self.bytes.get(range.clone())?;
        Some(Piece { bytes, text: self.text.and_then(|text| text.get(range)) })
    }
}

/// A field whose key has been read.
struct Field<'a, 'b> {
    tag: u32,
    wire_type: WireType,
    rest: &'b mut &'a [u8],
    of: Piece<'a>,
}

/// Hands over every field of a message.
#[inline]
fn fields<'a>(
    message: Piece<'a>,
    mut take: impl FnMut(u32, Field<'a, '_>) -> Read<()>,
) -> Read<()> {
    let mut rest = message.bytes;
    while rest.has_remaining() {
        let (tag, wire_type) = key(&mut rest)?;
        take(tag, Field { tag, wire_type, rest: &mut rest, of: message })?;
    }
    Ok(())
}

/// The key of a field; nearly always it is one byte.
#[inline]
fn key(rest: &mut &[u8]) -> Read<(u32, WireType)> {
    match **rest {
        [key @ 8..0x80, ref behind @ ..] => {
            *rest = behind;
            Ok((u32::from(key >> 3), WireType::try_from(u64::from(key & 7))?))
        }
        _ => Ok(decode_key(rest)?),
    }
}

/// The same of a length.
#[inline]
fn length(rest: &mut &[u8]) -> Read<usize> {
    match **rest {
        [length @ ..0x80, ref behind @ ..] => {
            *rest = behind;
            Ok(usize::from(length))
        }
        _ => usize::try_from(decode_varint(rest)?).map_err(|_| Unreadable),
    }
}

impl<'a> Field<'a, '_> {
    #[inline]
    fn message(self) -> Read<Piece<'a>> {
        if self.wire_type != WireType::LengthDelimited {
            return Err(Unreadable);
        }
        let length = length(self.rest)?;
        let start = self.of.bytes.len() - self.rest.len();
        let end = start.checked_add(length).ok_or(Unreadable)?;
        let piece = self.of.range(start..end).ok_or(Unreadable)?;
        *self.rest = &self.of.bytes[end..];
        Ok(piece)
    }

    #[inline]
    fn text(self) -> Read<&'a str> {
        let piece = self.message()?;
        piece.text.map_or_else(|| str::from_utf8(piece.bytes).map_err(|_| Unreadable), Ok)
    }

    fn skip(self) -> Read<()> {
        Ok(skip_field(self.wire_type, self.tag, self.rest, DecodeContext::default())?)
    }
}

#[cfg(test)]
mod tests;
