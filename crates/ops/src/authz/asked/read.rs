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

/// The wire type of texts and messages.
const DELIMITED: u8 = WireType::LengthDelimited as u8;

/// Contexts have this many keys, or a few more.
const USUAL_KEYS: usize = 8;

impl<'a> Asked<'a> {
    /// The question of a `DecideRequest` or an `ExplainRequest`, which have the same fields; `None` when there is none.
    ///
    /// # Errors
    /// [`Unreadable`].
    pub fn read(message: &'a [u8]) -> Result<Option<Self>, Unreadable> {
        let mut asked: Option<Asked<'a>> = None;
        fields(Piece::new(message, ""), |tag, field| match tag {
            1 => {
                let question = field.message()?.bytes();
                let empty =
                    || Asked { context: Vec::with_capacity(USUAL_KEYS), ..Asked::default() };
                let text = str::from_utf8(question).unwrap_or_default();
                asked.get_or_insert_with(empty).add(Piece::new(question, text))
            }
            _ => Ok(()),
        })?;
        if let Some(asked) = &mut asked {
            asked.order();
        }
        Ok(asked)
    }

    fn add(&mut self, question: Piece<'a>) -> Read<()> {
        self.text = Whole(question.text);
        fields(question, |tag, field| {
            match tag {
                1 => principal(&mut self.principal, field.message()?)?,
                2 => self.action = field.text()?,
                3 => self.resource = field.text()?,
                4 => self.resource_account = Some(field.text()?),
                5 => {
                    let entry = field.message()?;
                    // Made where it is put: to copy what was just written costs more than to read it.
                    match usual(entry) {
                        Some((key, value)) => {
                            self.context.push(Told { key, values: Texts::One(value) });
                        }
                        None => self.context.push(unusual(entry)?),
                    }
                }
                6 => self.resource_policy = Some(field.text()?),
                _ => {}
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
                        _ => {}
                    }
                    Ok(())
                })?;
                *named = Some(Named::Credential { access_key_id: id, session_token: token });
            }
            _ => {}
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

/// Key and value of an entry as encoders write it, if it has one value and both are not long: each field once, in
/// order, nothing more.
#[inline(always)]
fn usual(entry: Piece<'_>) -> Option<(&str, &str)> {
    const FIRST: u8 = 1 << 3 | DELIMITED;
    const SECOND: u8 = 2 << 3 | DELIMITED;
    let Piece { upto, text, at } = entry;
    let &[FIRST, key_length @ ..0x80] = upto.get(at..)?.first_chunk()? else { return None };
    let key_end = at + 2 + usize::from(key_length);
    let &[SECOND, rest @ ..0x80, FIRST, length @ ..0x80] = upto.get(key_end..)?.first_chunk()?
    else {
        return None;
    };
    let value = key_end + 4;
    if rest != length + 2 || upto.len() != value + usize::from(length) {
        return None;
    }
    Some((text.get(at + 2..key_end)?, text.get(value..upto.len())?))
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
        _ => Ok(()),
    })?;
    Ok(told)
}

fn texts<'a>(texts: &mut Texts<'a>, message: Piece<'a>) -> Read<()> {
    fields(message, |tag, field| match tag {
        1 => {
            texts.push(field.text()?);
            Ok(())
        }
        _ => Ok(()),
    })
}

/// What is still to be read of a message that stands in others.
#[derive(Clone, Copy)]
struct Piece<'a> {
    /// The bytes that all of it stands in, as far as this message goes.
    upto: &'a [u8],
    /// All those bytes as text, if they are: where no length is above 127 and all texts are ASCII, as nearly always,
    /// one look tells that all of them are texts. Otherwise `""`.
    text: &'a str,
    at: usize,
}

/// What a field holds; `None`: neither a text nor a message. It has been passed over.
struct Field<'a>(Option<Piece<'a>>);

/// Hands over every field of a message.
#[inline(always)]
fn fields<'a>(
    mut message: Piece<'a>,
    mut take: impl FnMut(u32, Field<'a>) -> Read<()>,
) -> Read<()> {
    while message.at < message.upto.len() {
        let (tag, field) = message.field()?;
        take(tag, field)?;
    }
    Ok(())
}

impl<'a> Piece<'a> {
    fn new(whole: &'a [u8], text: &'a str) -> Self {
        Piece { upto: whole, text, at: 0 }
    }

    #[inline(always)]
    fn bytes(self) -> &'a [u8] {
        self.upto.get(self.at..).unwrap_or_default()
    }

    /// The next field and its tag.
    #[inline(always)]
    fn field(&mut self) -> Read<(u32, Field<'a>)> {
        // Key and length of one byte each, as nearly always.
        match self.bytes().first_chunk() {
            Some(&[key @ 8..0x80, length @ ..0x80]) if key & 7 == DELIMITED => {
                self.at += 2;
                Ok((u32::from(key >> 3), self.part(usize::from(length))?))
            }
            _ => self.any_field(),
        }
    }

    fn any_field(&mut self) -> Read<(u32, Field<'a>)> {
        let mut rest = self.bytes();
        let (tag, wire_type) = decode_key(&mut rest)?;
        let length = match wire_type {
            WireType::LengthDelimited => Some(decode_varint(&mut rest)?),
            _ => {
                skip_field(wire_type, tag, &mut rest, DecodeContext::default())?;
                None
            }
        };
        self.at = self.upto.len() - rest.len();
        let Some(length) = length else { return Ok((tag, Field(None))) };
        Ok((tag, self.part(usize::try_from(length).map_err(|_| Unreadable)?)?))
    }

    /// What holds the next so many bytes.
    #[inline(always)]
    fn part(&mut self, length: usize) -> Read<Field<'a>> {
        let start = self.at;
        self.at = start.checked_add(length).ok_or(Unreadable)?;
        let upto = self.upto.get(..self.at).ok_or(Unreadable)?;
        Ok(Field(Some(Piece { upto, text: self.text, at: start })))
    }
}

impl<'a> Field<'a> {
    #[inline(always)]
    fn message(self) -> Read<Piece<'a>> {
        self.0.ok_or(Unreadable)
    }

    #[inline(always)]
    fn text(self) -> Read<&'a str> {
        let piece = self.message()?;
        let text = piece.text.get(piece.at..piece.upto.len());
        text.map_or_else(|| str::from_utf8(piece.bytes()).map_err(|_| Unreadable), Ok)
    }
}

#[cfg(test)]
mod tests;
