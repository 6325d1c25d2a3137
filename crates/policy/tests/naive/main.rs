//! The compiled engine against a naive evaluator that shares no code with it, and laws of decisions.

#[path = "../vectors/agree.rs"]
mod agree;
#[path = "../vectors/case.rs"]
mod case;
mod condition;
mod evaluate;
mod generate;
mod glob;
mod laws;
mod pooled;
mod pools;
mod principal;

use case::Case;
use policy::decide;
use proptest::prelude::*;
use serde_json::Value;
use std::io::Read;

const DOCUMENTED: &str = include_str!("../cases/documented.jsonl");
const RANDOM: [&[u8]; 2] =
    [include_bytes!("../cases/random-1.jsonl.gz"), include_bytes!("../cases/random-2.jsonl.gz")];

/// What the compiled engine decides.
fn compiled(case: &Value) -> &'static str {
    Case(case.clone()).ask(|request, policies| decide(request, policies).outcome.as_str())
}

/// The naive evaluator is held to the shared vectors, too, so that both are not wrong together.
#[test]
fn naive_decides_the_shared_vectors() {
    let mut lines = DOCUMENTED.to_owned();
    for packed in RANDOM {
        flate2::read::GzDecoder::new(packed).read_to_string(&mut lines).expect("packed text");
    }
    for line in lines.lines() {
        let case: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(evaluate::decide(&case), case["expect"], "{}", case["id"]);
        assert_eq!(Case(case.clone()).ask(pooled::disagreement_of_pools), None, "{}", case["id"]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn compiled_equals_naive(case in generate::case()) {
        prop_assert_eq!(compiled(&case), evaluate::decide(&case));
    }

    #[test]
    fn pools_say_what_their_policies_say(case in generate::case()) {
        prop_assert_eq!(Case(case).ask(pooled::disagreement_of_pools), None);
    }

    #[test]
    fn explanations_agree_with_decisions(case in generate::case()) {
        let told = Case(case).ask(agree::disagreement);
        prop_assert_eq!(told, None);
    }
}
