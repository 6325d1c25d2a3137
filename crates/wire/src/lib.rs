//! AWS Query form to message, message to XML, REST-JSON; limits and validation texts.
//!
//! ```text
//! body ─ parse_form ─► Form ─ route ─► OperationInfo ─ decode ─► protobuf
//! protobuf ─ encode ─► XML        every Fault on the way ─ encode_fault ─► XML
//! body, query ─ decode_json ─► protobuf ─ encode_json ─► JSON     (REST-JSON)
//! ```
//!
//! Everything is driven by the shapes in [`schema`]: no operation is known here by name except
//! where AWS itself makes an exception ([`encode`]). gRPC callers bring protobuf already and meet
//! the same limits in [`validate`].

mod clause;
mod client;
mod decode;
mod encode;
mod escape;
mod fault;
mod form;
mod json;
mod message;
mod moment;
mod pattern;
mod route;
mod scalar;
mod validate;
mod violations;
mod xml;

pub use client::encode_form;
pub use decode::decode;
pub use encode::encode;
pub use fault::{DISPATCH_XMLNS, encode_fault};
pub use form::{Form, Limits, parse_form};
pub use json::{JsonFault, decode_json, encode_json, encode_json_fault};
pub use route::route;
pub use validate::validate;
