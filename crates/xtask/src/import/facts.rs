//! A service as a flat list of facts, and the difference of two such lists.

use std::collections::BTreeMap;

/// What is so (`iam Tag.Key max_length`) and how (`128`; empty where the fact says it all).
pub type Facts = BTreeMap<String, String>;

/// The facts that differ, one line each, in the order of the facts.
pub fn difference(ours: &Facts, model: &Facts) -> Vec<String> {
    let mut lines = BTreeMap::new();
    for (fact, value) in model {
        match ours.get(fact) {
            None => lines.insert(fact, line('+', fact, value)),
            Some(own) if own != value => lines.insert(fact, format!("~ {fact}: {own} -> {value}")),
            Some(_) => None,
        };
    }
    for (fact, value) in ours.iter().filter(|(fact, _)| !model.contains_key(*fact)) {
        lines.insert(fact, line('-', fact, value));
    }
    lines.into_values().collect()
}

fn line(sign: char, fact: &str, value: &str) -> String {
    if value.is_empty() { format!("{sign} {fact}") } else { format!("{sign} {fact}: {value}") }
}
