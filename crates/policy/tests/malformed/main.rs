//! Every kind of malformed document, with AWS's exact answer, and what is accepted.

mod identity;
mod limits;
mod trust;

use policy::{Kind, Policy};

/// The answer to a document; `""` when it is accepted.
fn answer(text: &str, kind: Kind) -> String {
    Policy::parse(text, kind).err().map(|error| error.message).unwrap_or_default()
}

/// Checks a table of documents and answers.
fn check(kind: Kind, wrap: impl Fn(&str) -> String, table: &[(&str, &str)]) {
    let wrong: Vec<String> = table
        .iter()
        .filter_map(|(text, expected)| {
            let answer = answer(&wrap(text), kind);
            (answer != *expected).then(|| format!("{text}\n  expected {expected}\n  got {answer}"))
        })
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
