//! The other side of a condition: what a request says of a key, looked at before anything is decided on it.
//!
//! A value that cannot be read satisfies no condition, and so no Deny either. Who decides on what others
//! say refuses such a value first.

use super::catalogue::{self, Key, Known, ValueType};
use crate::{
    Context, KnownKey,
    condition::{arn, boolean, date, ip, numeric},
};

/// What is known of a key of a request's context.
#[derive(Debug, Clone, Copy)]
pub struct RequestKey(Option<&'static Key>);

impl RequestKey {
    /// Of the key with that name, in any case of letters.
    pub fn of(name: &str) -> Self {
        KnownKey::of(name).map_or_else(|| Self::rare(name), Self::known)
    }

    /// Of a key that was sought before, and is no [`KnownKey`].
    pub fn rare(name: &str) -> Self {
        match catalogue::rare_key(name) {
            Known::Key(key) => Self(Some(key)),
            Known::No | Known::Unknown => Self(None),
        }
    }

    /// Of a key that was sought and found before.
    #[inline]
    pub fn known(key: KnownKey) -> Self {
        Self(catalogue::often_named(key))
    }

    /// Whether a request may have several values of this key. `false` for keys that are not known
    /// here.
    #[inline]
    pub fn is_list(self) -> bool {
        self.0.is_some_and(|key| key.is_list)
    }

    /// Whether a request has one value of this key at most. `false` for keys that are not known
    /// here.
    #[inline]
    pub fn is_single(self) -> bool {
        self.0.is_some_and(|key| !key.is_list)
    }

    /// What is wrong with the value that a key of this name has in the topmost layer of a context, if anything is,
    /// as [`RequestKey::value_fault`] tells it.
    #[inline]
    pub fn set_value_fault(
        self,
        key: KnownKey,
        value: &str,
        context: &Context<'_>,
    ) -> Option<&'static str> {
        let typed = self.0?.value;
        // What a context has read once need not be read again.
        let is_read = match typed {
            ValueType::String | ValueType::Any => true,
            ValueType::Bool => context.has_bool(key),
            ValueType::Ip => context.has_address(key),
            _ => false,
        };
        if is_read { None } else { unreadable(typed, value) }
    }

    /// What is wrong with a value of a request for a key whose type is known, if anything is.
    ///
    /// Source: IAM User Guide, "AWS global condition context keys"; Service Authorization
    /// Reference: IAM, STS.
    #[inline]
    pub fn value_fault(self, value: &str) -> Option<&'static str> {
        match self.0?.value {
            ValueType::String | ValueType::Any => None,
            typed => unreadable(typed, value),
        }
    }
}

fn unreadable(typed: ValueType, value: &str) -> Option<&'static str> {
    let (is_read, what) = match typed {
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
            assert_eq!(RequestKey::of(key).value_fault(good), None, "{key} {good}");
            assert!(RequestKey::of(key).value_fault(bad).is_some(), "{key} {bad}");
        }
        for key in ["aws:PrincipalTag/team", "aws:UserAgent", "s3:max-keys", "x", ""] {
            assert_eq!(RequestKey::of(key).value_fault("anything"), None, "{key}");
        }
    }

    #[test]
    fn keys_with_several_values() {
        assert!(RequestKey::of("aws:tagkeys").is_list());
        assert!(!RequestKey::of("aws:SourceIp").is_list());
        assert!(!RequestKey::of("my:list").is_list());
        assert!(RequestKey::of("aws:SourceIp").is_single());
        assert!(!RequestKey::of("my:list").is_single());
    }
}
