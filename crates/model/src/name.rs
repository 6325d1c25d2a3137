//! Names that are unique without regard to case but keep their case.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

/// A key under which an entity is found: its name in lower case (ASCII, as the name rules allow nothing else).
///
/// Source: IAM User Guide, "IAM and AWS STS quotas", "IAM name requirements".
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

impl Name {
    /// The key for a name, whatever its case.
    pub fn new(name: &str) -> Self {
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Name(name.to_ascii_lowercase().into())
        } else {
            Name(name.into())
        }
    }

    /// A key that keeps its case: ids and ARNs.
    pub fn exact(id: &str) -> Self {
        Name(id.into())
    }

    /// The key's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Name {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
