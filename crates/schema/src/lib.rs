//! The words: proto/ compiled to messages, descriptors and the table of operations.

use std::sync::LazyLock;

use prost_reflect::DescriptorPool;

mod redacted;

/// What prost makes of proto/, in modules named after the packages.
#[allow(missing_docs, clippy::all, unused_qualifications, reason = "generated from proto/")]
mod messages {
    include!(concat!(env!("OUT_DIR"), "/messages.rs"));
}
pub use messages::bailiwick::*;

mod debug {
    include!(concat!(env!("OUT_DIR"), "/redact.rs"));
}

/// The fault codes by name.
pub mod code {
    include!(concat!(env!("OUT_DIR"), "/codes.rs"));
}

include!(concat!(env!("OUT_DIR"), "/operations.rs"));

/// All descriptors of proto/, with our options readable as extensions.
pub static DESCRIPTORS: LazyLock<DescriptorPool> = LazyLock::new(|| {
    let bytes = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
    DescriptorPool::decode(bytes.as_slice()).expect("build.rs encoded a complete set")
});
