//! Every limit of a policy and of the request that it is matched with: together they bound what a
//! decision costs.
//!
//! AWS counts characters, and what fits into its quotas bounds the rest. The limits here leave room
//! for every document that AWS stores: where it has a number (IAM User Guide, "IAM and AWS STS
//! quotas"; the shapes of the IAM service model), ours is that number, and where it has none, ours
//! is more than [`LARGEST_POLICY`] has room for. A document beyond a limit is refused when it is
//! read, before anything is compiled. What the worst documents within the limits cost is held by
//! this module's tests, in steps, and shown by `benches/limits`, in time.

use crate::{
    Malformed, Span,
    condition::Family,
    document::{Document, Listed, Statement},
    json::Text,
};
use alloc::format;

/// The longest document read, in characters (`policyDocumentType` in the IAM service model).
pub const MAX_CHARACTERS: usize = 131_072;

/// The deepest nesting read. The grammar needs seven levels (document, statements, statement,
/// condition, operator, key, values).
pub const MAX_DEPTH: usize = 12;

/// The largest policy that decisions meet, in characters: the quota of bucket policies and of
/// secrets (S3 User Guide, "Bucket policies"; Secrets Manager quotas). IAM's own quotas are lower:
/// 6,144 for a managed policy, and 2,048, 5,120 and 10,240 for the inline policies of a user, group
/// and role. Whoever takes policies enforces the quota of their kind.
pub const LARGEST_POLICY: usize = 20_480;

/// Statements of a document. The shortest has 46 characters, so that 436 fit into the largest
/// policy.
pub const MAX_STATEMENTS: usize = 2_048;

/// Values of one list: the actions, resources or principals of a statement, or the values of one
/// condition key. The shortest, `1,`, has two characters, so that 10,240 fit.
pub const MAX_VALUES: usize = 16_384;

/// Condition keys of a statement, under all operators. The shortest, `"a":1,`, has six characters,
/// so that 3,413 fit.
pub const MAX_CONDITION_KEYS: usize = 4_096;

/// Wildcards of one pattern: as many as the longest ARN has characters.
pub const MAX_WILDCARDS: usize = MAX_TEXT;

/// Variables of one value: as many of the shortest, `${a}`, as an ARN of that length has room for.
pub const MAX_VARIABLES: usize = MAX_TEXT / 4;

/// Characters of a request's ARNs (`arnType` in the IAM service model), and of one value of its
/// context. Whoever makes requests enforces this limit and the next ones.
pub const MAX_TEXT: usize = 2_048;

/// Values of one context key.
pub const MAX_CONTEXT_VALUES: usize = 100;

/// Bytes of all values of one context key. The longest list that AWS makes, `aws:TagKeys` with
/// 50 names of 128 characters, has 6,400.
pub const MAX_CONTEXT_TEXT: usize = 8_192;

/// Whether a document that was read keeps to the limits.
///
/// # Errors
/// [`Malformed`], in our words: AWS, which counts characters, has none for this.
pub(crate) fn check(document: &Document) -> Result<(), Malformed> {
    let statements = &document.statements;
    at_most(MAX_STATEMENTS, "statements", "policy", statements.len(), &document.span)?;
    statements.iter().try_for_each(check_statement)
}

fn check_statement(statement: &Statement) -> Result<(), Malformed> {
    for (listed, what) in [(&statement.action, "actions"), (&statement.resource, "resources")] {
        let Some(Listed { values, span, .. }) = listed else { continue };
        at_most(MAX_VALUES, what, "statement", values.len(), span)?;
        values.iter().try_for_each(|value| check_text(value, true))?;
    }
    if let Some(principals) = &statement.principal {
        let count = principals.entries().count();
        at_most(MAX_VALUES, "principals", "statement", count, &principals.span)?;
    }
    let blocks = &statement.conditions;
    let (keys, span) = ("condition keys", &statement.span);
    at_most(MAX_CONDITION_KEYS, keys, "statement", blocks.len(), span)?;
    for block in blocks {
        at_most(MAX_VALUES, "values", "condition key", block.values.len(), &block.key.span)?;
        let has_wildcards = matches!(block.operator.family, Family::Like | Family::Arn);
        block.values.iter().try_for_each(|value| check_text(value, has_wildcards))?;
    }
    Ok(())
}

#[inline]
fn check_text(text: &Text, has_wildcards: bool) -> Result<(), Malformed> {
    // Nearly all texts are too short to hold too much.
    if text.value.len() <= MAX_VARIABLES { Ok(()) } else { check_long(text, has_wildcards) }
}

#[cold]
fn check_long(text: &Text, has_wildcards: bool) -> Result<(), Malformed> {
    let Text { value, span } = text;
    let wildcards = value.bytes().filter(|byte| matches!(byte, b'*' | b'?')).count();
    if has_wildcards {
        at_most(MAX_WILDCARDS, "wildcards", "pattern", wildcards, span)?;
    }
    at_most(MAX_VARIABLES, "variables", "value", value.matches("${").count(), span)
}

fn at_most(
    limit: usize,
    what: &str,
    whole: &str,
    count: usize,
    span: &Span,
) -> Result<(), Malformed> {
    if count <= limit {
        return Ok(());
    }
    let message = format!("A {whole} must not have more than {limit} {what}.");
    Err(Malformed::new(message, Some(span.clone()), format!("it has {count} {what}")))
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod worst;
