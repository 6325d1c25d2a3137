//! The other side of a condition: what a request says of a key, looked at before anything is decided on it.
//!
//! A value that cannot be read satisfies no condition, and so no Deny either. Who decides on what others
//! say refuses such a value first.

use super::catalogue::{self, Known, ValueType};
use crate::condition::{arn, boolean, date, ip, numeric};

/// Whether a request may have several values of this key. `false` for keys that are not known here.
pub fn is_list_key(key: &str) -> bool {
    matches!(catalogue::key(key), Known::Key(key) if key.is_list)
}

/// Whether a request has one value of this key at most. `false` for keys that are not known here.
pub fn is_single_key(key: &str) -> bool {
    matches!(catalogue::key(key), Known::Key(key) if !key.is_list)
}

/// What is wrong with a value of a request for a key whose type is known, if anything is.
///
/// Source: IAM User Guide, "AWS global condition context keys"; Service Authorization Reference:
/// IAM, STS.
pub fn request_value_fault(key: &str, value: &str) -> Option<&'static str> {
    let Known::Key(key) = catalogue::key(key) else { return None };
    let (is_read, what) = match key.value {
        ValueType::String | ValueType::Any => return None,
        ValueType::Arn => (arn::is_readable(value), "not an ARN"),
        ValueType::Bool => (boolean::parse(value).is_some(), "not true or false"),
        ValueType::Date => (date::is_readable(value), "not a date"),
        ValueType::Epoch => {
            (date::is_readable(value) && numeric::is_readable(value), "not seconds since 1970")
        }
        ValueType::Numeric => (numeric::is_readable(value), "not a number"),
        ValueType::Ip => (ip::address(value).is_some(), "not an IP address"),
    };
    (!is_read).then_some(what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_of_the_type_of_their_key() {
        for (key, good, bad) in [
            ("aws:SourceIp", "10.0.0.1", "10.0.0.0/8"),
            ("AWS:sourceip", "::1", "localhost"),
            ("aws:CurrentTime", "2026-01-02T03:04:05Z", "yesterday"),
            ("aws:EpochTime", "1767323045", "2026-01-02T03:04:05Z"),
            ("aws:SecureTransport", "True", "yes"),
            ("aws:MultiFactorAuthAge", "17", ""),
            ("aws:SourceArn", "arn:aws:s3:::b", "b"),
            ("sts:DurationSeconds", "900", "15m"),
        ] {
            assert_eq!(request_value_fault(key, good), None, "{key} {good}");
            assert!(request_value_fault(key, bad).is_some(), "{key} {bad}");
        }
        for key in ["aws:PrincipalTag/team", "aws:UserAgent", "s3:max-keys", "x", ""] {
            assert_eq!(request_value_fault(key, "anything"), None, "{key}");
        }
    }

    #[test]
    fn keys_with_several_values() {
        assert!(is_list_key("aws:tagkeys"));
        assert!(!is_list_key("aws:SourceIp"));
        assert!(!is_list_key("my:list"));
        assert!(is_single_key("aws:SourceIp"));
        assert!(!is_single_key("my:list"));
    }
}
