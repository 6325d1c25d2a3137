//! Lists and objects with nothing in them: allowed by the grammar, and hardly what was meant.

use super::{
    Issue, issue,
    report::Report,
    tree::{Condition, Policy},
};
use crate::condition::Quantifier;

pub(super) fn check(policy: &Policy<'_>, report: &mut Report) {
    for statement in &policy.statements {
        let lists = [
            (&statement.action, issue::EMPTY_ARRAY_ACTION),
            (&statement.resource, issue::EMPTY_ARRAY_RESOURCE),
        ];
        for (listed, issue) in lists {
            if let Some(listed) = listed.as_ref().filter(|listed| listed.is_empty) {
                let details = "The list is empty, so the statement never applies. Fill it, or \
                               remove the statement.";
                report.add(issue, [listed.span.clone()], details);
            }
        }
        let types = statement.principal.iter().flat_map(|principal| &principal.types);
        for kind in types.filter(|kind| kind.is_empty) {
            let details = "The list is empty and names nobody. Fill it, or remove it.";
            report.add(issue::EMPTY_ARRAY_PRINCIPAL, [kind.span.clone()], details);
        }
        if let Some(span) = &statement.empty_condition {
            let details = "The condition is empty and tests nothing. Fill it, or remove it.";
            report.add(issue::EMPTY_OBJECT_CONDITION, [span.clone()], details);
        }
        for condition in statement.conditions.iter().filter(|condition| condition.is_empty) {
            let (issue, details) = of_condition(condition);
            report.add(issue, [condition.span.clone()], details);
        }
    }
}

/// What an empty list of values means depends on the operator (IAM policy elements: Condition).
fn of_condition(condition: &Condition<'_>) -> (Issue, &'static str) {
    match condition.operator.quantifier {
        Quantifier::All => (
            issue::EMPTY_ARRAY_CONDITION_FORALLVALUES,
            "Without values the condition is true only of requests that lack the key. Give it \
             values, or test the key with Null.",
        ),
        Quantifier::Any => (
            issue::EMPTY_ARRAY_CONDITION_FORANYVALUE,
            "Without values the condition is never true. Give it values, or remove the statement.",
        ),
        Quantifier::Single if condition.operator.if_exists => (
            issue::EMPTY_ARRAY_CONDITION_IFEXISTS,
            "Without values the condition is true only of requests that lack the key. Give it \
             values, or test the key with Null.",
        ),
        Quantifier::Single => (
            issue::EMPTY_ARRAY_CONDITION,
            "Without values the condition is never true. Give it values, or remove the statement.",
        ),
    }
}
