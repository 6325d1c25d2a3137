//! Findings in SARIF 2.1.0 (OASIS): what editors and code hosts read.

use policy::check::{FindingType, ISSUES, Location};
use serde_json::{Value, json};

use super::Checked;

pub(super) fn shown(checked: &Checked<'_>) -> String {
    let results: Vec<Value> = checked
        .findings
        .iter()
        .map(|finding| {
            let places: Vec<Value> =
                finding.locations.iter().map(|location| place(checked, location)).collect();
            let related = places.get(1..).unwrap_or_default();
            json!({
                "ruleId": finding.issue.code,
                "ruleIndex": ISSUES.iter().position(|issue| *issue == finding.issue),
                "level": level(finding.issue.finding_type),
                "message": {"text": finding.details},
                "locations": places.get(..1).unwrap_or_default(),
                "relatedLocations": related,
            })
        })
        .collect();
    let rules: Vec<Value> = ISSUES
        .iter()
        .map(|issue| {
            json!({
                "id": issue.code,
                "helpUri": issue.learn_more(),
                "defaultConfiguration": {"level": level(issue.finding_type)},
                "properties": {"findingType": issue.finding_type.name()},
            })
        })
        .collect();
    let driver = json!({
        "name": "bailiwick policy validate",
        "version": env!("CARGO_PKG_VERSION"),
        "rules": rules,
    });
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": driver},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

fn level(kind: FindingType) -> &'static str {
    match kind {
        FindingType::Error => "error",
        FindingType::SecurityWarning | FindingType::Warning => "warning",
        FindingType::Suggestion => "note",
    }
}

fn place(checked: &Checked<'_>, location: &Location) -> Value {
    json!({"physicalLocation": {
        "artifactLocation": {"uri": if checked.name == "-" { "stdin" } else { checked.name }},
        "region": {
            "startLine": location.start.line,
            "startColumn": location.start.column + 1,
            "endLine": location.end.line,
            "endColumn": location.end.column + 1,
        },
    }})
}
