//! Generates one constant per fault code, so that a misspelt code does not compile.

use std::error::Error;
use std::fmt::Write;

use heck::ToShoutySnakeCase;
use prost_reflect::DescriptorPool;

/// The source of the constants.
pub fn constants(pool: &DescriptorPool) -> Result<String, Box<dyn Error>> {
    let codes = pool
        .get_enum_by_name("bailiwick.options.v1.Code")
        .ok_or("proto/options/v1 lost its fault codes")?;
    let mut source = String::new();
    for code in codes.values().filter(|code| code.number() != 0) {
        let name = code.name();
        writeln!(source, "/// `{name}`, see proto/options/v1/faults.proto.")?;
        writeln!(source, "pub const {}: &str = {name:?};", name.to_shouty_snake_case())?;
    }
    Ok(source)
}
