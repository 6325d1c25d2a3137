//! Reading a question where it stands in the bytes of a message, by the rules of protobuf: the last value of a field
//! counts, messages that come in pieces are put together, and what is unknown is passed over.
//!
//! Source: Protocol Buffers Documentation, "Encoding". The messages are those of proto/authz/v1; that prost reads the
//! same out of any bytes is a property of this module's tests.

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
        fields(Piece::new(message, None), |tag, field| match tag {
            1 => {
                let question = field.message()?.bytes();
                let empty =
                    || Asked { context: Vec::with_capacity(USUAL_KEYS), ..Asked::default() };
                let text = str::from_utf8(question).ok();
                asked.get_or_insert_with(empty).add(Piece::new(question, text))
            }
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
                5 => self.context.push(told(field.message()?)?),
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
    let head = |key: &str| Some(u64::from_be_bytes(*key.as_bytes().first_chunk()?));
    matches!((head(a), head(b)), (Some(a), Some(b)) if a < b) || a < b
}

#[inline(always)]
fn told(entry: Piece<'_>) -> Read<Told<'_>> {
    usual(entry).map_or_else(|| unusual(entry), Ok)
}

/// An entry as encoders write it, of a key and one value that are not long: each field once, in order, nothing more.
#[inline(always)]
fn usual(entry: Piece<'_>) -> Option<Told<'_>> {
    const FIRST: u8 = 1 << 3 | WireType::LengthDelimited as u8;
    const SECOND: u8 = 2 << 3 | WireType::LengthDelimited as u8;
    let Piece { whole, text, at, end } = entry;
    let (&[FIRST, key_length @ ..0x80], _) = whole.get(at..end)?.split_first_chunk()? else {
        return None;
    };
    let key_end = at + 2 + usize::from(key_length);
    let (&[SECOND, rest @ ..0x80, FIRST, length @ ..0x80], _) =
        whole.get(key_end..end)?.split_first_chunk()?
    else {
        return None;
    };
    let value = key_end + 4;
    if rest != length + 2 || end != value + usize::from(length) {
        return None;
    }
    let text = text?;
    Some(Told { key: text.get(at + 2..key_end)?, values: Texts::One(text.get(value..end)?) })
}

#[cold]
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

/// What is still to be read of a message that stands in others.
#[derive(Clone, Copy)]
struct Piece<'a> {
    /// The bytes that all of it stands in.
    whole: &'a [u8],
    /// The same as text, if they are: where no length is above 127 and all texts are ASCII, as nearly always, one look
    /// tells that all of them are texts.
    text: Option<&'a str>,
    at: usize,
    end: usize,
}

/// A field whose key has been read, and all that comes after it.
struct Field<'a, 'b> {
    tag: u32,
    wire_type: WireType,
    rest: &'b mut Piece<'a>,
}

/// Hands over every field of a message.
#[inline(always)]
fn fields<'a>(
    mut message: Piece<'a>,
    mut take: impl FnMut(u32, Field<'a, '_>) -> Read<()>,
) -> Read<()> {
    while message.at < message.end {
        let (tag, wire_type) = message.key()?;
        take(tag, Field { tag, wire_type, rest: &mut message })?;
    }
    Ok(())
}

impl<'a> Piece<'a> {
    fn new(whole: &'a [u8], text: Option<&'a str>) -> Self {
        Piece { whole, text, at: 0, end: whole.len() }
    }

    #[inline(always)]
    fn bytes(self) -> &'a [u8] {
        // Every end has been compared with that of the message around it.
        &self.whole[self.at..self.end]
    }

    /// A byte below 128, which is a number by itself, if that comes next.
    #[inline(always)]
    fn small(&mut self) -> Option<u8> {
        let byte = *self.whole.get(self.at)?;
        let is_small = byte < 0x80 && self.at < self.end;
        self.at += usize::from(is_small);
        is_small.then_some(byte)
    }

    /// The key of a field; nearly always it is one byte.
    #[inline(always)]
    fn key(&mut self) -> Read<(u32, WireType)> {
        match self.small() {
            Some(key @ 8..) => Ok((u32::from(key >> 3), WireType::try_from(u64::from(key & 7))?)),
            Some(_) => Err(Unreadable),
            None => self.with_prost(decode_key),
        }
    }

    /// The same of a length.
    #[inline(always)]
    fn length(&mut self) -> Read<usize> {
        match self.small() {
            Some(length) => Ok(usize::from(length)),
            None => usize::try_from(self.with_prost(decode_varint)?).map_err(|_| Unreadable),
        }
    }

    fn with_prost<T>(
        &mut self,
        read: impl FnOnce(&mut &'a [u8]) -> Result<T, prost::DecodeError>,
    ) -> Read<T> {
        let mut rest = self.bytes();
        let value = read(&mut rest)?;
        self.at = self.end - rest.len();
        Ok(value)
    }
}

impl<'a> Field<'a, '_> {
    #[inline(always)]
    fn message(self) -> Read<Piece<'a>> {
        if self.wire_type != WireType::LengthDelimited {
            return Err(Unreadable);
        }
        let length = self.rest.length()?;
        let Piece { at, end, .. } = *self.rest;
        if length > end - at {
            return Err(Unreadable);
        }
        self.rest.at += length;
        Ok(Piece { at, end: at + length, ..*self.rest })
    }

    #[inline(always)]
    fn text(self) -> Read<&'a str> {
        let piece = self.message()?;
        let text = piece.text.and_then(|text| text.get(piece.at..piece.end));
        text.map_or_else(|| str::from_utf8(piece.bytes()).map_err(|_| Unreadable), Ok)
    }

    fn skip(self) -> Read<()> {
        let Field { tag, wire_type, rest } = self;
        rest.with_prost(|rest| skip_field(wire_type, tag, rest, DecodeContext::default()))
    }
}

#[cfg(test)]
mod tests;
