//! An answer with what it says of itself.

use tonic::metadata::MetadataMap;

/// A message and the revision, age and origin that came with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Answer<T> {
    /// The response message.
    pub message: T,
    /// Revision of the state it was answered from, or that it made; 0 where the answer had none.
    pub revision: u64,
    /// Upper bound of that state's age, milliseconds.
    pub age_ms: u64,
    /// The node that answered.
    pub served_by: String,
    /// The id of the call.
    pub request_id: String,
    /// Of a write: what a later read may ask to see, as `at-least=<token>`; empty for a read.
    pub token: String,
    /// Of a write that was to wait: `reached`, or `pending` when its deadline came first; otherwise empty.
    pub propagation: String,
    /// It comes from a view that is too old to decide by, of a node that was told to answer all the same.
    pub is_stale: bool,
}

impl<T> Answer<T> {
    pub(crate) fn new(message: T, metadata: &MetadataMap) -> Self {
        Answer {
            message,
            revision: number(metadata, "x-bailiwick-revision"),
            age_ms: number(metadata, "x-bailiwick-age-ms"),
            served_by: text(metadata, "x-bailiwick-served-by"),
            request_id: text(metadata, "x-amzn-requestid"),
            token: text(metadata, "x-bailiwick-token"),
            propagation: text(metadata, "x-bailiwick-propagation"),
            is_stale: text(metadata, "x-bailiwick-stale") == "true",
        }
    }

    /// The same answer with its message made into something else.
    ///
    /// # Errors
    /// What `f` answers.
    pub fn try_map<U, E>(self, f: impl FnOnce(T) -> Result<U, E>) -> Result<Answer<U>, E> {
        Ok(Answer {
            message: f(self.message)?,
            revision: self.revision,
            age_ms: self.age_ms,
            served_by: self.served_by,
            request_id: self.request_id,
            token: self.token,
            propagation: self.propagation,
            is_stale: self.is_stale,
        })
    }
}

pub(crate) fn text(metadata: &MetadataMap, name: &str) -> String {
    metadata.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

pub(crate) fn number(metadata: &MetadataMap, name: &str) -> u64 {
    text(metadata, name).parse().unwrap_or(0)
}
