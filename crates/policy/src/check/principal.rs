//! `Principal` and `NotPrincipal`: where they may stand, and whom each value names.
//!
//! Sources: IAM policy elements: Principal, NotPrincipal; AWS Organizations User Guide, "RCP
//! syntax".

use super::{
    PolicyType,
    arn::{self, Arn},
    issue,
    report::Report,
    tree::{Policy, Principals, Statement, Word},
    variable,
};
use crate::{json::Text, principal::Named};
use alloc::format;

pub(super) fn check(policy: &Policy<'_>, report: &mut Report) {
    for statement in &policy.statements {
        let Some(principals) = &statement.principal else { continue };
        if !may_stand(policy.policy_type, principals, report) {
            continue;
        }
        if policy.policy_type == PolicyType::Resource {
            not_principal(statement, principals, report);
        }
        for kind in &principals.types {
            for word in &kind.values {
                value(policy, kind.name.text, word, report);
            }
        }
    }
}

/// Whether this kind of policy has principals of this form at all.
fn may_stand(policy_type: PolicyType, principals: &Principals<'_>, report: &mut Report) -> bool {
    let (issue, details) = match policy_type {
        PolicyType::Resource | PolicyType::Trust => return true,
        PolicyType::Identity => (
            issue::UNSUPPORTED_PRINCIPAL,
            "An identity policy is about whom it is attached to, so it names no principals. \
             Remove the element.",
        ),
        PolicyType::ServiceControl => (
            issue::SCP_SYNTAX_ERROR_PRINCIPAL,
            "A service control policy is about everybody in its accounts, so it names no \
             principals. Remove the element.",
        ),
        PolicyType::ResourceControl => {
            if principals.is_everyone && !principals.negated {
                return false;
            }
            let details = "A resource control policy is about everybody: write \"Principal\": \
                           \"*\", and say the rest with conditions.";
            (issue::UNSUPPORTED_PRINCIPAL, details)
        }
    };
    report.add(issue, [principals.name.span.clone()], details);
    false
}

fn not_principal(statement: &Statement<'_>, principals: &Principals<'_>, report: &mut Report) {
    if principals.negated && statement.allows() {
        let details = "Allow with NotPrincipal allows everybody else, anonymous callers included. \
                       Name with Principal whom you mean.";
        report.add(issue::ALLOW_WITH_NOTPRINCIPAL, [principals.name.span.clone()], details);
    }
}

fn value(policy: &Policy<'_>, kind: &str, word: &Word<'_>, report: &mut Report) {
    if variable::forbid(policy, word, word.text.len(), "principals", report) {
        return;
    }
    if word.text.contains(['*', '?']) && !(kind == "AWS" && word.text == "*") {
        let details = "A principal has no wildcards: it is written out, or everybody (\"*\"). Say \
                       the rest with a condition on aws:PrincipalArn.";
        return report.add(issue::UNSUPPORTED_WILDCARD_IN_PRINCIPAL, [word.span.clone()], details);
    }
    match kind {
        "AWS" => identity(word, report),
        "Service" if !is_service(word.text) => {
            let details = format!(
                "\"{}\" is the name of no service as a caller. Write it as name.amazonaws.com.",
                word.text
            );
            report.add(issue::INVALID_SERVICE_PRINCIPAL_FORMAT, [word.span.clone()], details);
        }
        _ => {}
    }
}

fn is_service(text: &str) -> bool {
    const ENDS: [&str; 4] = [".amazonaws.com", ".amazonaws.com.cn", ".aws.internal", ".aws.com"];
    let is_known = |end: &str| text.strip_suffix(end).is_some_and(|name| !name.is_empty());
    let is_allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._".contains(&b);
    ENDS.into_iter().any(is_known) && text.bytes().all(is_allowed) && !text.starts_with('.')
}

/// A value of type `AWS`.
fn identity(word: &Word<'_>, report: &mut Report) {
    let text = word.text;
    let written = Text { value: text.into(), span: word.span.clone() };
    match Named::read("AWS", &written) {
        Some(Named::UniqueId(id)) => {
            let (issue, what) = match id.starts_with("AROA") {
                true => (issue::INVALID_ROLE_REFERENCE, "role"),
                false => (issue::INVALID_USER_REFERENCE, "user"),
            };
            let details = format!(
                "{text} is a {what} by its id, which a policy shows when the {what} is gone. Name \
                 the {what} by its ARN, or remove it."
            );
            return report.add(issue, [word.span.clone()], details);
        }
        Some(_) => return,
        None => {}
    }
    let Some(arn) = Arn::split(text) else {
        let details = format!(
            "\"{text}\" is no principal: write an ARN, twelve digits of an account, or \"*\"."
        );
        return report.add(issue::INVALID_ARN_PREFIX, [word.span.clone()], details);
    };
    arn::check_head(&arn, word, report);
    let (Some(region), Some(account), Some(rest)) = (arn.region, arn.account, arn.rest) else {
        return arn::missing_field(word, report);
    };
    if !region.text.is_empty() {
        let details = "The ARN of a principal has no region. Leave the field empty.";
        report.add(issue::ARN_REGION_NOT_ALLOWED, [region.in_word(word)], details);
    }
    // An identity of Amazon CloudFront, which S3 knows.
    if account.text == "cloudfront" {
        return;
    }
    let is_number = account.text.len() == 12 && account.text.bytes().all(|b| b.is_ascii_digit());
    if !is_number {
        let details = format!("\"{}\" is no account. Write its twelve digits.", account.text);
        report.add(issue::INVALID_ARN_ACCOUNT, [account.in_word(word)], details);
    } else if region.text.is_empty() {
        let details = format!(
            "\"{}\" is nothing that can be a principal: name an account's root, a user, a role or \
             a session; never a group.",
            rest.text
        );
        report.add(issue::INVALID_ARN_RESOURCE, [rest.in_word(word)], details);
    }
}
