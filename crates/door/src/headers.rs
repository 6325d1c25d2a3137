//! The names of the headers (HTTP) and metadata (gRPC) that are ours.

/// What a read asks for: see [`crate::consistency`].
pub(crate) const CONSISTENCY: &str = "x-bailiwick-consistency";
/// What a write waits for: see [`crate::ack`].
pub(crate) const ACK: &str = "x-bailiwick-ack";
/// The revision an answer was made at.
pub(crate) const REVISION: &str = "x-bailiwick-revision";
/// Upper bound of the time since that revision was the newest, milliseconds.
pub(crate) const AGE_MS: &str = "x-bailiwick-age-ms";
/// `class` when what was looked at may be no state that history had; absent otherwise.
pub(crate) const ORDERING: &str = "x-bailiwick-ordering";
/// Who made the answer.
pub(crate) const SERVED_BY: &str = "x-bailiwick-served-by";
/// `true` when decisions should no longer be made by the view an answer was made from, and the node
/// was told to answer all the same.
pub(crate) const STALE: &str = "x-bailiwick-stale";
/// Of a write that waits to be visible: `reached`, or `pending` when its deadline passed first.
pub(crate) const PROPAGATION: &str = "x-bailiwick-propagation";
/// The token of a write.
pub(crate) const TOKEN: &str = "x-bailiwick-token";
/// On `ServiceUnavailable`: `no` when nothing was done, `unknown` when a write may have been.
pub(crate) const APPLIED: &str = "x-bailiwick-applied";
/// On `AccessDenied`: why, sealed, for `DecodeAuthorizationMessage`.
pub(crate) const AUTHORIZATION_MESSAGE: &str = "x-bailiwick-authorization-message";
/// The id of the call, spelled as AWS spells it.
pub(crate) const REQUEST_ID: &str = "x-amzn-requestid";
