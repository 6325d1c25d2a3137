//! `Resource` and `NotResource`: each value is `*` or an ARN that can be one.
//!
//! Sources: IAM policy elements: Resource; Service Authorization Reference: IAM, STS.

use super::{
    arn::{self, Arn, Field},
    issue,
    report::Report,
    tree::{Policy, Word},
    variable,
};
use crate::validate::resource::{IAM_RESOURCE_TYPES, is_regional_in_s3};
use alloc::format;

/// What the resource part of an ARN of STS may start with.
const STS_RESOURCE_TYPES: [&str; 3] = ["assumed-role/", "federated-user/", "self"];

pub(super) fn check(policy: &Policy<'_>, report: &mut Report) {
    for listed in policy.statements.iter().filter_map(|statement| statement.resource.as_ref()) {
        for word in listed.values.iter().filter(|word| word.text != "*") {
            value(policy, word, report);
        }
    }
}

fn value(policy: &Policy<'_>, word: &Word<'_>, report: &mut Report) {
    let Some(arn) = Arn::split(word.text) else { return arn::missing_prefix(word, report) };
    let head = arn.head_length(word.text);
    let place = "an ARN before its last field";
    // What stands in the fields, with their colons, is not known then.
    if variable::forbid(policy, word, head, place, report) {
        return;
    }
    arn::check_head(&arn, word, report);
    variable::check(policy, word, head, report);
    // A star at the end stands for the fields that lack, but for the service.
    let is_short = arn.rest.is_none() && !word.text.ends_with('*');
    let Some(service) = arn.service.map(|service| service.text).filter(|_| !is_short) else {
        return arn::missing_field(word, report);
    };
    if let Some(region) = arn.region {
        check_region(service, region, arn.rest, word, report);
    }
    if let Some(account) = arn.account {
        arn::check_account(account, word, report);
    }
    if let Some(rest) = arn.rest.filter(|rest| !is_resource(service, rest.text)) {
        let details = format!(
            "\"{}\" fits no form of {service} ARNs, such as {}name.",
            rest.text,
            known_types(service)[0]
        );
        report.add(issue::INVALID_ARN_RESOURCE, [rest.in_word(word)], details);
    }
}

fn check_region(
    service: &str,
    region: Field<'_>,
    rest: Option<Field<'_>>,
    word: &Word<'_>,
    report: &mut Report,
) {
    let has_region = match service {
        "iam" | "sts" => false,
        "s3" => rest.is_none_or(|rest| is_regional_in_s3(rest.text)),
        _ => true,
    };
    let is_star = rest.is_none() && region.text == "*";
    if region.text.is_empty() || is_star {
        return;
    }
    if !has_region {
        let details = format!(
            "ARNs of {service} have no region here. Leave the field empty: arn:aws:{service}::…"
        );
        report.add(issue::ARN_REGION_NOT_ALLOWED, [region.in_word(word)], details);
    } else if !arn::is_region(region.text) {
        let details = format!("\"{}\" is no region. Write one such as us-east-1.", region.text);
        report.add(issue::INVALID_ARN_REGION, [region.in_word(word)], details);
    }
}

fn known_types(service: &str) -> &'static [&'static str] {
    match service {
        "iam" => &IAM_RESOURCE_TYPES,
        "sts" => &STS_RESOURCE_TYPES,
        _ => &[],
    }
}

/// Whether the last field can be one of the service's, as IAM looks at it when it stores a policy.
fn is_resource(service: &str, rest: &str) -> bool {
    let types = known_types(service);
    types.is_empty()
        || rest == "*"
        || service == "iam" && rest == "root"
        || types.iter().any(|kind| rest.starts_with(kind))
}
