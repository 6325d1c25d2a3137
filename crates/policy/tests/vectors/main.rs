//! Decisions on shared vectors: 94 documented by AWS pages, and random ones.

mod case;

use case::Case;
use std::fmt::Write;

/// Runs every line; the lines decided otherwise than expected.
fn run(lines: &str) -> (usize, String) {
    let (mut count, mut wrong) = (0, String::new());
    for case in lines.lines().map(Case::parse) {
        count += 1;
        let decision = case.decide();
        if decision.outcome.as_str() != case.expect {
            let (id, expect) = (&case.id, &case.expect);
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

/// Chosen from 2,000 random cases so that operators, elements and kinds of caller are all there.
#[test]
fn random_cases() {
    let (count, wrong) = run(include_str!("../cases/random.jsonl"));
    assert_eq!(count, 128);
    assert!(wrong.is_empty(), "\n{wrong}");
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
