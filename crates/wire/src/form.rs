//! The form of an AWS Query request: parameters with dotted names.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;

use schema::Fault;

use crate::{escape, fault};

/// What is read of a form at most.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Parameters, counting repeated ones. Bytes are the caller's to bound: AWS stops at
    /// 10,000,000.
    pub parameters: usize,
}

impl Default for Limits {
    /// 4096 parameters: the largest call SDKs make by themselves has a few hundred.
    fn default() -> Self {
        Limits { parameters: 4096 }
    }
}

/// The parameters of a request. Of a name given more than once the first value counts, as on AWS.
pub struct Form {
    parameters: BTreeMap<String, String>,
}

/// Reads a form from a body or a query string.
///
/// # Errors
/// `ValidationError` for more parameters than the limit; `MalformedInput` for escapes that are not
/// whole and for text that is not UTF-8.
pub fn parse_form(bytes: &[u8], limits: &Limits) -> Result<Form, Fault> {
    let pieces = || bytes.split(|byte| *byte == b'&').filter(|piece| !piece.is_empty());
    if pieces().count() > limits.parameters {
        let most = limits.parameters;
        return Err(fault::validation(format!("A request can have up to {most} parameters")));
    }
    let mut parameters = BTreeMap::new();
    for piece in pieces() {
        let equals = piece.iter().position(|byte| *byte == b'=');
        let (name, value) = match equals {
            Some(at) => (&piece[..at], &piece[at + 1..]),
            None => (piece, &[][..]),
        };
        let (name, value) = (text(name)?, text(value)?);
        parameters.entry(name).or_insert(value);
    }
    Ok(Form { parameters })
}

impl Form {
    /// The value of a parameter.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.parameters.get(name).map(String::as_str)
    }

    /// Whether any parameter's name begins so.
    pub(crate) fn has_prefix(&self, prefix: &str) -> bool {
        self.below(prefix).next().is_some()
    }

    /// The numbers that follow a prefix, as they are written, in the order of their values.
    ///
    /// Numbers may have gaps; what is no number is an unknown parameter and skipped.
    pub(crate) fn numbers(&self, prefix: &str) -> impl Iterator<Item = &str> {
        let mut found = BTreeMap::new();
        for name in self.below(prefix) {
            let written = name[prefix.len()..].split('.').next().unwrap_or_default();
            let digits = written.bytes().all(|byte| byte.is_ascii_digit());
            if let (true, Ok(number)) = (digits, written.parse::<u64>()) {
                found.entry(number).or_insert(written);
            }
        }
        found.into_values()
    }

    fn below(&self, prefix: &str) -> impl Iterator<Item = &str> {
        self.parameters
            .range::<str, _>((Bound::Included(prefix), Bound::Unbounded))
            .map(|(name, _)| name.as_str())
            .take_while(move |name| name.starts_with(prefix))
    }
}

impl fmt::Debug for Form {
    /// Names only: values can be passwords and tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.parameters.keys()).finish()
    }
}

fn text(encoded: &[u8]) -> Result<String, Fault> {
    let bytes = escape::decode(encoded)
        .ok_or_else(|| fault::malformed("Incomplete or illegal escape % sequence"))?;
    String::from_utf8(bytes).map_err(|_| fault::malformed("The request is not valid UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> Form {
        parse_form(text.as_bytes(), &Limits::default()).expect("good")
    }

    #[test]
    fn the_first_of_a_name_counts() {
        let form = form("Action=A&Action=B&&x&=y&a=b=c&d+e=%20");
        assert_eq!(form.value("Action"), Some("A"));
        assert_eq!(form.value("x"), Some(""));
        assert_eq!(form.value(""), Some("y"));
        assert_eq!(form.value("a"), Some("b=c"));
        assert_eq!(form.value("d e"), Some(" "));
    }

    #[test]
    fn numbers_are_sorted_by_value() {
        let form = form("t.10=&t.9.Key=&t.9.Value=&t.x=&t.=&t.+1=&t.0012=&u.1=&t=");
        assert_eq!(form.numbers("t.").collect::<Vec<_>>(), ["9", "10", "0012"]);
        assert_eq!(form.numbers("v.").count(), 0);
        assert!(form.has_prefix("u."));
        assert!(!form.has_prefix("u.1."));
    }

    #[test]
    fn ten_thousand_parameters_are_refused() {
        let many = "a=1&".repeat(10_000);
        let fault = parse_form(many.as_bytes(), &Limits::default()).expect_err("refused");
        assert_eq!(fault.code, "ValidationError");
        assert_eq!(fault.message, "A request can have up to 4096 parameters");
    }

    #[test]
    fn garbage_is_refused() {
        for garbage in [&b"a=%"[..], b"a=%4", b"%zz=1", b"a=%ff", b"\xff=1"] {
            let fault = parse_form(garbage, &Limits::default()).expect_err("refused");
            assert_eq!(fault.code, "MalformedInput");
        }
    }

    #[test]
    fn debug_shows_names_only() {
        assert_eq!(format!("{:?}", form("Password=hunter2")), r#"{"Password"}"#);
    }
}
