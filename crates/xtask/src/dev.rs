//! `cargo xtask dev`: builds the program and runs a whole cell.

use crate::run::{cargo, run};

/// Builds, then hands over to `bailiwick dev`.
///
/// # Errors
/// The build or the cell failed.
pub fn dev(arguments: &[String]) -> Result<(), String> {
    eprintln!("Building; the first time takes some minutes.");
    run(cargo().args(["run", "--release", "--package", "bailiwick", "--", "dev"]).args(arguments))
}
