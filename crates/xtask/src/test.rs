//! `cargo xtask test`: every test there is.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::gate;
use crate::run::{cargo, root, run, target};

/// What fails names its seed and the command that plays it again.
const SIMULATION: [&str; 5] = ["sim", "--seeds", "200", "--duration", "60s"];

/// The crates' own tests, simulated cells from 200 seeds, the gate of decisions, then boto3 and aws-cli against a real
/// cell, in a virtual environment of the project's own.
///
/// # Errors
/// The first step that fails.
pub fn test(arguments: &[String]) -> Result<(), String> {
    run(cargo().args(["build", "--workspace", "--locked"]))?;
    let all = ["test", "--workspace", "--locked", "--quiet", "--no-fail-fast"];
    run(cargo().args(all).args(arguments))?;
    run(Command::new(target().join("debug/bailiwick")).args(SIMULATION))?;
    gate::gate(&[])?;
    conformance()
}

fn conformance() -> Result<(), String> {
    let folder = root().join("tests/conformance");
    let python = environment(&folder)?;
    let program = target().join("debug/bailiwick");
    run(Command::new(python)
        .args(["-m", "pytest", "-q", "--color=no"])
        .arg(&folder)
        .env("BAILIWICK", program)
        .current_dir(root()))
}

/// A virtual environment under target/, made when it is not there or when its requirements have changed.
fn environment(folder: &Path) -> Result<PathBuf, String> {
    let requirements = folder.join("requirements.txt");
    let wanted = std::fs::read_to_string(&requirements)
        .map_err(|error| format!("{}: {error}", requirements.display()))?;
    let home = target().join("venv");
    let (python, stamp) = (home.join("bin/python"), home.join("requirements.installed"));
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home)).map_err(|error| {
        format!("{error}\nthe conformance tests need Python 3.9 or newer with its venv module (python3-venv)")
    })?;
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--requirement"])
        .arg(&requirements))?;
    std::fs::write(&stamp, wanted).map_err(|error| format!("{}: {error}", stamp.display()))?;
    Ok(python)
}
