//! Policies that hang on a resource: role trust policies, as `CreateRole` and
//! `UpdateAssumeRolePolicy` check them, and those of other resources.

use super::{condition, principal};
use crate::{
    Effect, Malformed, Version,
    document::{Document, Problem, ProblemKind, Statement},
};
use alloc::{collections::BTreeSet, format, string::String};

/// What sets trust policies apart from the policies of other resources.
#[derive(Debug)]
pub(super) struct Rules {
    is_trust: bool,
}

/// Trust policies: no resources, only STS actions, no NotPrincipal.
pub(super) const TRUST: Rules = Rules { is_trust: true };
/// Policies of other resources.
pub(super) const RESOURCE: Rules = Rules { is_trust: false };

const SYNTAX: &str = "Syntax error in policy.";

/// The answer to a fault in a document's structure.
pub(super) fn structure(problem: Problem) -> Malformed {
    let message: String = match problem.kind {
        ProblemKind::Json => "This policy contains invalid Json".into(),
        ProblemKind::Version => "The policy must contain a valid version string".into(),
        ProblemKind::NoStatement => "Could not parse the policy: Statement is empty!".into(),
        ProblemKind::NoEffect => "Missing required field Effect".into(),
        ProblemKind::Effect(effect) => format!("Invalid effect: {effect}"),
        ProblemKind::Unknown(name) => format!("Unknown field {name}"),
        ProblemKind::PrincipalShape => "Principal must be a JSON object.".into(),
        ProblemKind::PrincipalEmpty => "Missing required field Principal cannot be empty!".into(),
        ProblemKind::Shape => SYNTAX.into(),
    };
    Malformed::new(message, Some(problem.span), problem.detail)
}

/// Checks a document whose structure is sound.
pub(super) fn check(
    document: &Document<'_>,
    rules: &Rules,
    actions_are_regular: bool,
) -> Result<(), Malformed> {
    let version = document.version.unwrap_or(Version::V2008);
    let mut seen = BTreeSet::new();
    for statement in &document.statements {
        check_resource(statement, rules)?;
        check_effect(statement)?;
        check_principal(statement, rules)?;
        check_action(statement, rules, actions_are_regular)?;
        if let Some((text, what)) = condition::fault(&statement.conditions, version) {
            return Err(Malformed::new(SYNTAX, Some(text.span.clone()), what));
        }
        if let Some(sid) = statement.sid.as_ref().filter(|sid| !sid.value.is_empty())
            && !seen.insert(&*sid.value)
        {
            let message = "The Statement Ids in the policy are not unique";
            return Err(Malformed::new(message, Some(sid.span.clone()), "a Sid twice"));
        }
    }
    Ok(())
}

fn missing(statement: &Statement, field: &str) -> Malformed {
    let message = format!("Missing required field {field}");
    Malformed::new(message, Some(statement.span.clone()), "a required element is missing")
}

/// A permissions policy given for a trust policy is told first that it has resources.
fn check_resource(statement: &Statement, rules: &Rules) -> Result<(), Malformed> {
    match &statement.resource {
        Some(listed) if rules.is_trust => {
            let message = match listed.negated {
                false => "Has prohibited field Resource",
                true => "AssumeRole policy must not contain resources.",
            };
            let detail = "a trust policy means the role that it hangs on";
            Err(Malformed::new(message, Some(listed.span.clone()), detail))
        }
        None if !rules.is_trust => Err(missing(statement, "Resource")),
        _ => Ok(()),
    }
}

fn check_effect(statement: &Statement) -> Result<(), Malformed> {
    if statement.effect_is_exact() {
        return Ok(());
    }
    let text = &statement.effect_text;
    let message = format!("Invalid effect: {}", text.value);
    Err(Malformed::new(message, Some(text.span.clone()), "Effect must be spelt Allow or Deny"))
}

fn check_principal(statement: &Statement, rules: &Rules) -> Result<(), Malformed> {
    let Some(principals) = &statement.principal else {
        return Err(missing(statement, "Principal"));
    };
    if principals.negated {
        let refuse =
            |message, detail| Err(Malformed::new(message, Some(principals.span.clone()), detail));
        if statement.effect == Effect::Allow {
            let detail = "it would allow everyone else, anonymous callers included";
            return refuse("Allow with NotPrincipal is not allowed.", detail);
        }
        if rules.is_trust {
            let detail = "trust policies name whom they trust";
            return refuse("AssumeRole policy must not contain NotPrincipal field.", detail);
        }
    }
    principal::check(principals)
}

fn check_action(statement: &Statement, rules: &Rules, are_regular: bool) -> Result<(), Malformed> {
    let Some(listed) = statement.action.as_ref().filter(|listed| !listed.values.is_empty()) else {
        return Err(missing(statement, "Action"));
    };
    if !rules.is_trust {
        return if are_regular { Ok(()) } else { super::action::check_all(&listed.values) };
    }
    for text in &listed.values {
        let is_sts = text
            .value
            .split_once(':')
            .is_some_and(|(service, name)| service.eq_ignore_ascii_case("sts") && !name.is_empty());
        if !is_sts {
            let message = "AssumeRole policy may only specify STS AssumeRole actions.";
            return Err(Malformed::new(message, Some(text.span.clone()), "not an sts: action"));
        }
    }
    Ok(())
}
