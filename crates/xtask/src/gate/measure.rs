//! Measuring: a release build of the policy engine alone, run once, and once under callgrind.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use super::figures::Recorded;
use crate::run::{cargo, root, run, target};

/// Builds and runs the workloads.
///
/// # Errors
/// The build or a run failed.
pub fn measure() -> Result<Recorded, String> {
    let manifest = root().join("benches/gate/Cargo.toml");
    let folder = target().join("gate");
    run(cargo()
        .args(["build", "--release", "--quiet", "--locked", "--manifest-path"])
        .arg(&manifest)
        .env("CARGO_TARGET_DIR", &folder))?;
    let program = folder.join("release/bailiwick-gate");
    let mut workloads: Vec<Value> = Vec::new();
    for line in output(&mut Command::new(&program))?.0.lines() {
        workloads.push(serde_json::from_str(line).map_err(|error| format!("{line}: {error}"))?);
    }
    if Command::new("valgrind").arg("--version").output().is_err() {
        eprintln!("gate: there is no valgrind here, so that instructions are not counted");
        return Ok(Recorded { compiler: compiler()?, workloads });
    }
    for workload in &mut workloads {
        let name = workload["workload"].as_str().unwrap_or_default().to_owned();
        let total = instructions(&program, &name)?;
        let decisions = workload["decisions"].as_u64().unwrap_or(1);
        workload["instructions_per_decision"] = (total / decisions).into();
    }
    Ok(Recorded { compiler: compiler()?, workloads })
}

/// The instructions in decisions of one workload.
fn instructions(program: &PathBuf, workload: &str) -> Result<u64, String> {
    let (_, told) = output(
        Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg("--toggle-collect=*gated_decision*")
            .arg(program)
            .args(["decide", workload]),
    )?;
    let count =
        told.lines().find_map(|line| line.split("Collected : ").nth(1)?.trim().parse().ok());
    count.filter(|count| *count > 0).ok_or_else(|| format!("callgrind counted nothing:\n{told}"))
}

fn compiler() -> Result<String, String> {
    Ok(output(Command::new("rustc").arg("--version"))?.0.trim().to_owned())
}

/// What a program says on its two outputs.
fn output(command: &mut Command) -> Result<(String, String), String> {
    let done = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (out, err) = (text(&done.stdout), text(&done.stderr));
    if done.status.success() { Ok((out, err)) } else { Err(format!("{command:?} failed:\n{err}")) }
}
