//! The same seed makes the same run: in two threads at once, and in another process.

use std::ops::Range;
use std::process::Command;
use std::time::Duration;
use std::{env, thread};

use sim::{Layer, Report, Settings};

const SECONDS: u64 = 8;
const SEEDS: Range<u64> = 1000..1005;

fn run(seed: u64, layer: Layer) -> Report {
    let duration = Duration::from_secs(SECONDS);
    sim::run(seed, &Settings { duration, layer, keep_lines: true, ..Settings::default() })
}

#[test]
fn a_seed_run_twice_leaves_one_trace() {
    runs_twice_alike(Layer::Messages);
}

#[test]
fn a_seed_run_twice_on_wires_leaves_one_trace() {
    runs_twice_alike(Layer::Wires);
}

fn runs_twice_alike(layer: Layer) {
    if env::var("SIM_SEED").is_ok() {
        return;
    }
    for seed in SEEDS {
        let other = thread::spawn(move || run(seed, layer));
        let first = run(seed, layer);
        let second = other.join().expect("no panic");
        let differs = first.lines.iter().zip(&second.lines).position(|(a, b)| a != b);
        if let Some(at) = differs {
            panic!("seed {seed}, line {at}: {:?} and {:?}", first.lines[at], second.lines[at]);
        }
        assert_eq!(first.trace, second.trace, "seed {seed}");
    }
}

#[test]
fn a_seed_run_in_another_process_leaves_the_same_trace() {
    if env::var("SIM_SEED").is_ok() {
        return;
    }
    let here = run(SEEDS.start, Layer::Messages);
    let program = env::current_exe().expect("this test has a program");
    let there = Command::new(program)
        .args(["--exact", "seeds::no_seed_breaks_a_promise", "--nocapture"])
        .env("SIM_SEED", SEEDS.start.to_string())
        .env("SIM_SECONDS", SECONDS.to_string())
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&there.stderr);
    let trace: String = here.trace.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(said.contains(&trace), "trace {trace} here, there:\n{said}");
}
