//! What could be left out: values that others cover, and statements that stand twice.

use super::{
    Issue, issue,
    report::Report,
    tree::{Listed, Policy, Statement, Word},
};
use crate::glob::glob_matches;
use alloc::{
    collections::BTreeMap,
    format,
    string::{String, ToString},
    vec::Vec,
};

pub(super) fn check(policy: &Policy<'_>, report: &mut Report) {
    let mut seen = BTreeMap::new();
    for statement in &policy.statements {
        if let Some(listed) = &statement.action {
            let folded = |word: &Word<'_>| word.text.to_ascii_lowercase();
            values(listed, issue::REDUNDANT_ACTION, folded, covers_action, report);
        }
        if let Some(listed) = &statement.resource {
            let same = |word: &Word<'_>| word.text.to_string();
            values(listed, issue::REDUNDANT_RESOURCE, same, covers_resource, report);
        }
        // Of a statement that could not be read whole nobody knows what it says.
        let is_whole = statement.effect.is_some() && statement.action.is_some();
        if !is_whole {
            continue;
        }
        if let Some(first) = seen.insert(meaning(statement), statement.span.clone()) {
            let details = "This statement says what another one says. Remove one of them.";
            let spans = [statement.span.clone(), first];
            report.add(issue::REDUNDANT_STATEMENT, spans, details);
        }
    }
}

/// Tells of values that others of their list cover.
fn values(
    listed: &Listed<'_>,
    issue: Issue,
    text: impl Fn(&Word<'_>) -> String,
    covers: fn(&str, &str) -> bool,
    report: &mut Report,
) {
    let texts: Vec<String> = listed.values.iter().map(text).collect();
    let is_pattern = |at: &usize| texts[*at].contains(['*', '?']);
    let patterns: Vec<usize> = (0..texts.len()).filter(is_pattern).collect();
    let mut seen = BTreeMap::new();
    for (at, value) in texts.iter().enumerate() {
        let earlier = *seen.entry(value.as_str()).or_insert(at);
        let covering = if earlier != at {
            Some(earlier)
        } else if report.may_compare(patterns.len()) {
            // Of two that cover each other the first one stays.
            let stays = |other: usize| at < other && covers(value, &texts[other]);
            let others = patterns.iter().copied().filter(|other| texts[*other] != *value);
            others.into_iter().find(|other| covers(&texts[*other], value) && !stays(*other))
        } else {
            None
        };
        if let Some(covering) = covering {
            let (covered, covering) = (&listed.values[at], &listed.values[covering]);
            let details = format!("{} is covered by {}. Remove it.", covered.text, covering.text);
            report.add(issue, [covered.span.clone(), covering.span.clone()], details);
        }
    }
}

/// Whether every text that the second pattern matches is matched by the first.
fn covers(pattern: &str, other: &str) -> bool {
    // A `?` takes one character of a text, but not the star of another pattern.
    !(pattern.contains('?') && other.contains('*')) && glob_matches(pattern, other)
}

fn covers_action(pattern: &str, other: &str) -> bool {
    let Some((service, name)) = pattern.split_once(':') else { return pattern == "*" };
    let Some((other_service, other_name)) = other.split_once(':') else { return false };
    covers(service, other_service) && covers(name, other_name)
}

/// The first four fields of an ARN match each for itself, the rest as one.
fn covers_resource(pattern: &str, other: &str) -> bool {
    if pattern == "*" {
        return true;
    }
    if pattern.contains("${") || other.contains("${") {
        return false;
    }
    let (pattern, other): (Vec<&str>, Vec<&str>) =
        (pattern.splitn(6, ':').collect(), other.splitn(6, ':').collect());
    let are_whole = pattern.len() == 6 && other.len() == 6;
    are_whole && pattern.iter().zip(&other).all(|(pattern, other)| covers(pattern, other))
}

/// A text that is equal for statements that mean the same, but for their ids.
fn meaning(statement: &Statement<'_>) -> String {
    let sorted = |words: &mut dyn Iterator<Item = String>| {
        let mut words: Vec<String> = words.collect();
        words.sort();
        format!("{words:?}")
    };
    let listed = |listed: &Option<Listed<'_>>| match listed {
        Some(listed) => {
            let values = sorted(&mut listed.values.iter().map(|word| word.text.to_string()));
            format!("{}{values}", listed.negated)
        }
        None => String::new(),
    };
    let principal = statement.principal.iter().map(|principal| {
        let types = principal.types.iter().map(|kind| {
            let values = sorted(&mut kind.values.iter().map(|word| word.text.to_string()));
            format!("{}{values}", kind.name.text)
        });
        let types = sorted(&mut types.into_iter());
        format!("{}{}{types}", principal.negated, principal.is_everyone)
    });
    let conditions = statement.conditions.iter().map(|condition| {
        let values = condition.values.iter().map(|value| value.word.text.to_string());
        let values = sorted(&mut values.into_iter());
        format!("{:?}{}{values}", condition.operator, condition.key.text.to_lowercase())
    });
    format!(
        "{:?}{}{}{}{}",
        statement.effect,
        principal.collect::<String>(),
        listed(&statement.action),
        listed(&statement.resource),
        sorted(&mut conditions.into_iter()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_cover_patterns() {
        assert!(covers_action("iam:*", "iam:get*"));
        assert!(covers_action("*", "iam:get*"));
        assert!(!covers_action("iam:?", "iam:*"));
        assert!(!covers_action("iam:get*", "iam:*"));
        assert!(covers_resource("arn:aws:s3:::*", "arn:aws:s3:::b/*"));
        assert!(!covers_resource("arn:aws:s3:::b", "arn:aws:s3:::b/*"));
        assert!(!covers_resource("arn:aws:*:*:1:x", "arn:aws:s3:r:2:x"));
        assert!(!covers_resource("arn:aws:s3:::*", "arn:aws:s3:::${x}"));
    }
}
