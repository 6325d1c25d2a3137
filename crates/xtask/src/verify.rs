//! `cargo xtask verify`: what every commit must pass.

use crate::run::{cargo, run};
use crate::{benches, docs, tidy};

/// Format, clippy without warnings, tidy, documentation without warnings; clippy for the benches, too.
///
/// # Errors
/// The first check that fails.
pub fn verify() -> Result<(), String> {
    run(cargo().args(["fmt", "--all", "--check"]))?;
    run(cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ]))?;
    tidy::tidy()?;
    docs::check()?;
    benches::check()?;
    run(cargo()
        .args(["doc", "--workspace", "--no-deps", "--locked", "--quiet"])
        .env("RUSTDOCFLAGS", "-D warnings"))
}
