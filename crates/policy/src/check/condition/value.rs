//! The values of a condition: their JSON types, and whether the operator can read them.

use crate::{
    Version,
    check::{
        Issue, arn, issue,
        report::Report,
        tree::{Condition, Policy, Scalar},
        variable,
    },
    condition::{Family, value_fault},
    variable::fault as variable_fault,
};
use alloc::format;

pub(super) fn check(policy: &Policy<'_>, condition: &Condition<'_>, report: &mut Report) {
    together(condition, report);
    for value in &condition.values {
        match condition.operator.family {
            Family::Exact | Family::Folded => {
                variable::check(policy, &value.word, 0, report);
                wildcards(policy, value, report);
            }
            Family::Like => variable::check(policy, &value.word, 0, report),
            Family::Arn => of_arn(policy, value, report),
            family if variable::stands_in(policy, value.word.text) => {
                let details = format!(
                    "{} takes no variables: they are replaced under string and ARN operators only.",
                    condition.operator_name.text
                );
                let span = value.word.span.clone();
                // A value that can be read all the same has no variable.
                if value_fault(family, value.word.text, policy.version).is_some() {
                    report.add(issue::INVALID_VARIABLE_FOR_OPERATOR, [span], details);
                }
            }
            family => of_family(family, value, report),
        }
    }
}

/// What is wrong with the values of a key together.
fn together(condition: &Condition<'_>, report: &mut Report) {
    let mut kinds = condition.values.iter().map(|value| value.kind);
    if let Some(first) = kinds.next()
        && kinds.any(|kind| kind != first)
    {
        let details = "The values of one key are of one JSON type: all strings, all numbers or all \
                       booleans.";
        report.add(issue::INVALID_CONDITION_DATA_TYPE, [condition.span.clone()], details);
    }
    if condition.operator.family == Family::Bool && condition.values.len() > 1 {
        let details = "A boolean is true or false: with both values the condition says nothing. \
                       Leave one.";
        report.add(issue::INVALID_CONDITION_MULTIPLE_BOOLEAN, [condition.span.clone()], details);
    }
}

fn wildcards(policy: &Policy<'_>, value: &Scalar<'_>, report: &mut Report) {
    let text = value.word.text;
    let has_wildcard = match policy.version {
        Version::V2012 => variable::plain_parts(text).any(|part| part.contains(['*', '?'])),
        Version::V2008 => text.contains(['*', '?']),
    };
    if has_wildcard {
        let details = "Under this operator * and ? are plain characters. Use StringLike or \
                       StringNotLike for wildcards.";
        report.add(issue::WILDCARD_WITHOUT_LIKE_OPERATOR, [value.word.span.clone()], details);
    }
}

fn of_arn(policy: &Policy<'_>, value: &Scalar<'_>, report: &mut Report) {
    variable::check(policy, &value.word, 0, report);
    let text = value.word.text;
    let is_short = value_fault(Family::Arn, text, policy.version).is_some()
        && variable_fault(text, policy.version).is_none();
    if !is_short {
        return;
    }
    match text.starts_with("arn:") {
        true => arn::missing_field(&value.word, report),
        false => arn::missing_prefix(&value.word, report),
    }
}

fn of_family(family: Family, value: &Scalar<'_>, report: &mut Report) {
    let text = value.word.text;
    let mut add = |issue: Issue, wanted: &str| {
        let details = format!("\"{text}\" is not {wanted}, so the comparison is never true.");
        report.add(issue, [value.word.span.clone()], details);
    };
    if value_fault(family, text, Version::V2012).is_some() {
        return match family {
            Family::Numeric(_) => add(issue::TYPE_MISMATCH_NUMBER, "a number"),
            Family::Date(_) => {
                add(issue::TYPE_MISMATCH_DATE, "a date such as 2026-01-31T12:00:00Z")
            }
            Family::Bool | Family::Null => add(issue::TYPE_MISMATCH_BOOLEAN, "true or false"),
            Family::Binary => add(issue::TYPE_MISMATCH_STRING, "base64"),
            Family::Ip => {
                add(issue::TYPE_MISMATCH_IP_RANGE, "an IP address or range such as 192.0.2.0/24");
            }
            Family::Exact | Family::Folded | Family::Like | Family::Arn => {}
        };
    }
    if matches!(family, Family::Date(_)) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let details = format!(
            "{text} means so many seconds since 1970-01-01, not a year. Write the date out, such \
             as 2026-01-31T12:00:00Z."
        );
        report.add(issue::INVALID_DATE_VALUE, [value.word.span.clone()], details);
    }
}
