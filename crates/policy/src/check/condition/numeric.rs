//! Several bounds for one comparison of numbers: only the widest counts.

use crate::{
    check::{issue, report::Report, tree::Condition},
    condition::Family,
};

pub(super) fn check(condition: &Condition<'_>, report: &mut Report) {
    let is_numeric = matches!(condition.operator.family, Family::Numeric(_));
    let is_bound = condition.operator_name.text.to_ascii_lowercase().contains("than");
    if !is_numeric || !is_bound || condition.values.len() < 2 {
        return;
    }
    let details = "Of several bounds any one is enough, so only the widest counts. Leave that one.";
    let spans = condition.values.iter().map(|value| value.word.span.clone());
    report.add(issue::REDUNDANT_CONDITION_VALUE_NUM, spans, details);
}
