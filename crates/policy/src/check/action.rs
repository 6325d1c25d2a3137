//! `Action` and `NotAction`: the form of each value, and whether there is such an action.
//!
//! Sources: IAM policy elements: Action; Service Authorization Reference: IAM, STS.

use super::{
    PolicyType, catalogue, issue,
    report::Report,
    tree::{Policy, Word},
    variable,
};
use alloc::{format, string::String};

/// Comparisons that looking for a name like another one counts as.
const LOOKING: usize = 4_000;

pub(super) fn check(policy: &Policy<'_>, report: &mut Report) {
    for listed in policy.statements.iter().filter_map(|statement| statement.action.as_ref()) {
        for word in &listed.values {
            let place = listed.name.text;
            let has_variable = variable::forbid(policy, word, word.text.len(), place, report);
            if word.text != "*" && !has_variable {
                value(policy, word, report);
            }
        }
    }
}

fn value(policy: &Policy<'_>, word: &Word<'_>, report: &mut Report) {
    let Some((service, name)) = word.text.split_once(':') else {
        let details = format!("\"{}\" is no action. Write service:Name, or *.", word.text);
        return report.add(issue::INVALID_ACTION, [word.span.clone()], details);
    };
    let of_service = word.part(0, service.len());
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-.*?".contains(&byte);
    if service.is_empty() || !service.bytes().all(is_allowed) {
        let details = format!("There is no service \"{service}\". Write service:Name.");
        return report.add(issue::INVALID_SERVICE_IN_ACTION, [of_service], details);
    }
    if name.contains(':') {
        let details = "An action has one colon: the one between its service and its name.";
        return report.add(issue::INVALID_ACTION, [word.span.clone()], details);
    }
    if service.contains(['*', '?']) {
        let details = "Write out the service: a pattern also takes services that do not exist yet. \
                       IAM refuses to store it unless it is one star.";
        return report.add(issue::WILDCARD_IN_SERVICE_NAME, [of_service], details);
    }
    if policy.policy_type == PolicyType::Trust && !service.eq_ignore_ascii_case("sts") {
        let details = format!(
            "A trust policy tells who may assume its role; {} is nothing that it can allow. Use \
             actions of sts.",
            word.text
        );
        return report.add(issue::UNSUPPORTED_ACTION_IN_POLICY, [word.span.clone()], details);
    }
    if catalogue::covered(word.text).is_some_and(|covered| !covered) {
        let details = unknown(word.text, service, report);
        report.add(issue::INVALID_ACTION, [word.span.clone()], details);
    }
}

fn unknown(action: &str, service: &str, report: &mut Report) -> String {
    let near = match action.contains(['*', '?']) || !report.may_compare(LOOKING) {
        true => None,
        false => catalogue::nearest_action(action),
    };
    match near {
        Some(near) => format!(
            "There is no action {action}. Did you mean {}:{near}?",
            service.to_ascii_lowercase()
        ),
        None => format!("No action of {service} is or matches {action}."),
    }
}
