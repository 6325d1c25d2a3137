//! Statements that allow passing any role, or making any service-linked role.
//!
//! Sources: IAM User Guide, "Granting a user permissions to pass a role to an AWS service",
//! "Using service-linked roles".

use super::{
    Issue, PolicyType, issue,
    report::Report,
    tree::{Listed, Policy, Statement},
};
use crate::{
    Span,
    glob::{encode, glob_matches, matches_folded},
};
use alloc::{format, vec::Vec};

/// An action that should be allowed on chosen roles only.
struct Risk {
    action: &'static str,
    /// The condition key that limits it as well.
    key: &'static str,
    /// By how the action is covered: named, by a wildcard, by `NotAction`; on `NotResource`.
    not_resource: [Issue; 3],
    /// The same, on a wildcard resource.
    star: [Issue; 3],
}

const RISKS: [Risk; 2] = [
    Risk {
        action: "iam:passrole",
        key: "iam:PassedToService",
        not_resource: [
            issue::PASS_ROLE_WITH_NOTRESOURCE,
            issue::PASS_ROLE_WITH_STAR_IN_ACTION_AND_NOTRESOURCE,
            issue::PASS_ROLE_WITH_NOTACTION_AND_NOTRESOURCE,
        ],
        star: [
            issue::PASS_ROLE_WITH_STAR_IN_RESOURCE,
            issue::PASS_ROLE_WITH_STAR_IN_ACTION_AND_RESOURCE,
            issue::PASS_ROLE_WITH_STAR_IN_RESOURCE_AND_NOTACTION,
        ],
    },
    Risk {
        action: "iam:createservicelinkedrole",
        key: "iam:AWSServiceName",
        not_resource: [
            issue::CREATE_SLR_WITH_NOTRESOURCE,
            issue::CREATE_SLR_WITH_STAR_IN_ACTION_AND_NOTRESOURCE,
            issue::CREATE_SLR_WITH_NOTACTION_AND_NOTRESOURCE,
        ],
        star: [
            issue::CREATE_SLR_WITH_STAR_IN_RESOURCE,
            issue::CREATE_SLR_WITH_STAR_IN_ACTION_AND_RESOURCE,
            issue::CREATE_SLR_WITH_STAR_IN_RESOURCE_AND_NOTACTION,
        ],
    },
];

pub(super) fn check(policy: &Policy<'_>, report: &mut Report) {
    if policy.policy_type != PolicyType::Identity {
        return;
    }
    for statement in policy.statements.iter().filter(|statement| statement.allows()) {
        for risk in &RISKS {
            risk.check(statement, report);
        }
    }
}

impl Risk {
    fn check(&self, statement: &Statement<'_>, report: &mut Report) {
        let (Some(actions), Some(resources)) = (&statement.action, &statement.resource) else {
            return;
        };
        let Some((how, mut spans)) = self.covered(actions) else { return };
        let issue = if resources.negated {
            spans.push(resources.name.span.clone());
            self.not_resource[how]
        } else {
            let Some(wide) = resources.values.iter().find(|word| is_wide(word.text)) else {
                return;
            };
            if statement.tests(self.key) {
                return;
            }
            spans.push(wide.span.clone());
            self.star[how]
        };
        let details = format!(
            "This allows {} on roles that nobody chose. Name the roles, or add a condition on {}.",
            self.name(),
            self.key
        );
        report.add(issue, spans, details);
    }

    fn name(&self) -> &'static str {
        if self.key == "iam:PassedToService" {
            "iam:PassRole"
        } else {
            "iam:CreateServiceLinkedRole"
        }
    }

    /// How a statement's actions cover this one, and where.
    fn covered(&self, actions: &Listed<'_>) -> Option<(usize, Vec<Span>)> {
        let covers = |pattern: &str| {
            matches_folded(&encode(&pattern.to_ascii_lowercase()), self.action.as_bytes())
        };
        let mut covering = actions.values.iter().filter(|word| covers(word.text));
        if actions.negated {
            let leaves_it = covering.next().is_none() && !actions.values.is_empty();
            return leaves_it.then(|| (2, [actions.name.span.clone()].into()));
        }
        let covering: Vec<_> = covering.collect();
        let named = covering.iter().find(|word| !word.text.contains(['*', '?']));
        let found = named.or(covering.first())?;
        Some((usize::from(named.is_none()), [found.span.clone()].into()))
    }
}

/// Whether a resource pattern takes the roles of any path and name.
fn is_wide(pattern: &str) -> bool {
    // Nobody has this path and name, so only wildcards can match them.
    let account = pattern.split(':').nth(4).unwrap_or_default();
    glob_matches(pattern, &format!("arn:aws:iam::{account}:role/\u{1}/\u{2}"))
}
