//! The same seed makes the same run.

use std::env;
use std::time::Duration;

use sim::{Layer, Settings};

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
    let duration = Duration::from_secs(8);
    let settings = Settings { duration, layer, keep_lines: true, ..Settings::default() };
    for seed in 1000..1005 {
        let (first, second) = (sim::run(seed, &settings), sim::run(seed, &settings));
        let differs = first.lines.iter().zip(&second.lines).position(|(a, b)| a != b);
        if let Some(at) = differs {
            panic!("seed {seed}, line {at}: {:?} and {:?}", first.lines[at], second.lines[at]);
        }
        assert_eq!(first.trace, second.trace, "seed {seed}");
    }
}
