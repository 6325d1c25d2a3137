//! Decisions on shared vectors: 94 documented by AWS pages, and 2,000 random ones.

mod agree;
mod case;

use case::Case;
use policy::decide;
use std::{fmt::Write, io::Read};

const RANDOM: [&[u8]; 2] =
    [include_bytes!("../cases/random-1.jsonl.gz"), include_bytes!("../cases/random-2.jsonl.gz")];

/// Runs every line; the lines decided otherwise than expected, or explained otherwise than decided.
fn run(lines: &str) -> (usize, String) {
    let (mut count, mut wrong) = (0, String::new());
    for case in lines.lines().map(|line| Case(serde_json::from_str(line).expect("JSON"))) {
        count += 1;
        let (decision, disagreement) = case.ask(|request, policies| {
            (decide(request, policies), agree::disagreement(request, policies))
        });
        if let Some(what) = disagreement {
            writeln!(wrong, "{}: {what}", case.0["id"]).expect("a string");
        }
        if decision.outcome.as_str() != case.0["expect"] {
            let (id, expect) = (&case.0["id"], &case.0["expect"]);
            writeln!(wrong, "{id}: expected {expect}, decided {decision:?}").expect("a string");
        }
    }
    (count, wrong)
}

#[test]
fn documented_cases() {
    let (count, wrong) = run(include_str!("../cases/documented.jsonl"));
    assert_eq!(count, 94);
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[test]
fn random_cases() {
    let mut total = 0;
    for packed in RANDOM {
        let mut lines = String::new();
        flate2::read::GzDecoder::new(packed).read_to_string(&mut lines).expect("packed text");
        let (count, wrong) = run(&lines);
        assert!(wrong.is_empty(), "\n{wrong}");
        total += count;
    }
    assert_eq!(total, 2_000);
}

/// Any other file of vectors, where `POLICY_VECTORS` names one.
#[test]
#[allow(clippy::disallowed_methods, reason = "a test may be told its cases")]
fn cases_from_a_file() {
    let Ok(path) = std::env::var("POLICY_VECTORS") else { return };
    let lines = std::fs::read_to_string(path).expect("the file is readable");
    let (count, wrong) = run(&lines);
    assert!(wrong.is_empty(), "{count} cases\n{wrong}");
}
