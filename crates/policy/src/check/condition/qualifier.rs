//! `ForAllValues` and `ForAnyValue`: needed for keys with several values, risky for others.
//!
//! Source: IAM User Guide, "Single-valued vs. multivalued context keys".

use crate::{
    check::{
        catalogue::Known,
        issue,
        report::Report,
        tree::{Condition, Statement},
    },
    condition::{Family, Quantifier},
};
use alloc::format;

pub(super) fn check(
    statement: &Statement<'_>,
    condition: &Condition<'_>,
    known: &Known,
    report: &mut Report,
) {
    let operator = condition.operator;
    if operator.family == Family::Null {
        if operator.quantifier != Quantifier::Single {
            let details = "Null asks whether a key is there at all. Remove the qualifier: with \
                           ForAllValues it is always true, with ForAnyValue never.";
            report.add(issue::NULL_WITH_QUALIFIER, [condition.operator_name.span.clone()], details);
        }
        return;
    }
    let Known::Key(key) = known else { return };
    if key.is_list && operator.quantifier == Quantifier::Single {
        let details = format!(
            "A request may have several values of {}. Say with ForAllValues or ForAnyValue how \
             many must match.",
            key.name
        );
        let spans = [condition.key.span.clone(), condition.operator_name.span.clone()];
        report.add(issue::MISSING_QUALIFIER, spans, details);
    }
    if !key.is_list && operator.quantifier == Quantifier::All && statement.allows() {
        let details = format!(
            "A request has one value of {}, and ForAllValues is true also when it has none. \
             Remove the qualifier.",
            key.name
        );
        let spans = [condition.key.span.clone(), condition.operator_name.span.clone()];
        report.add(issue::FORALLVALUES_WITH_SINGLE_VALUED_KEY, spans, details);
    }
}
