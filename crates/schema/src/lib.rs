//! The words: proto/ compiled to messages, descriptors and the table of operations. No logic.
//!
//! - **Messages**: [`iam::v1`], [`sts::v1`], [`model::v1`] and so on, after the proto packages.
//!   Maps are `BTreeMap`s, `bytes` fields are [`bytes::Bytes`], fields marked `debug_redact` print
//!   as `***`. Cargo feature `grpc` adds tonic clients and servers to the same modules.
//! - **Operations**: [`operations`], [`operation`], [`operation_by_path`], [`operation_by_index`]
//!   give an [`OperationInfo`]; [`all_operations`] adds those of our own
//!   services, [`for_each_operation!`] gives the implemented ones to a macro.
//! - **Shapes**: [`OperationInfo::request`] and [`OperationInfo::response`] describe the members
//!   of a message for codecs and validation without touching descriptors:
//!
//! ```
//! use schema::{Cardinality, FieldKind, Service};
//!
//! let operation = schema::operation(Service::Iam, "CreateUser").expect("a known operation");
//! let name = operation.request.field("UserName").expect("a known member");
//! assert_eq!((name.kind, name.cardinality), (FieldKind::String, Cardinality::Single));
//! assert_eq!((name.lower_camel.as_str(), name.number), ("userName", 2));
//! assert!(name.rules.required);
//! assert_eq!(name.rules.max_length, Some(64));
//! assert_eq!(name.rules.pattern.as_deref(), Some(r"[\w+=,.@-]+"));
//! ```
//!
//!   A list's own limits (how many) are in [`Field::rules`], those of its members in
//!   [`FieldRules::items`]; members that are structures have a [`Shape`] in [`Field::member`],
//!   whose fields carry their own rules.
//! - **Faults**: [`Fault`] with a code from [`code`], and its statuses.

use std::sync::LazyLock;

use prost_reflect::{DescriptorPool, DynamicMessage};

mod fault;
mod operation;
mod redacted;
mod shape;

pub use fault::Fault;
pub use operation::{
    Kind, OperationInfo, Service, all_operations, operation, operation_by_index, operation_by_path,
    operation_by_rest, operations,
};
pub use prost_reflect::MessageDescriptor;
pub use shape::{Cardinality, Field, FieldKind, FieldRules, Shape};

/// What prost makes of proto/, in modules named after the packages.
#[allow(missing_docs, clippy::all, unused_qualifications, reason = "generated from proto/")]
mod messages {
    include!(concat!(env!("OUT_DIR"), "/messages.rs"));
}
pub use messages::bailiwick::*;

/// `Debug` for messages with secrets.
mod debug {
    include!(concat!(env!("OUT_DIR"), "/redact.rs"));
}

/// The fault codes by name.
pub mod code {
    include!(concat!(env!("OUT_DIR"), "/codes.rs"));
}

include!(concat!(env!("OUT_DIR"), "/operations.rs"));

/// The encoded `google.protobuf.FileDescriptorSet` of proto/, for gRPC reflection.
pub const DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// All descriptors of proto/, with our options readable as extensions.
pub static DESCRIPTORS: LazyLock<DescriptorPool> = LazyLock::new(|| {
    DescriptorPool::decode(DESCRIPTOR_SET).expect("build.rs encoded a complete set")
});

/// One of our options of a service, method, field or enum value, if it is set.
fn extension<T: prost::Message + Default>(options: &DynamicMessage, name: &str) -> Option<T> {
    let extension = DESCRIPTORS
        .get_extension_by_name(&format!("bailiwick.options.v1.{name}"))
        .expect("proto/options/v1 declares every option we ask for");
    if !options.has_extension(&extension) {
        return None;
    }
    let value = options.get_extension(&extension);
    let message = value.as_message().expect("our options are messages");
    Some(message.transcode_to().expect("options compiled from the same files"))
}
