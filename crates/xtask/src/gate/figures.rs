//! The figures, recorded and measured.

use std::fs;

use serde_json::{Value, json};

use crate::run::root;

const FILE: &str = "benches/gate/recorded.json";
/// How far, in percent, bytes and instructions may be from what is recorded, in either direction:
/// a better figure is recorded, too, or the next worse one would pass.
const TOLERANCE: u64 = 5;

/// The figures of all workloads, and the compiler that instructions depend on.
pub struct Recorded {
    pub compiler: String,
    pub workloads: Vec<Value>,
}

impl Recorded {
    /// Reads the committed file.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn read() -> Result<Self, String> {
        let told = |error: &dyn std::fmt::Display| format!("{FILE}: {error}");
        let text = fs::read_to_string(root().join(FILE)).map_err(|error| told(&error))?;
        let file: Value = serde_json::from_str(&text).map_err(|error| told(&error))?;
        let workloads = file["workloads"].as_array().cloned().unwrap_or_default();
        let compiler = file["compiler"].as_str().unwrap_or_default().to_owned();
        Ok(Self { compiler, workloads })
    }

    /// Writes the committed file.
    ///
    /// # Errors
    /// Instructions were not counted, or it cannot be written.
    pub fn record(&self) -> Result<(), String> {
        if self.workloads.iter().any(|workload| workload.get(INSTRUCTIONS).is_none()) {
            return Err("a record holds instructions, too: install valgrind".to_owned());
        }
        let file = json!({"compiler": self.compiler, "workloads": self.workloads});
        let text = serde_json::to_string_pretty(&file).map_err(|error| error.to_string())? + "\n";
        fs::write(root().join(FILE), text).map_err(|error| format!("{FILE}: {error}"))
    }

    /// What is not as recorded. Tells every figure on the way.
    pub fn judge(&self, measured: &Self) -> Vec<String> {
        let mut wrong = Vec::new();
        let same_compiler = self.compiler == measured.compiler;
        if !same_compiler {
            eprintln!(
                "gate: recorded with {}, so that instructions of {} are told and not judged",
                self.compiler, measured.compiler
            );
        }
        if self.workloads.len() != measured.workloads.len() {
            wrong.push("there are other workloads".to_owned());
        }
        for (recorded, measured) in self.workloads.iter().zip(&measured.workloads) {
            let name = recorded["workload"].as_str().unwrap_or_default();
            for (figure, tolerance) in [
                ("workload", 0),
                ("decisions", 0),
                ("allowed", 0),
                ("denied", 0),
                ("allocations", 0),
                ("bytes_per_principal", TOLERANCE),
                (INSTRUCTIONS, TOLERANCE),
            ] {
                let Some(now) = measured.get(figure) else { continue };
                let before = &recorded[figure];
                println!("{name:<8} {figure:<26} {now:>10}  recorded {before:>10}");
                let is_judged = figure != INSTRUCTIONS || same_compiler;
                if is_judged && !is_near(before, now, tolerance) {
                    wrong.push(format!("{name}: {figure} is {now}, recorded is {before}"));
                }
            }
        }
        wrong
    }
}

const INSTRUCTIONS: &str = "instructions_per_decision";

fn is_near(before: &Value, now: &Value, tolerance: u64) -> bool {
    match (before.as_u64(), now.as_u64()) {
        (Some(before), Some(now)) => before.abs_diff(now) * 100 <= before * tolerance,
        _ => before == now,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recorded(compiler: &str, figure: &str, value: u64) -> Recorded {
        let mut workload = json!({"workload": "w", "allocations": 0, "bytes_per_principal": 100});
        workload[INSTRUCTIONS] = 1_000.into();
        workload[figure] = value.into();
        Recorded { compiler: compiler.to_owned(), workloads: vec![workload] }
    }

    #[test]
    fn five_percent_pass_and_six_do_not() {
        let before = recorded("c", INSTRUCTIONS, 1_000);
        for (figure, value, wrong) in [
            (INSTRUCTIONS, 1_050, 0),
            (INSTRUCTIONS, 1_051, 1),
            (INSTRUCTIONS, 949, 1),
            ("bytes_per_principal", 105, 0),
            ("bytes_per_principal", 106, 1),
            ("allocations", 1, 1),
        ] {
            assert_eq!(
                before.judge(&recorded("c", figure, value)).len(),
                wrong,
                "{figure} {value}"
            );
        }
        let other = recorded("another compiler", INSTRUCTIONS, 2_000);
        assert!(before.judge(&other).is_empty(), "not to be compared");
        assert_eq!(before.judge(&recorded("another", "allocations", 1)).len(), 1);
    }

    #[test]
    fn what_is_not_measured_is_not_judged() {
        let before = recorded("c", INSTRUCTIONS, 1_000);
        let mut now = recorded("c", INSTRUCTIONS, 1_000);
        now.workloads[0].as_object_mut().unwrap().remove(INSTRUCTIONS);
        assert!(before.judge(&now).is_empty());
        assert!(now.record().is_err());
    }
}
