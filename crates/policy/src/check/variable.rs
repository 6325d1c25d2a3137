//! Policy variables: how they are written, and where they may stand.
//!
//! Source: IAM policy elements: Variables and tags.

use super::{
    Issue, issue,
    report::Report,
    tree::{Policy, Word},
};
use crate::{Span, Version};
use alloc::format;

type Fault = (Issue, &'static str);

/// A variable as written.
struct Found {
    span: Span,
    fault: Option<Fault>,
}

/// Checks a text in which variables may stand: from a byte of the text on.
pub(super) fn check(policy: &Policy<'_>, word: &Word<'_>, from: usize, report: &mut Report) {
    for found in find(&word.text[from..]) {
        let span = word.part(from + found.span.start, from + found.span.end);
        if policy.version == Version::V2008 {
            let details = "Without \"Version\": \"2012-10-17\" this variable is plain text. Set \
                           the Version.";
            report.add(issue::VARIABLE_UNSUPPORTED_IN_VERSION, [span], details);
        } else if let Some((issue, details)) = found.fault {
            report.add(issue, [span], details);
        }
    }
}

/// Tells of a variable where none is replaced: before a byte of the text. Says whether there was.
pub(super) fn forbid(
    policy: &Policy<'_>,
    word: &Word<'_>,
    before: usize,
    place: &str,
    report: &mut Report,
) -> bool {
    if policy.version == Version::V2008 {
        return false;
    }
    let found = find(word.text).next().filter(|found| found.span.start < before);
    let Some(found) = found else { return false };
    let details = format!("Variables are not replaced in {place}. Write the value out.");
    let span = word.part(found.span.start, found.span.end);
    report.add(issue::VARIABLE_UNSUPPORTED_IN_ELEMENT, [span], details);
    true
}

/// Whether a text has a variable that is replaced.
pub(super) fn stands_in(policy: &Policy<'_>, text: &str) -> bool {
    policy.version == Version::V2012 && text.contains("${")
}

/// The text without its variables and escapes: what wildcards and spaces are looked for in.
pub(super) fn plain_parts(text: &str) -> impl Iterator<Item = &str> {
    let mut found = find(text);
    let mut from = Some(0);
    core::iter::from_fn(move || {
        let start = from?;
        let next = found.next().map(|found| found.span);
        from = next.as_ref().map(|span| span.end);
        Some(&text[start..next.map_or(text.len(), |span| span.start)])
    })
}

fn find(text: &str) -> impl Iterator<Item = Found> {
    let mut from = 0;
    core::iter::from_fn(move || {
        let start = from + text[from..].find("${")?;
        let (length, fault) = read(&text[start..]);
        from = start + length;
        Some(Found { span: start..from, fault })
    })
}

/// Reads the variable at the start of a text: its length, and what is wrong with it.
fn read(text: &str) -> (usize, Option<Fault>) {
    let body = &text[2..];
    if ["*}", "?}", "$}"].iter().any(|escape| body.starts_with(escape)) {
        return (4, None);
    }
    let next = body.find("${").unwrap_or(body.len());
    let until = body.find('}').map_or(next, |at| (at + 1).min(next));
    let bad = |fault| (2 + until, Some(fault));
    let Some(end) = body.find([',', '}']).filter(|end| *end <= next) else {
        return bad(MISSING_BRACE);
    };
    let key = &body[..end];
    if key.is_empty() {
        return bad(EMPTY);
    }
    if key.contains(['$', '{']) {
        return bad(MISSING_BRACE);
    }
    if key.contains('\'') {
        return bad(MISSING_QUOTE);
    }
    if key.starts_with(' ') || key.ends_with(' ') {
        return bad(SPACE);
    }
    let Some(after) = body[end..].strip_prefix(',') else { return (2 + end + 1, None) };
    let trimmed = after.trim_start_matches(' ');
    let Some(quoted) = trimmed.strip_prefix('\'') else { return bad(MISSING_QUOTE) };
    let spaces = after.len() - trimmed.len();
    if spaces != 1 {
        return bad(SPACE);
    }
    match quoted.find("'}") {
        Some(length) if !quoted[..length].contains('\'') => (2 + end + 3 + length + 2, None),
        None if !quoted.contains('}') => bad(MISSING_BRACE),
        _ => bad(MISSING_QUOTE),
    }
}

const MISSING_BRACE: Fault = (
    issue::MISSING_BRACE_IN_VARIABLE,
    "The variable has no closing brace of its own. Add it: ${key}.",
);
const EMPTY: Fault =
    (issue::EMPTY_VARIABLE, "The variable names no key. Write ${key}, or remove it.");
const MISSING_QUOTE: Fault = (
    issue::MISSING_QUOTE_IN_VARIABLE,
    "A default stands between two single quotes: ${key, 'default'}.",
);
const SPACE: Fault = (
    issue::UNSUPPORTED_SPACE_IN_VARIABLE,
    "A variable has no space but the one between comma and quote: ${key, 'default'}.",
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::variable;
    use alloc::{string::String, vec::Vec};
    use proptest::prelude::*;

    fn codes(text: &str) -> Vec<&'static str> {
        find(text).filter_map(|found| found.fault).map(|(issue, _)| issue.code).collect()
    }

    #[test]
    fn each_fault_has_its_name() {
        for (text, code) in [
            ("a${", "MISSING_BRACE_IN_VARIABLE"),
            ("${a${b}", "MISSING_BRACE_IN_VARIABLE"),
            ("${a, 'b'", "MISSING_BRACE_IN_VARIABLE"),
            ("${}", "EMPTY_VARIABLE"),
            ("${a, b}", "MISSING_QUOTE_IN_VARIABLE"),
            ("${a, 'b}", "MISSING_QUOTE_IN_VARIABLE"),
            ("${a,'b'}", "UNSUPPORTED_SPACE_IN_VARIABLE"),
            ("${ a}", "UNSUPPORTED_SPACE_IN_VARIABLE"),
        ] {
            assert_eq!(codes(text), [code], "{text}");
        }
        assert_eq!(codes("${a}${*}${b, 'c d'}${aws:PrincipalTag/Cost Center}"), [""; 0]);
    }

    #[test]
    fn parts_between_variables() {
        let parts: Vec<&str> = plain_parts("a${*}b${c}").collect();
        assert_eq!(parts, ["a", "b", ""]);
    }

    proptest! {
        #[test]
        fn agrees_with_the_reader_that_evaluates(text in "[ab$ {},'*é]{0,16}") {
            let text: String = text;
            let fault = variable::fault(&text, Version::V2012);
            prop_assert_eq!(codes(&text).is_empty(), fault.is_none(), "{} {:?}", text, fault);
        }
    }
}
