//! Generates `Debug` for messages with `debug_redact` fields: their values print as `***`.

use std::fmt::{Result, Write};

use prost_reflect::OneofDescriptor;
use prost_reflect::{DescriptorPool, EnumDescriptor, FieldDescriptor, MessageDescriptor};

use crate::names;

const FMT: &str = "fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {";

/// Every message with a field marked `debug_redact`, and those nested in one: prost leaves out
/// `Debug` for them too.
pub fn messages(pool: &DescriptorPool) -> Vec<MessageDescriptor> {
    pool.all_messages().filter(is_secretive).collect()
}

fn is_secretive(message: &MessageDescriptor) -> bool {
    message.fields().any(|field| is_secret(&field))
        || message.parent_message().is_some_and(|parent| is_secretive(&parent))
}

/// The name under which prost-build knows a message.
pub fn proto_path(message: &MessageDescriptor) -> String {
    format!(".{}", message.full_name())
}

/// The source of the implementations.
pub fn implementations(messages: &[MessageDescriptor]) -> String {
    let mut source = String::new();
    for message in messages {
        write_message(&mut source, message).expect("a String takes every write");
    }
    source
}

fn write_message(source: &mut String, message: &MessageDescriptor) -> Result {
    writeln!(source, "impl ::core::fmt::Debug for {} {{ {FMT}", names::rust_path(message))?;
    writeln!(source, "    f.debug_struct({:?})", names::type_name(message.name()))?;
    for field in message.fields().filter(|field| real_oneof(field).is_none()) {
        let name = names::field(field.name());
        let value = if is_secret(&field) {
            format!("&crate::redacted::Redacted(&self.{name})")
        } else {
            format!("&self.{name}")
        };
        writeln!(source, "        .field({:?}, {value})", field.name())?;
    }
    for oneof in message.oneofs().filter(|oneof| !oneof.is_synthetic()) {
        let name = names::field(oneof.name());
        writeln!(source, "        .field({:?}, &self.{name})", oneof.name())?;
    }
    writeln!(source, "        .finish()\n}} }}")?;
    for oneof in message.oneofs().filter(|oneof| !oneof.is_synthetic()) {
        write_oneof(source, message, &oneof)?;
    }
    for nested in message.child_enums() {
        write_enum(source, message, &nested)?;
    }
    Ok(())
}

fn write_oneof(
    source: &mut String,
    message: &MessageDescriptor,
    oneof: &OneofDescriptor,
) -> Result {
    let path = format!("{}::{}", names::rust_module(message), names::type_name(oneof.name()));
    writeln!(source, "impl ::core::fmt::Debug for {path} {{ {FMT} match self {{")?;
    for field in oneof.fields() {
        let variant = names::type_name(field.name());
        if is_secret(&field) {
            writeln!(source, "    Self::{variant}(_) => f.write_str(\"{variant}(***)\"),")?;
        } else {
            writeln!(
                source,
                "    Self::{variant}(value) => f.debug_tuple({variant:?}).field(value).finish(),"
            )?;
        }
    }
    writeln!(source, "}} }} }}")
}

fn write_enum(source: &mut String, message: &MessageDescriptor, nested: &EnumDescriptor) -> Result {
    let path = format!("{}::{}", names::rust_module(message), names::type_name(nested.name()));
    writeln!(source, "impl ::core::fmt::Debug for {path} {{ {FMT}")?;
    writeln!(source, "    f.write_str(self.as_str_name())\n}} }}")
}

fn real_oneof(field: &FieldDescriptor) -> Option<OneofDescriptor> {
    field.containing_oneof().filter(|oneof| !oneof.is_synthetic())
}

fn is_secret(field: &FieldDescriptor) -> bool {
    let value = field.options().get_field_by_name("debug_redact").map(|value| value.into_owned());
    value.and_then(|value| value.as_bool()).unwrap_or(false)
}
