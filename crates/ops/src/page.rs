//! Lists in pages, with opaque markers that any node understands.
//!
//! Source: IAM API reference, "Marker", "MaxItems", "IsTruncated".

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::Name;
use schema::Fault;
use sha2::{Digest, Sha256};

use crate::{View, faults};

const DEFAULT_MAX_ITEMS: i32 = 100;
const CHECK_LEN: usize = 6;
/// The longest key that fits, with its check, into the 320 characters that AWS gives a marker, in bytes.
const MAX_KEY_LEN: usize = 234;
/// How much of a longer text stays in its key, in bytes; a separator and half a SHA-256 follow.
const STEM_LEN: usize = MAX_KEY_LEN - 33;

/// The key of a text of any length. A long one is cut, and a hash tells it from others of the same beginning: the
/// order stays the same on every page, whatever comes or goes meanwhile.
pub(crate) fn key(text: &str) -> Name {
    if text.len() <= MAX_KEY_LEN {
        return Name::exact(text);
    }
    let mut key = text[..text.floor_char_boundary(STEM_LEN)].to_owned();
    // No key of a list holds a zero, so no short text is the key of a long one.
    key.push('\0');
    let hash: [u8; 32] = Sha256::digest(text).into();
    for byte in &hash[..16] {
        key.push_str(&format!("{byte:02x}"));
    }
    Name::exact(&key)
}

/// The page that a request asks for.
///
/// A marker names the last key that was listed, not a position, and carries nothing of the node that issued it: it
/// survives a change of leader, and entities that come or go between two pages shift nothing.
pub(crate) struct Page {
    scope: String,
    after: Option<Name>,
    max_items: usize,
}

/// One page of answers.
pub(crate) struct Paged<T> {
    pub items: Vec<T>,
    pub is_truncated: bool,
    pub marker: Option<String>,
}

impl Page {
    /// Reads the paging members of a request to an operation.
    pub fn new(
        view: &View<'_>,
        operation: &str,
        marker: Option<&str>,
        max_items: Option<i32>,
    ) -> Result<Self, Fault> {
        let scope = format!("{operation}/{}", view.principal().account_id);
        let after =
            marker.map(|marker| open(&scope, marker).ok_or_else(invalid_marker)).transpose()?;
        let max_items = max_items.unwrap_or(DEFAULT_MAX_ITEMS).clamp(1, 1000);
        Ok(Page { scope, after, max_items: usize::try_from(max_items).unwrap_or(1) })
    }

    /// The key after which the page begins.
    pub fn after(&self) -> Option<&Name> {
        self.after.as_ref()
    }

    /// Takes the page from items that come in the order of their keys, beginning after [`Page::after`].
    pub fn take<T>(&self, items: impl Iterator<Item = (Name, T)>) -> Paged<T> {
        let mut page = Vec::new();
        let mut last = None;
        for (key, item) in items {
            if page.len() == self.max_items {
                let marker = last.map(|last: Name| seal(&self.scope, last.as_str()));
                return Paged { items: page, is_truncated: true, marker };
            }
            last = Some(key);
            page.push(item);
        }
        Paged { items: page, is_truncated: false, marker: None }
    }

    /// Takes the page from all items, in any order: for short lists.
    pub fn take_sorted<T>(&self, items: impl IntoIterator<Item = (Name, T)>) -> Paged<T> {
        let mut items: Vec<(Name, T)> = items.into_iter().collect();
        items.sort_by(|(left, _), (right, _)| left.cmp(right));
        self.take(
            items
                .into_iter()
                .filter(|(key, _)| self.after.as_ref().is_none_or(|after| key > after)),
        )
    }
}

fn check(scope: &str, key: &str) -> [u8; CHECK_LEN] {
    let mut hash = Sha256::new();
    hash.update(scope);
    hash.update([0]);
    hash.update(key);
    let hash: [u8; 32] = hash.finalize().into();
    let mut check = [0; CHECK_LEN];
    check.copy_from_slice(&hash[..CHECK_LEN]);
    check
}

fn seal(scope: &str, key: &str) -> String {
    // Names are ASCII of at most 128 characters and fit; what may be longer goes through [`key`].
    let mut bytes = check(scope, key).to_vec();
    bytes.extend_from_slice(key.as_bytes());
    URL_SAFE_NO_PAD.encode(bytes)
}

fn open(scope: &str, marker: &str) -> Option<Name> {
    let bytes = URL_SAFE_NO_PAD.decode(marker).ok()?;
    let (sum, key) = bytes.split_at_checked(CHECK_LEN)?;
    let key = std::str::from_utf8(key).ok()?;
    (sum == check(scope, key)).then(|| Name::exact(key))
}

fn invalid_marker() -> Fault {
    faults::validation("Invalid Marker.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_opens_only_where_it_was_issued() {
        let marker = seal("ListUsers/1", "alice");
        assert_eq!(open("ListUsers/1", &marker), Some(Name::exact("alice")));
        for (scope, marker) in
            [("ListUsers/2", marker.as_str()), ("ListUsers/1", "x"), ("ListUsers/1", "")]
        {
            assert_eq!(open(scope, marker), None, "{scope} {marker}");
        }
    }

    #[test]
    fn keys_of_any_length_fit_and_stay_apart() {
        let long = "\u{20000}".repeat(128);
        let other = format!("{}x", &long[..508]);
        let (short, edge) = ("a".repeat(MAX_KEY_LEN), "a".repeat(MAX_KEY_LEN + 1));
        assert_eq!(key(&short).as_str(), short);
        for text in [&long, &other, &edge] {
            let key = key(text);
            assert!(key.as_str().len() <= MAX_KEY_LEN);
            let marker = seal("ListUserTags/1", key.as_str());
            assert!(marker.len() <= 320, "{}", marker.len());
            assert_eq!(open("ListUserTags/1", &marker), Some(key));
        }
        assert_ne!(key(&long), key(&other));
    }
}
