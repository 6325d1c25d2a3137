//! Services that are allowed to call: on whose behalf, and under which conditions.
//!
//! Sources: IAM User Guide, "The confused deputy problem", "AWS global condition context keys".

use super::{
    PolicyType, issue,
    report::Report,
    tree::{Policy, Statement},
};
use crate::condition::Family;
use alloc::format;

/// Keys that say for which resource, account or organization a service calls.
const SOURCES: [&str; 4] =
    ["aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths"];

/// Keys that say something of the kind, and less surely.
const WEAK: [&str; 3] = ["aws:SourceOwner", "aws:referer", "aws:UserAgent"];

/// Keys about the identity behind a request, which a service that calls by itself has not.
const OF_IDENTITIES: [&str; 13] = [
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:PrincipalOrgPaths",
    "aws:PrincipalType",
    "aws:FederatedProvider",
    "aws:MultiFactorAuthAge",
    "aws:MultiFactorAuthPresent",
    "aws:SourceIdentity",
    "aws:SourceVpce",
    "aws:TokenIssueTime",
    "aws:userid",
    "aws:username",
];

pub(super) fn check(policy: &Policy<'_>, report: &mut Report) {
    if policy.policy_type != PolicyType::Resource {
        return;
    }
    for statement in policy.statements.iter().filter(|statement| statement.allows()) {
        let is_negated = statement.principal.as_ref().is_none_or(|principal| principal.negated);
        if is_negated {
            continue;
        }
        if !SOURCES.into_iter().any(|key| statement.tests(key)) {
            sources(statement, report);
        }
        unsupported(statement, report);
    }
}

/// Services that are allowed to call for anybody.
fn sources(statement: &Statement<'_>, report: &mut Report) {
    let wanted = SOURCES.join(", ");
    let weak = statement.conditions.iter().find(|c| WEAK.into_iter().any(|key| c.key.is(key)));
    for service in statement.principals_of("Service") {
        let (issue, span, details) = match weak {
            Some(condition) => (
                issue::RECOMMENDED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL,
                condition.key.span.clone(),
                format!(
                    "{} does not surely say for whom {} calls. Test one of: {wanted}.",
                    condition.key.text, service.text
                ),
            ),
            None => (
                issue::RESTRICT_ACCESS_TO_SERVICE_PRINCIPAL,
                service.span.clone(),
                format!(
                    "{} may do this for anybody who makes it call. Say for whom, with a condition \
                     on one of: {wanted}.",
                    service.text
                ),
            ),
        };
        report.add(issue, [span], details);
    }
}

/// Conditions that no request of a service can meet.
fn unsupported(statement: &Statement<'_>, report: &mut Report) {
    let mut types = statement.principal.iter().flat_map(|principal| &principal.types).peekable();
    if types.peek().is_none() || types.any(|kind| kind.name.text != "Service") {
        return;
    }
    for condition in &statement.conditions {
        let operator = condition.operator;
        let needs_key = !operator.if_exists && !operator.negated && operator.family != Family::Null;
        let is_tag = condition.key.text.to_ascii_lowercase().starts_with("aws:principaltag");
        let is_listed = OF_IDENTITIES.into_iter().any(|key| condition.key.is(key));
        if needs_key && (is_tag || is_listed) {
            let details = format!(
                "A request of a service has no {}, so the condition is never true. Use one of: {}.",
                condition.key.text,
                SOURCES.join(", ")
            );
            let span = condition.key.span.clone();
            report.add(issue::UNSUPPORTED_CONDITION_KEY_FOR_SERVICE_PRINCIPAL, [span], details);
        }
    }
}
