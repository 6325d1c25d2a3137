//! `cargo xtask tidy`: the order of the crates, licences, and the rules for files.

mod files;
mod licences;
mod order;

use crate::run::{cargo, root};

/// Runs every check and tells of all that is wrong.
///
/// # Errors
/// What is wrong, line by line.
pub fn tidy() -> Result<(), String> {
    let output = cargo()
        .args(["metadata", "--format-version", "1", "--locked"])
        .output()
        .map_err(|error| format!("cargo metadata: {error}"))?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("cargo metadata: {error}"))?;
    let mut wrong = order::check(&metadata);
    wrong.extend(licences::check(&metadata));
    wrong.extend(files::check(&root())?);
    if wrong.is_empty() { Ok(()) } else { Err(format!("tidy found:\n  {}", wrong.join("\n  "))) }
}

#[cfg(test)]
mod tests {
    /// Runs with the tests, so that nobody has to remember it.
    #[test]
    fn the_tree_is_tidy() {
        if let Err(wrong) = super::tidy() {
            panic!("{wrong}");
        }
    }
}
