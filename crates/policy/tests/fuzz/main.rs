//! The fuzz targets on any compiler: every file of the corpus, then mutations of them.
//!
//! `POLICY_FUZZ_ITERATIONS` says how many mutations each target gets, for soaks, and
//! `POLICY_FUZZ_SEED` of which seed: one iteration is the same on every machine. A soak:
//! `POLICY_FUZZ_ITERATIONS=1000000 POLICY_FUZZ_SEED=2 cargo test --release -p bailiwick-policy --test fuzz`.
//! What is found becomes a file of the corpus.
#![allow(
    clippy::disallowed_methods,
    reason = "a test may read its corpus and be told how long to run"
)]

mod mutate;
#[path = "../../fuzz/targets/all.rs"]
mod targets;

use mutate::Mutator;
use std::{env, fs, panic, path::PathBuf};

/// Enough to break what is broken often, in a second or two.
const ITERATIONS: u64 = 2_000;

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target);
    let entries = fs::read_dir(folder).expect("a corpus");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).expect("readable")).collect()
}

fn setting(name: &str, otherwise: u64) -> u64 {
    env::var(name).map_or(otherwise, |text| text.parse().expect("a number"))
}

/// Runs one input; a failure tells it.
fn run(target: fn(&[u8]), data: &[u8], what: &str) {
    if panic::catch_unwind(|| target(data)).is_err() {
        panic!("{what}: {}", data.escape_ascii());
    }
}

fn fuzz(name: &str, target: fn(&[u8])) {
    let corpus = corpus(name);
    assert!(corpus.len() > 20, "{name} has a corpus");
    for data in &corpus {
        run(target, data, "of the corpus");
    }
    let seed = setting("POLICY_FUZZ_SEED", 1);
    let mut mutator = Mutator::new(seed, &corpus);
    for iteration in 0..setting("POLICY_FUZZ_ITERATIONS", ITERATIONS) {
        run(target, &mutator.next(), &format!("iteration {iteration} of seed {seed}"));
    }
}

#[test]
fn parser() {
    fuzz("parser", targets::parser::run);
}

#[test]
fn evaluator() {
    fuzz("evaluator", targets::evaluator::run);
}

#[test]
fn validator() {
    fuzz("validator", targets::validator::run);
}

#[test]
fn the_corpus_stays_small() {
    let all = ["parser", "evaluator", "validator"].into_iter().flat_map(corpus);
    assert!(all.map(|data| data.len()).sum::<usize>() <= 512 * 1024);
}
