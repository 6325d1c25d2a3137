//! Keys whose values have a form of their own: VPCs, their endpoints, regions.

use crate::{
    check::{
        Issue, arn, issue,
        report::Report,
        tree::{Condition, Policy},
    },
    condition::Family,
};
use alloc::format;

pub(super) fn check(policy: &Policy<'_>, condition: &Condition<'_>, report: &mut Report) {
    let family = condition.operator.family;
    if !matches!(family, Family::Exact | Family::Folded | Family::Like) {
        return;
    }
    let key = &condition.key;
    let (issue, is_right): (Issue, fn(&str) -> bool) = if key.is("aws:SourceVpc") {
        (issue::INVALID_VPC_FORMAT, |text| is_id(text, "vpc-"))
    } else if key.is("aws:SourceVpce") {
        (issue::INVALID_VPCE_FORMAT, |text| is_id(text, "vpce-"))
    } else if key.is("aws:RequestedRegion") {
        (issue::INVALID_REGION, arn::is_region)
    } else {
        return;
    };
    for value in &condition.values {
        let text = value.word.text;
        let is_pattern = family == Family::Like && text.contains(['*', '?']);
        let has_variable = crate::check::variable::stands_in(policy, text);
        if !is_pattern && !has_variable && !is_right(text) {
            let wanted = match issue.code {
                "INVALID_VPC_FORMAT" => "vpc- and 8 or 17 hexadecimal digits",
                "INVALID_VPCE_FORMAT" => "vpce- and 8 or 17 hexadecimal digits",
                _ => "the name of a region such as us-east-1",
            };
            let details = format!("\"{text}\" is no value of {}: write {wanted}.", key.text);
            report.add(issue, [value.word.span.clone()], details);
        }
    }
}

fn is_id(text: &str, prefix: &str) -> bool {
    let is_hex = |digits: &str| {
        let is_digit = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        matches!(digits.len(), 8 | 17) && digits.bytes().all(is_digit)
    };
    text.strip_prefix(prefix).is_some_and(is_hex)
}
