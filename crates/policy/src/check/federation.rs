//! Identity providers as principals, and the conditions on their tokens.
//!
//! Sources: IAM policy elements: Principal; IAM User Guide, "Creating a role for web identity or
//! OpenID Connect federation".

use super::{
    PolicyType, issue,
    report::Report,
    tree::{Policy, Statement, Word},
};
use crate::{condition::Quantifier, json::Text, principal::Named};
use alloc::{format, vec::Vec};

/// What kind of caller can assume a role by which action.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Caller {
    Identity,
    Saml,
    WebIdentity,
}

pub(super) fn check(policy: &Policy<'_>, report: &mut Report) {
    for statement in &policy.statements {
        match policy.policy_type {
            PolicyType::Trust => trust(statement, report),
            PolicyType::Resource => {
                for word in statement.principals_of("Federated") {
                    let details = "Only the trust policy of a role names identity providers. Name \
                                   the role that their users assume.";
                    let span = word.span.clone();
                    report.add(issue::FEDERATED_PRINCIPAL_NOT_SUPPORTED, [span], details);
                }
            }
            _ => {}
        }
    }
}

fn trust(statement: &Statement<'_>, report: &mut Report) {
    for word in statement.principals_of("Federated") {
        let written = Text { value: word.text.into(), span: word.span.clone() };
        let is_pattern = word.text.contains(['*', '?', '$']);
        if !is_pattern && Named::read("Federated", &written).is_none() {
            let details = format!(
                "\"{}\" is neither the domain of an identity provider nor the ARN of a \
                 saml-provider or oidc-provider.",
                word.text
            );
            let issue = issue::INVALID_FEDERATED_PRINCIPAL_SYNTAX_IN_ROLE_TRUST_POLICY;
            report.add(issue, [word.span.clone()], details);
        } else if kind(word) == Caller::WebIdentity && statement.allows() {
            unconditional(statement, word, report);
        }
    }
    mismatched(statement, report);
    audience(statement, report);
}

fn kind(provider: &Word<'_>) -> Caller {
    match provider.text.contains(":saml-provider/") {
        true => Caller::Saml,
        false => Caller::WebIdentity,
    }
}

/// A provider whose every user may assume the role.
fn unconditional(statement: &Statement<'_>, provider: &Word<'_>, report: &mut Report) {
    let name = provider.text.split_once(":oidc-provider/").map_or(provider.text, |(_, name)| name);
    let tests_it = statement.conditions.iter().any(|condition| {
        let key = condition.key.text.as_bytes();
        let head = key.get(..name.len());
        key.get(name.len()) == Some(&b':')
            && head.is_some_and(|head| head.eq_ignore_ascii_case(name.as_bytes()))
    });
    if !tests_it {
        let details = format!(
            "Anybody with a token of {name} may assume the role. Add a condition on a key of the \
             provider, such as {name}:sub or {name}:aud."
        );
        let issue = issue::MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL;
        report.add(issue, [provider.span.clone()], details);
    }
}

/// Actions that none of the principals can take.
fn mismatched(statement: &Statement<'_>, report: &mut Report) {
    let Some(principals) = statement.principal.as_ref().filter(|p| !p.negated) else { return };
    let mut callers: Vec<Caller> = statement.principals_of("Federated").map(kind).collect();
    let mut others = principals.types.iter().filter(|kind| kind.name.text != "Federated");
    if principals.is_everyone || others.any(|kind| !kind.values.is_empty()) {
        callers.push(Caller::Identity);
    }
    let everyone =
        principals.is_everyone || statement.principals_of("AWS").any(|word| word.text == "*");
    let Some(listed) = statement.action.as_ref().filter(|listed| !listed.negated) else { return };
    for word in listed.values.iter().filter(|_| !callers.is_empty() && !everyone) {
        let caller = match () {
            () if word.is("sts:AssumeRole") => Caller::Identity,
            () if word.is("sts:AssumeRoleWithSAML") => Caller::Saml,
            () if word.is("sts:AssumeRoleWithWebIdentity") => Caller::WebIdentity,
            () => continue,
        };
        if !callers.contains(&caller) {
            let details = format!(
                "None of the principals can call {}: AssumeRole is for identities and services, \
                 AssumeRoleWithSAML for SAML providers, AssumeRoleWithWebIdentity for OpenID \
                 Connect providers.",
                word.text
            );
            let spans = [word.span.clone(), principals.span.clone()];
            report.add(issue::MISMATCHED_ACTION_FOR_PRINCIPAL, spans, details);
        }
    }
}

/// The audience of a token may be a list, which needs a set operator.
fn audience(statement: &Statement<'_>, report: &mut Report) {
    for condition in &statement.conditions {
        let key = condition.key.text.to_ascii_lowercase();
        let is_audience = key.ends_with(":aud") && key != "saml:aud";
        if is_audience && condition.operator.quantifier == Quantifier::Single {
            let details = format!(
                "Some providers put several audiences into a token. If yours does, test {} with \
                 ForAnyValue; if it puts one, leave it so.",
                condition.key.text
            );
            let span = condition.key.span.clone();
            report.add(issue::CONFIRM_AUDIENCE_CLAIM_TYPE, [span], details);
        }
    }
}
