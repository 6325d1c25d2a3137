//! Conditions: the key, the operator and the values, and whether they go together.
//!
//! Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and the pages on
//! condition keys.

mod actions;
mod address;
mod family;
mod format;
mod key;
mod numeric;
mod paired;
mod qualifier;
mod value;

use super::{
    catalogue::{self, Known},
    report::Report,
    tree::Policy,
};

pub(super) fn check(policy: &Policy<'_>, report: &mut Report) {
    for statement in &policy.statements {
        for condition in &statement.conditions {
            let known = catalogue::key(condition.key.text);
            key::check(policy, condition, &known, report);
            qualifier::check(statement, condition, &known, report);
            value::check(policy, condition, report);
            format::check(policy, condition, report);
            address::check(condition, report);
            numeric::check(condition, report);
            if let Known::Key(key) = known {
                family::check(condition, key, report);
                actions::check(statement, condition, key, report);
            }
        }
        paired::check(statement, report);
    }
}

/// The prefix of a condition key and what follows it.
pub(super) fn split_key(key: &str) -> Option<(&str, &str)> {
    key.split_once(':').filter(|(prefix, name)| !prefix.is_empty() && !name.is_empty())
}
