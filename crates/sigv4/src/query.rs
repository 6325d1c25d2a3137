//! The query of a request: read once, looked up by name, and written in canonical form.

use alloc::{
    string::{String, ToString},
    vec::Vec,
};

use crate::{Limits, Refusal, escape};

/// The parameter that holds the signature and so can not be covered by it.
pub(crate) const SIGNATURE: &str = "X-Amz-Signature";

/// Parameters in the order received, each name and value decoded once and encoded again.
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
}

impl Query {
    /// Splits and normalises a raw query; empty pieces between ampersands are no parameters.
    pub(crate) fn parse(raw: &str, limits: &Limits) -> Result<Self, Refusal> {
        let pieces = raw.split('&').filter(|piece| !piece.is_empty());
        if pieces.clone().count() > limits.query_parameters {
            return Err(Refusal::malformed_query("The query string has too many parameters"));
        }
        let again = |text| Ok::<_, Refusal>(escape::encode(&escape::decode(text)?));
        let pairs = pieces.map(|piece| {
            let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
            Ok((again(name)?, again(value)?))
        });
        Ok(Query { pairs: pairs.collect::<Result<_, Refusal>>()? })
    }

    /// The first value of a parameter whose name has unreserved characters only, decoded.
    pub(crate) fn first(&self, name: &str) -> Option<String> {
        let (_, value) = self.pairs.iter().find(|(other, _)| other == name)?;
        let bytes = escape::decode(value).ok()?;
        Some(String::from_utf8_lossy(&bytes).to_string())
    }

    /// Sorted by name, then value, without the signature.
    pub(crate) fn canonical(&self) -> String {
        let mut pairs: Vec<_> = self.pairs.iter().filter(|(name, _)| name != SIGNATURE).collect();
        pairs.sort();
        let mut out = String::new();
        for (name, value) in pairs {
            if !out.is_empty() {
                out.push('&');
            }
            out.push_str(name);
            out.push('=');
            out.push_str(value);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(raw: &str) -> String {
        Query::parse(raw, &Limits::default()).expect("good").canonical()
    }

    #[test]
    fn sorts_by_name_then_value() {
        assert_eq!(canonical("b=2&a=2&a=1&a-=0&A=9"), "A=9&a=1&a=2&a-=0&b=2");
    }

    #[test]
    fn normalises_what_was_encoded_otherwise() {
        assert_eq!(canonical("a=%7e+%2f%2B&&b"), "a=~%20%2F%2B&b=");
    }

    #[test]
    fn leaves_the_signature_out() {
        assert_eq!(canonical("X-Amz-Signature=1&x=1&X-Amz-Signature=2"), "x=1");
    }

    #[test]
    fn too_many_parameters_are_refused() {
        let raw = "a=1&".repeat(10_000);
        let refusal = Query::parse(&raw, &Limits::default()).err().expect("refused");
        assert_eq!((refusal.status, refusal.code), (400, "MalformedQueryString"));
    }
}
