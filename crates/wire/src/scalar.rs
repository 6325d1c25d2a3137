//! Single values as the Query protocol writes them.

use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::prelude::{BASE64_STANDARD, Engine};
use schema::{Fault, FieldKind};

use crate::message::{self, Value, put_bytes, put_moment, put_number};
use crate::{fault, moment};

/// Blobs are read with or without padding, and written with it.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Reads a value and appends it as a protobuf field.
///
/// # Errors
/// `MalformedInput` if the text is no value of this kind; with AWS's message if it is an empty
/// number, else without any.
pub(crate) fn read(
    out: &mut Vec<u8>,
    number: u32,
    kind: FieldKind,
    text: &str,
) -> Result<(), Fault> {
    let malformed = || fault::malformed("");
    match kind {
        FieldKind::String => put_bytes(out, number, text.as_bytes()),
        FieldKind::Bytes => {
            put_bytes(out, number, &LENIENT.decode(text).map_err(|_| malformed())?);
        }
        FieldKind::Bool if text.eq_ignore_ascii_case("true") => put_number(out, number, 1),
        FieldKind::Bool if text.eq_ignore_ascii_case("false") => put_number(out, number, 0),
        _ if is_number(kind) && text.is_empty() => {
            return Err(fault::malformed("missing value for decimal type"));
        }
        FieldKind::Int32 => {
            let value: i32 = text.parse().map_err(|_| malformed())?;
            put_number(out, number, i64::from(value));
        }
        FieldKind::Int64 => put_number(out, number, text.parse().map_err(|_| malformed())?),
        FieldKind::Uint32 | FieldKind::Uint64 => {
            let value: u32 = text.parse().map_err(|_| malformed())?;
            put_number(out, number, i64::from(value));
        }
        FieldKind::Timestamp => {
            put_moment(out, number, moment::parse(text).ok_or_else(malformed)?);
        }
        FieldKind::Bool | FieldKind::Structure => return Err(malformed()),
    }
    Ok(())
}

fn is_number(kind: FieldKind) -> bool {
    matches!(message::zero(kind), Value::Number(_))
}

/// Writes a value; a structure has no text.
pub(crate) fn write(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => (*text).to_owned(),
        Value::Octets(bytes) => BASE64_STANDARD.encode(bytes),
        Value::Flag(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::Moment(moment) => moment::format(moment.seconds),
        Value::Structure(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reads(kind: FieldKind, text: &str) -> Result<Vec<u8>, String> {
        let mut out = Vec::new();
        read(&mut out, 1, kind, text).map(|()| out).map_err(|fault| fault.message)
    }

    #[test]
    fn numbers_are_signed_and_of_32_bits() {
        let nine_hundred = Ok(vec![0x08, 0x84, 0x07]);
        assert_eq!(reads(FieldKind::Int32, "900"), nine_hundred);
        assert_eq!(reads(FieldKind::Int32, "+900"), nine_hundred);
        assert_eq!(reads(FieldKind::Int32, "0900"), nine_hundred);
        assert!(reads(FieldKind::Int32, "-2147483648").is_ok());
        for text in ["2147483648", "-2147483649", "1.0", "abc", " 1", "1 ", "0x1"] {
            assert_eq!(reads(FieldKind::Int32, text), Err(String::new()), "{text}");
        }
        let missing = Err("missing value for decimal type".to_string());
        assert_eq!(reads(FieldKind::Int32, ""), missing);
    }

    #[test]
    fn truth_values() {
        assert_eq!(reads(FieldKind::Bool, "true"), Ok(vec![0x08, 1]));
        assert_eq!(reads(FieldKind::Bool, "False"), Ok(vec![0x08, 0]));
        assert_eq!(reads(FieldKind::Bool, "yes"), Err(String::new()));
    }

    #[test]
    fn blobs_with_and_without_padding() {
        assert_eq!(reads(FieldKind::Bytes, "aGk="), Ok(vec![0x0a, 2, b'h', b'i']));
        assert_eq!(reads(FieldKind::Bytes, "aGk"), Ok(vec![0x0a, 2, b'h', b'i']));
        assert_eq!(reads(FieldKind::Bytes, "a?"), Err(String::new()));
    }
}
