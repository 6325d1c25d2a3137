//! Write-time validation: AWS's checks, in AWS's order, in AWS's words.

mod action;
mod attached;
mod condition;
mod identity;
mod principal;
pub(crate) mod resource;

use crate::{
    Kind, Malformed,
    document::{self, Document, Problem},
    limits,
};

/// IAM's answer to an identity policy that is no policy.
pub(crate) const SYNTAX: &str = "Syntax errors in policy.";

/// Reads a document; a fault in its structure is told in the words for this kind of policy.
pub(crate) fn read(text: &str, kind: Kind) -> Result<Document<'_>, Malformed> {
    let document = document::read(text).map_err(|problem| structure(problem, kind))?;
    limits::check(&document)?;
    Ok(document)
}

/// Reads a document that was accepted elsewhere.
pub(crate) fn read_loaded(text: &str) -> Result<Document<'_>, Malformed> {
    let read = document::read_loaded(text);
    let document = read.map_err(|problem| structure(problem, Kind::Identity))?;
    limits::check(&document)?;
    Ok(document)
}

fn structure(problem: Problem, kind: Kind) -> Malformed {
    match kind {
        Kind::Identity => Malformed::new(SYNTAX, Some(problem.span), problem.detail),
        Kind::Trust | Kind::Resource => attached::structure(problem),
    }
}

/// Checks what a document says, given whether its actions are known to be regular.
pub(crate) fn check(
    document: &Document<'_>,
    kind: Kind,
    actions_are_regular: bool,
) -> Result<(), Malformed> {
    let blocks = document.statements.iter().flat_map(|statement| &statement.conditions);
    if let Some(block) = blocks.into_iter().find(|block| block.repeats) {
        let detail = "a condition key twice, in other letters";
        return Err(structure(Problem::shape(&block.key.span, detail), kind));
    }
    match kind {
        Kind::Identity => identity::check(document, actions_are_regular),
        Kind::Trust => attached::check(document, &attached::TRUST, actions_are_regular),
        Kind::Resource => attached::check(document, &attached::RESOURCE, actions_are_regular),
    }
}

/// Checks no more than that every statement can be evaluated.
pub(crate) fn check_evaluable(document: &Document<'_>) -> Result<(), Malformed> {
    for statement in &document.statements {
        let refuse = |detail| Err(Malformed::new(SYNTAX, Some(statement.span.clone()), detail));
        if !statement.effect_is_exact() {
            return refuse("Effect must be spelt Allow or Deny");
        }
        if statement.action.is_none() {
            return refuse("neither Action nor NotAction");
        }
        if let Some(principals) = &statement.principal {
            principal::check_types(principals)?;
        }
    }
    Ok(())
}
