//! The refusal of a policy document.

use crate::Span;
use alloc::string::String;
use core::fmt;

/// Why a document was refused: AWS's `MalformedPolicyDocument`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// AWS's exact text, for the caller.
    pub message: String,
    /// The bytes of the source text at fault, where one place is at fault.
    pub span: Option<Span>,
    /// What is wrong in our words, for logs and editors. No part of AWS's answer.
    pub detail: String,
}

impl Malformed {
    pub(crate) fn new(
        message: impl Into<String>,
        span: Option<Span>,
        detail: impl Into<String>,
    ) -> Self {
        Self { message: message.into(), span, detail: detail.into() }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.message, self.detail)
    }
}

impl core::error::Error for Malformed {}
