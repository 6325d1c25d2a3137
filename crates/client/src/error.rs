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
            Error::Fault { code, message, answer } if answer.request_id.is_empty() => {
                write!(f, "{code}: {message}")
            }
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
        // A service beside the operations says no in gRPC's own words: it would say so again.
        None if is_refusal(status.code()) => Error::Fault {
            code: format!("{:?}", status.code()),
            message: status.message().to_owned(),
            answer: Box::new(Answer::new((), status.metadata())),
        },
        None => Error::Unavailable {
            message: format!("{url}: {}: {}", status.code(), with_causes(status.message(), status)),
            maybe_applied: !never_sent(status),
        },
    }
}

/// Whether a code is an answer to what was asked, not a sign of trouble on the way.
fn is_refusal(code: Code) -> bool {
    matches!(
        code,
        Code::FailedPrecondition
            | Code::InvalidArgument
            | Code::AlreadyExists
            | Code::NotFound
            | Code::OutOfRange
            | Code::PermissionDenied
    )
}

/// Whether the call broke before a node could have read it.
fn never_sent(status: &Status) -> bool {
    let told = with_causes(status.message(), status);
    let connect = status.code() == Code::Unavailable
        && ["tcp connect error", "error trying to connect", "transport error: connect"]
            .iter()
            .any(|text| told.contains(text));
    connect || matches!(status.code(), Code::Unimplemented | Code::ResourceExhausted)
}

/// What an error says, with all that led to it: the outermost error alone says little.
pub fn with_causes(said: &str, error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.map(ToString::to_string).fold(said.to_owned(), |text, cause| {
        // Some errors tell their cause themselves.
        if text.ends_with(&cause) { text } else { format!("{text}: {cause}") }
    })
}

fn reason(status: &Status) -> Option<String> {
    let rich = RichStatus::decode(status.details()).ok()?;
    let info = rich.details.iter().find(|any| any.type_url.ends_with("google.rpc.ErrorInfo"))?;
    ErrorInfo::decode(info.value.as_slice()).ok().map(|info| info.reason)
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use super::*;

    #[derive(Debug)]
    struct Layer(&'static str, Option<Box<Layer>>);

    impl fmt::Display for Layer {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }

    impl std::error::Error for Layer {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            self.1.as_deref().map(|cause| cause as _)
        }
    }

    #[test]
    fn causes_are_told_in_their_order_and_once() {
        let refused = Layer("refused", None);
        let inner = Layer("connect: refused", Some(Box::new(refused)));
        let outer = Layer("transport", Some(Box::new(inner)));
        assert_eq!(with_causes("transport", &outer), "transport: connect: refused");
        assert_eq!(with_causes("alone", &Layer("alone", None)), "alone");
    }

    #[test]
    fn a_refusal_without_a_reason_is_a_fault_and_not_asked_again() {
        let refused = from_status(&Status::failed_precondition("this is a voter"), "http://h");
        assert!(matches!(&refused, Error::Fault { code, .. } if code == "FailedPrecondition"));
        let lost = from_status(&Status::internal("broken"), "http://h");
        assert!(matches!(lost, Error::Unavailable { maybe_applied: true, .. }));
    }
}
