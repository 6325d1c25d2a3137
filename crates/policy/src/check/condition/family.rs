//! Whether an operator fits the type of its key.

use crate::{
    check::{
        catalogue::{Key, ValueType},
        issue,
        report::Report,
        tree::Condition,
    },
    condition::Family,
};
use alloc::format;

pub(super) fn check(condition: &Condition<'_>, key: &Key, report: &mut Report) {
    if fits(condition.operator.family, key.value) {
        return;
    }
    let (values, operators) = match key.value {
        ValueType::String | ValueType::Any => ("strings", "a String operator"),
        ValueType::Arn => ("ARNs", "an ARN or String operator"),
        ValueType::Bool => ("booleans", "Bool"),
        ValueType::Date => ("dates", "a Date operator"),
        ValueType::Epoch => ("seconds since 1970", "a Date or Numeric operator"),
        ValueType::Numeric => ("numbers", "a Numeric operator"),
        ValueType::Ip => ("IP addresses", "IpAddress or NotIpAddress"),
    };
    let details = format!(
        "The values of {} are {values}, which {} does not compare. Use {operators}.",
        key.name, condition.operator_name.text
    );
    let spans = [condition.operator_name.span.clone(), condition.key.span.clone()];
    report.add(issue::TYPE_MISMATCH, spans, details);
}

fn fits(family: Family, value: ValueType) -> bool {
    let is_string = matches!(family, Family::Exact | Family::Folded | Family::Like);
    match (value, family) {
        (ValueType::Any, _) | (_, Family::Null) => true,
        (ValueType::String, _) => is_string,
        (ValueType::Arn, family) => is_string || family == Family::Arn,
        (ValueType::Bool, family) => family == Family::Bool,
        (ValueType::Date, family) => matches!(family, Family::Date(_)),
        (ValueType::Epoch, family) => matches!(family, Family::Date(_) | Family::Numeric(_)),
        (ValueType::Numeric, family) => matches!(family, Family::Numeric(_)),
        (ValueType::Ip, family) => family == Family::Ip,
    }
}
