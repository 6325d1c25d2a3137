//! Decisions of several engines on the same workloads, in one run: `cargo run --release -- FOLDER [WORKLOAD [own]]`.

mod casbin_engine;
mod cedar_engine;
mod iam_rs_engine;
mod measure;
mod ours;
mod statement;
mod workload;

use std::path::PathBuf;

use measure::Figures;
use workload::Workload;

/// As the product has it; all engines here have the same.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The others take so long that a part of the requests must do.
const SAMPLE: usize = 300;

fn main() -> Result<(), String> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| "workloads".to_owned()));
    let only = arguments.next();
    let own_only = arguments.next().is_some();
    for (name, rounds, repeats) in [("small", 100, 200), ("medium", 50, 200), ("large", 20, 3)] {
        if only.as_deref().is_some_and(|only| only != name) {
            continue;
        }
        let workload = Workload::read(&folder, name)?;
        let ready = ours::Ready::new(&workload);
        let own = ready.decisions(rounds);
        tell(name, "bailiwick", &own, own.mean);
        println!(
            "{name:<7} {:<13} {:>12.0} statements a second",
            "compiling",
            ready.compiling(repeats)
        );
        println!("{name:<7} {:<13} {:>12.0} ns", "replacing one", ready.replacing(repeats));
        if own_only {
            continue;
        }
        tell(name, "iam-rs", &iam_rs_engine::measure(&workload, SAMPLE), own.mean);
        tell(name, "cedar-policy", &cedar_engine::measure(&workload, SAMPLE), own.mean);
        tell(name, "casbin", &casbin_engine::measure(&workload, SAMPLE), own.mean);
    }
    Ok(())
}

fn tell(workload: &str, engine: &str, figures: &Figures, own: f64) {
    let Figures { mean, p99, wrong, count } = figures;
    let times = mean / own;
    println!(
        "{workload:<7} {engine:<13} {mean:>12.1} ns  p99 {p99:>9} ns  {times:>7.0} x  wrong {wrong} of {count}"
    );
}
