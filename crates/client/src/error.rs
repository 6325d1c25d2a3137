//! Why a call has no answer.

use std::fmt;

use prost::Message;
use tonic::{Code, Status};

use crate::Answer;
use crate::answer::text;

/// Why a call has no answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Error {
    /// The cell says no, in AWS's words.
    Fault {
        /// AWS's code, such as `NoSuchEntity`.
        code: String,
        /// AWS's text.
        message: String,
        /// What the answer says of itself: a fault, too, is of some revision.
        answer: Box<Answer<()>>,
    },
    /// Nobody answered in time.
    Unavailable {
        /// What was tried and what came of it.
        message: String,
        /// The call may have been carried out, or may yet be.
        maybe_applied: bool,
    },
    /// The call cannot be made.
    Usage(String),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Fault { code, message, answer } => {
                write!(f, "{code}: {message} (request {})", answer.request_id)
            }
            Error::Unavailable { message, maybe_applied: false } => {
                write!(f, "unavailable: {message}")
            }
            Error::Unavailable { message, maybe_applied: true } => {
                write!(f, "unavailable, and the write may or may not have been made: {message}")
            }
            Error::Usage(message) => f.write_str(message),
        }
    }
}

impl std::error::Error for Error {}

/// `google.rpc.Status`, as it stands in `grpc-status-details-bin`.
#[derive(Clone, PartialEq, Message)]
struct RichStatus {
    #[prost(message, repeated, tag = "3")]
    details: Vec<Any>,
}

/// `google.protobuf.Any`
#[derive(Clone, PartialEq, Message)]
struct Any {
    #[prost(string, tag = "1")]
    type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
}

/// `google.rpc.ErrorInfo`
#[derive(Clone, PartialEq, Message)]
struct ErrorInfo {
    #[prost(string, tag = "1")]
    reason: String,
}

/// What a status says: a fault where the cell answered one, otherwise a failure on the way.
pub(crate) fn from_status(status: &Status, url: &str) -> Error {
    match reason(status) {
        // The node itself says whether the write may have been made.
        Some(code) if code == "ServiceUnavailable" => Error::Unavailable {
            message: format!("{url}: {}", status.message()),
            maybe_applied: text(status.metadata(), "x-bailiwick-applied") != "no",
        },
        // Told to slow down before anything was done.
        Some(code) if code == "Throttling" => Error::Unavailable {
            message: format!("{url}: {}", status.message()),
            maybe_applied: false,
        },
        Some(code) => Error::Fault {
            code,
            message: status.message().to_owned(),
            answer: Box::new(Answer::new((), status.metadata())),
        },
        None => Error::Unavailable {
            message: format!("{url}: {}: {}", status.code(), chain(status)),
            maybe_applied: !never_sent(status),
        },
    }
}

/// Whether the call broke before a node could have read it.
fn never_sent(status: &Status) -> bool {
    let connect = status.code() == Code::Unavailable
        && ["tcp connect error", "error trying to connect", "transport error: connect"]
            .iter()
            .any(|text| chain(status).contains(text));
    connect || matches!(status.code(), Code::Unimplemented | Code::ResourceExhausted)
}

fn chain(status: &Status) -> String {
    let mut text = status.message().to_owned();
    let mut source = std::error::Error::source(status);
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

fn reason(status: &Status) -> Option<String> {
    let rich = RichStatus::decode(status.details()).ok()?;
    let info = rich.details.iter().find(|any| any.type_url.ends_with("google.rpc.ErrorInfo"))?;
    ErrorInfo::decode(info.value.as_slice()).ok().map(|info| info.reason)
}
