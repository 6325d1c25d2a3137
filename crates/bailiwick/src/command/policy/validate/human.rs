//! Findings for people: what it is, where it is, the line with the place underlined.

use std::fmt::Write;

use policy::check::{FindingType, Location, PathElement};

use super::Checked;

/// The most of a line that is shown before and after the place.
const AROUND: usize = 60;

pub(super) fn shown(checked: &Checked<'_>, has_colour: bool) -> String {
    let mut out = String::new();
    for finding in checked.findings {
        let kind = finding.issue.finding_type;
        let (on, off) = if has_colour { (colour(kind), "\x1b[0m") } else { ("", "") };
        let word = kind.name().to_lowercase().replace('_', " ");
        let _ = writeln!(out, "{on}{word}{off}[{}]: {}", finding.issue.code, finding.details);
        for location in &finding.locations {
            place(checked, location, (on, off), &mut out);
        }
        out.push('\n');
    }
    let _ = writeln!(out, "{}", summary(checked));
    out
}

fn colour(kind: FindingType) -> &'static str {
    match kind {
        FindingType::Error => "\x1b[1;31m",
        FindingType::SecurityWarning => "\x1b[1;35m",
        FindingType::Warning => "\x1b[1;33m",
        FindingType::Suggestion => "\x1b[1;36m",
    }
}

fn place(checked: &Checked<'_>, location: &Location, paint: (&str, &str), out: &mut String) {
    let start = location.start;
    let path = path(&location.path);
    let dash = if path.is_empty() { "" } else { "  " };
    let _ = writeln!(out, "  --> {}:{}:{}{dash}{path}", checked.name, start.line, start.column + 1);
    let line = checked.text.lines().nth(start.line - 1).unwrap_or_default();
    let letters: Vec<char> = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let end = match location.end.line == start.line {
        true => location.end.column,
        false => letters.len(),
    };
    let (from, to) = (start.column.min(letters.len()), end.min(letters.len()));
    let first = from.saturating_sub(AROUND);
    let last = letters.len().min(from + 2 * AROUND);
    let before = if first > 0 { "…" } else { "" };
    let after = if last < letters.len() { "…" } else { "" };
    let text: String = letters[first + before.chars().count()..last].iter().collect();
    let marks = to.min(last).saturating_sub(from).max(1);
    let number = start.line.to_string();
    let margin = " ".repeat(number.len());
    let _ = writeln!(out, " {margin} |\n {number} | {before}{text}{after}");
    let (on, off) = paint;
    let blank = " ".repeat(from - first);
    let _ = writeln!(out, " {margin} | {blank}{on}{}{off}", "^".repeat(marks));
}

/// `Statement[0].Action[1]`
fn path(elements: &[PathElement]) -> String {
    let mut path = String::new();
    for element in elements {
        match element {
            PathElement::Index(at) => {
                let _ = write!(path, "[{at}]");
            }
            PathElement::Key(name) | PathElement::Value(name) => {
                let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric());
                let dot = if path.is_empty() { "" } else { "." };
                let _ = match is_plain {
                    true => write!(path, "{dot}{name}"),
                    false => write!(path, "[{name:?}]"),
                };
            }
            PathElement::Substring { .. } => {}
        }
    }
    path
}

fn summary(checked: &Checked<'_>) -> String {
    let count = |kind| {
        let of_kind = |finding: &&policy::check::Finding| finding.issue.finding_type == kind;
        checked.findings.iter().filter(of_kind).count()
    };
    let counted = [
        (FindingType::Error, "error"),
        (FindingType::SecurityWarning, "security warning"),
        (FindingType::Warning, "warning"),
        (FindingType::Suggestion, "suggestion"),
    ]
    .map(|(kind, noun)| (count(kind), noun));
    let told: Vec<String> = counted
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| format!("{count} {noun}{}", if count == 1 { "" } else { "s" }))
        .collect();
    let told = if told.is_empty() { "no findings".to_owned() } else { told.join(", ") };
    format!("{}: {told}", checked.name)
}
