//! The Rust names prost gives to what the descriptors name.

use heck::{ToSnakeCase, ToUpperCamelCase};
use prost_reflect::MessageDescriptor;

/// The path of a message's struct from the crate root.
pub fn rust_path(message: &MessageDescriptor) -> String {
    let (scope, name) = split(message);
    format!("{}::{}", module(scope), type_name(name))
}

/// The path of the module that holds what is nested in a message.
pub fn rust_module(message: &MessageDescriptor) -> String {
    module(message.full_name())
}

/// The name of a message's struct without its module.
pub fn type_name(proto_name: &str) -> String {
    proto_name.to_upper_camel_case()
}

/// The name of a field or module.
pub fn field(proto_name: &str) -> String {
    let name = proto_name.to_snake_case();
    match name.as_str() {
        "self" | "super" | "crate" | "extern" => format!("{name}_"),
        "type" | "match" | "ref" | "move" | "use" | "in" | "mod" | "pub" | "static" | "const"
        | "enum" | "struct" | "trait" | "fn" | "for" | "if" | "else" | "loop" | "while" | "let"
        | "where" | "impl" | "dyn" | "async" | "await" | "try" | "as" | "break" | "continue"
        | "return" | "mut" | "unsafe" | "true" | "false" | "abstract" | "become" | "box" | "do"
        | "final" | "macro" | "override" | "priv" | "typeof" | "unsized" | "virtual" | "yield"
        | "gen" => format!("r#{name}"),
        _ => name,
    }
}

fn split(message: &MessageDescriptor) -> (&str, &str) {
    message.full_name().rsplit_once('.').unwrap_or(("", message.full_name()))
}

/// A message lives in its package's modules, a nested one also in a module per message around it.
fn module(scope: &str) -> String {
    let mut path = String::from("crate::messages");
    for segment in scope.split('.') {
        path.push_str("::");
        path.push_str(&field(segment));
    }
    path
}
