//! What is wrong only in the trust policy of a role.
//!
//! Source: IAM User Guide, "Role trust policies"; IAM policy elements: Principal.

use super::{
    PolicyType, issue,
    report::Report,
    tree::{Policy, Statement},
};
use crate::glob::{encode, matches_folded};
use alloc::format;

/// Condition keys about what only another action does, and that action.
const NEEDS: [(&str, &str); 4] = [
    ("sts:SourceIdentity", "sts:SetSourceIdentity"),
    ("sts:TransitiveTagKeys", "sts:TagSession"),
    ("aws:TagKeys", "sts:TagSession"),
    ("aws:RequestTag/", "sts:TagSession"),
];

pub(super) fn check(policy: &Policy<'_>, report: &mut Report) {
    if policy.policy_type != PolicyType::Trust {
        return;
    }
    for statement in &policy.statements {
        elements(statement, report);
        redundant(statement, report);
        actions(statement, report);
    }
}

fn elements(statement: &Statement<'_>, report: &mut Report) {
    if let Some(resource) = &statement.resource {
        let details = "A trust policy is about the role that it hangs on. Remove the element.";
        report.add(
            issue::ROLE_TRUST_POLICY_SYNTAX_ERROR_RESOURCE,
            [resource.name.span.clone()],
            details,
        );
    }
    let Some(principals) = &statement.principal else { return };
    if principals.negated {
        let details = "A trust policy names whom it trusts: it has Principal, not NotPrincipal.";
        report.add(
            issue::ROLE_TRUST_POLICY_SYNTAX_ERROR_NOTPRINCIPAL,
            [principals.name.span.clone()],
            details,
        );
    }
    if principals.is_everyone {
        let details = "This trusts everybody. Name whom you mean; if everybody is meant, write \
                       {\"AWS\": \"*\"} with a condition.";
        let span = principals.span.clone();
        report.add(issue::ROLE_TRUST_POLICY_UNSUPPORTED_WILDCARD_IN_PRINCIPAL, [span], details);
    }
    for kind in principals.types.iter().filter(|kind| kind.name.text == "CanonicalUser") {
        let details = "Canonical user ids are for buckets. Name the account or user by its ARN.";
        report.add(issue::INVALID_PRINCIPAL_KEY, [kind.name.span.clone()], details);
    }
}

/// Sessions listed beside their role.
fn redundant(statement: &Statement<'_>, report: &mut Report) {
    for session in statement.principals_of("AWS") {
        let Some((head, rest)) = session.text.split_once(":assumed-role/") else { continue };
        let account = head.rsplit(':').next();
        let role = rest.split('/').next();
        let is_role = |text: &str| {
            let parts = text.split_once(":role/");
            parts.is_some_and(|(head, path)| {
                head.rsplit(':').next() == account && path.rsplit('/').next() == role
            })
        };
        let mut roles = statement.principals_of("AWS");
        if let Some(role) = roles.find(|word| report.may_compare(1) && is_role(word.text)) {
            let details =
                format!("{} is a session of {}, which is named too.", session.text, role.text);
            let spans = [session.span.clone(), role.span.clone()];
            report.add(issue::REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY, spans, details);
        }
    }
}

/// Conditions that only an action which is not allowed here could meet.
fn actions(statement: &Statement<'_>, report: &mut Report) {
    let Some(listed) = statement.action.as_ref().filter(|listed| !listed.negated) else { return };
    for condition in statement.conditions.iter().filter(|_| statement.allows()) {
        let is_key = |(key, _): &(&str, &str)| match key.strip_suffix('/') {
            Some(_) => {
                condition.key.text.to_ascii_lowercase().starts_with(&key.to_ascii_lowercase())
            }
            None => condition.key.is(key),
        };
        let Some((_, needed)) = NEEDS.into_iter().find(is_key) else { continue };
        let lower = needed.to_ascii_lowercase();
        let covers = |pattern: &str| {
            matches_folded(&encode(&pattern.to_ascii_lowercase()), lower.as_bytes())
        };
        let may_look = report.may_compare(listed.values.len());
        if may_look && !listed.values.iter().any(|word| covers(word.text)) {
            let details = format!(
                "The condition key {} goes with the action {needed}, which the statement does not \
                 allow. Add the action.",
                condition.key.text
            );
            let span = condition.key.span.clone();
            report.add(issue::MISSING_ACTION_FOR_CONDITION_KEY, [span], details);
        }
    }
}
