//! `cargo xtask gate`: what noise cannot move of decisions, held to recorded figures.

mod figures;
mod measure;

use figures::Recorded;

/// Measures the workloads of `benches/gate` and compares with `benches/gate/recorded.json`; with
/// `--bless` records instead. Instructions want valgrind, and count only with the compiler that the
/// record was made with; allocations and bytes always do.
///
/// # Errors
/// A figure that is not the recorded one, or a measurement that failed.
pub fn gate(arguments: &[String]) -> Result<(), String> {
    let is_blessed = match arguments {
        [] => false,
        [flag] if flag == "--bless" => true,
        _ => return Err("usage: cargo xtask gate [--bless]".to_owned()),
    };
    let measured = measure::measure()?;
    if is_blessed {
        return measured.record();
    }
    let wrong = Recorded::read()?.judge(&measured);
    if wrong.is_empty() {
        return Ok(());
    }
    let wrong = wrong.join("\n  ");
    Err(format!("the gate found:\n  {wrong}\n`cargo xtask gate --bless` records the new figures"))
}
