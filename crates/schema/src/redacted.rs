//! Prints three stars where a secret stands.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;

/// Shows of a value only whether it is there.
pub(crate) struct Redacted<'a, T>(pub &'a T);

impl<T: Presence> fmt::Debug for Redacted<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_present() { "***" } else { "None" })
    }
}

/// Whether a field holds anything at all.
pub(crate) trait Presence {
    fn is_present(&self) -> bool;
}

impl<T> Presence for Option<T> {
    fn is_present(&self) -> bool {
        self.is_some()
    }
}

impl Presence for String {
    fn is_present(&self) -> bool {
        !self.is_empty()
    }
}

impl Presence for Bytes {
    fn is_present(&self) -> bool {
        !self.is_empty()
    }
}

impl<T> Presence for Vec<T> {
    fn is_present(&self) -> bool {
        !self.is_empty()
    }
}

impl<K, V> Presence for BTreeMap<K, V> {
    fn is_present(&self) -> bool {
        !self.is_empty()
    }
}
