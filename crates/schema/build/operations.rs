//! Generates `for_each_operation!`: one entry per operation that must have an implementation.

use std::error::Error;

use prost_reflect::{DescriptorPool, MethodDescriptor};

use crate::names;

/// The source of the macro.
pub fn macro_source(pool: &DescriptorPool) -> Result<String, Box<dyn Error>> {
    let mut found = Vec::new();
    for service in pool.services() {
        let module = service.name().to_lowercase();
        for method in service.methods() {
            let Some((kind, index)) = kind_and_index(pool, &method)? else { continue };
            let line = format!(
                "            {{ {module} {} {} {} {kind} {index} }}\n",
                method.name(),
                names::type_name(method.input().name()),
                names::type_name(method.output().name()),
            );
            found.push((index, line));
        }
    }
    found.sort();
    let entries: String = found.into_iter().map(|(_, line)| line).collect();
    Ok(format!(
        "/// Calls a macro once with every implemented operation, in the order of indexes.\n\
         ///\n\
         /// Each entry is `{{ service Operation Request Response Kind index }}`, for example\n\
         /// `{{ iam CreateUser CreateUserRequest CreateUserResponse Write 1 }}`: the service's module\n\
         /// in this crate, the operation as AWS spells it, the Rust names of its messages, the\n\
         /// variant of [`Kind`], the number the log knows it by. Planned operations are left out.\n\
         #[macro_export]\n\
         macro_rules! for_each_operation {{\n    \
             ($($callback:ident)::+) => {{\n        \
                 $($callback)::+! {{\n{entries}        }}\n    \
             }};\n\
         }}\n"
    ))
}

/// `None` for what is no operation or only planned.
fn kind_and_index(
    pool: &DescriptorPool,
    method: &MethodDescriptor,
) -> Result<Option<(&'static str, u32)>, Box<dyn Error>> {
    let extension = pool
        .get_extension_by_name("bailiwick.options.v1.operation")
        .ok_or("proto/options/v1 lost its method option")?;
    let options = method.options();
    if !options.has_extension(&extension) {
        return Ok(None);
    }
    let value = options.get_extension(&extension);
    let operation = value.as_message().ok_or("the method option is no message")?;
    let number = |name: &str| operation.get_field_by_name(name).map(|value| value.into_owned());
    let index = number("index").and_then(|value| value.as_u32()).unwrap_or(0);
    let kind = match number("kind").and_then(|value| value.as_enum_number()) {
        Some(1) => "Read",
        Some(2) => "Write",
        Some(3) => "Mint",
        Some(4) => return Ok(None),
        _ => return Err(format!("{} has no kind", method.full_name()).into()),
    };
    Ok(Some((kind, index)))
}
