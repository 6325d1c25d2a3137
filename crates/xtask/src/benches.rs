//! The benches, each a workspace of its own: what they build on changes without them.

use std::path::PathBuf;

use crate::run::{cargo, root, run, target};

/// Clippy without warnings for each workspace in `benches/`.
///
/// # Errors
/// The first that fails, or the folder cannot be read.
pub fn check() -> Result<(), String> {
    for manifest in manifests()? {
        run(cargo()
            .args(["clippy", "--all-targets", "--locked", "--quiet", "--manifest-path"])
            .arg(manifest)
            .arg("--target-dir")
            .arg(target().join("benches"))
            .args(["--", "-D", "warnings"]))?;
    }
    Ok(())
}

/// Paths from the root, in order.
fn manifests() -> Result<Vec<PathBuf>, String> {
    let folder = root().join("benches");
    let unread = |error| format!("{} cannot be read: {error}", folder.display());
    let mut manifests = Vec::new();
    for entry in folder.read_dir().map_err(unread)? {
        let manifest =
            PathBuf::from("benches").join(entry.map_err(unread)?.file_name()).join("Cargo.toml");
        if root().join(&manifest).is_file() {
            manifests.push(manifest);
        }
    }
    manifests.sort();
    Ok(manifests)
}
