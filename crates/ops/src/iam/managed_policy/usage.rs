//! How a managed policy is used in an account: attached, or as a boundary.

use model::account::Attached;

/// The two ways, as `PolicyUsageFilter` names them, or either.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Usage {
    Any,
    Attachment,
    Boundary,
}

impl Usage {
    /// Reads the filter of a request; front doors let nothing through that AWS does not list.
    pub(super) fn of(policy_usage_filter: Option<&str>) -> Self {
        match policy_usage_filter {
            Some("PermissionsPolicy") => Usage::Attachment,
            Some("PermissionsBoundary") => Usage::Boundary,
            _ => Usage::Any,
        }
    }

    /// Whether entities that carry the policy as an attachment are meant.
    pub(super) fn has_attachments(self) -> bool {
        self != Usage::Boundary
    }

    /// Whether entities that carry the policy as a boundary are meant.
    pub(super) fn has_boundaries(self) -> bool {
        self != Usage::Attachment
    }

    /// Whether a policy is used in this way at all.
    pub(super) fn is_of(self, used: Option<&Attached>) -> bool {
        match self {
            Usage::Any => true,
            Usage::Attachment => used.is_some_and(|used| used.attachment_count() > 0),
            Usage::Boundary => used.is_some_and(|used| used.boundary_count() > 0),
        }
    }
}
