//! Faults: the answers AWS gives when it refuses, with their statuses on both protocols.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use crate::options::v1 as options;
use crate::{DESCRIPTORS, extension};

/// A refusal as a caller sees it: an AWS error code and a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The AWS error code, best one of the constants in [`code`](crate::code).
    pub code: Cow<'static, str>,
    /// AWS's wording where it is known.
    pub message: String,
}

impl Fault {
    /// A fault with one of the codes in [`code`](crate::code).
    pub fn new(code: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self { code: code.into(), message: message.into() }
    }

    /// The HTTP status; 400 for a code this version does not know.
    pub fn http_status(&self) -> u16 {
        self.status().0
    }

    /// The gRPC status code; `UNKNOWN` (2) for a code this version does not know.
    pub fn grpc_code(&self) -> i32 {
        self.status().1
    }

    /// Whether the caller is at fault (`<Type>Sender</Type>`) or the server (`Receiver`).
    pub fn is_sender(&self) -> bool {
        self.http_status() < 500
    }

    fn status(&self) -> (u16, i32) {
        STATUSES.get(self.code.as_ref()).copied().unwrap_or(UNKNOWN)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Fault {}

/// A fault is an answer, not a failure: what we cannot name is not worth the caller's retrying.
const UNKNOWN: (u16, i32) = (400, options::Grpc::Unknown as i32);

/// Code to HTTP and gRPC status, from proto/options/v1/faults.proto.
static STATUSES: LazyLock<BTreeMap<String, (u16, i32)>> = LazyLock::new(|| {
    let codes = DESCRIPTORS.get_enum_by_name("bailiwick.options.v1.Code").expect("compiled in");
    let status = |value: prost_reflect::EnumValueDescriptor| {
        let status: options::Status = extension(&value.options(), "fault")?;
        Some((value.name().to_owned(), (u16::try_from(status.http).ok()?, status.grpc)))
    };
    codes.values().filter_map(status).collect()
});
