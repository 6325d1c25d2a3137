//! Findings as `ValidatePolicy` answers them.

use policy::check::{Finding, Location, PathElement, Point};
use serde_json::{Value, json};

use super::Checked;

pub(super) fn shown(checked: &Checked<'_>) -> String {
    let findings: Vec<Value> = checked.findings.iter().map(finding).collect();
    format!("{:#}\n", json!({ "findings": findings }))
}

fn finding(finding: &Finding) -> Value {
    let locations: Vec<Value> = finding.locations.iter().map(location).collect();
    json!({
        "findingType": finding.issue.finding_type.name(),
        "issueCode": finding.issue.code,
        "findingDetails": finding.details,
        "learnMoreLink": finding.issue.learn_more(),
        "locations": locations,
    })
}

fn location(location: &Location) -> Value {
    let path: Vec<Value> = location.path.iter().map(element).collect();
    json!({"path": path, "span": {"start": point(location.start), "end": point(location.end)}})
}

fn element(element: &PathElement) -> Value {
    match element {
        PathElement::Index(at) => json!({ "index": at }),
        PathElement::Key(name) => json!({ "key": name }),
        PathElement::Value(name) => json!({ "value": name }),
        PathElement::Substring { start, length } => {
            json!({"substring": {"start": start, "length": length}})
        }
    }
}

fn point(point: Point) -> Value {
    json!({"line": point.line, "column": point.column, "offset": point.offset})
}
