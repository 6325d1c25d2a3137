//! `cargo xtask docs`: writes docs/status.md, what is implemented and what is planned, from proto/.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use schema::{Kind, OperationInfo};

use crate::run::root;

/// Writes docs/status.md, which git does not keep.
///
/// # Errors
/// The file cannot be written.
pub fn docs() -> Result<(), String> {
    let path = root().join("docs/status.md");
    fs::write(&path, status()).map_err(|error| format!("{}: {error}", path.display()))?;
    println!("wrote docs/status.md");
    Ok(())
}

/// Checks that the status can be made.
///
/// # Errors
/// It is empty.
pub fn check() -> Result<(), String> {
    if status().lines().count() > 20 {
        Ok(())
    } else {
        Err("docs/status.md would be empty".to_owned())
    }
}

fn status() -> String {
    let mut groups: BTreeMap<(String, &str), Vec<&OperationInfo>> = BTreeMap::new();
    for info in schema::operations() {
        groups
            .entry((info.service.signing_name().to_owned(), info.group.as_str()))
            .or_default()
            .push(info);
    }
    let done = schema::operations().iter().filter(|info| info.kind != Kind::Planned).count();
    let mut text = format!(
        "# Status of the operations\n\nMade by `cargo xtask docs` from proto/. {done} of {} are implemented; planned \
         ones answer `NotImplemented` (HTTP 501).\n",
        schema::operations().len()
    );
    for ((service, group), operations) in groups {
        let _ = write!(text, "\n## {service}: {group}\n\n| operation | status |\n|---|---|\n");
        for info in operations {
            let status = if info.kind == Kind::Planned { "planned" } else { "implemented" };
            let _ = writeln!(text, "| {} | {status} |", info.name);
        }
    }
    text
}
