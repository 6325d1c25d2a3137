//! What holds of findings, whatever the text is.

use policy::check::{Finding, PathElement, PolicyType, check};

pub const TYPES: [PolicyType; 5] = [
    PolicyType::Identity,
    PolicyType::Resource,
    PolicyType::ServiceControl,
    PolicyType::ResourceControl,
    PolicyType::Trust,
];

/// Errors of syntax: IAM refuses to store an identity policy that has one of these. Of the other
/// errors it knows nothing: it stores actions, regions and accounts that do not exist.
pub const SYNTAX: [&str; 26] = [
    "DATA_TYPE_MISMATCH",
    "DUPLICATE_KEYS_WITH_DIFFERENT_CASE",
    "EMPTY_VARIABLE",
    "INVALID_ARN_PREFIX",
    "INVALID_ARN_RESOURCE",
    "INVALID_CONDITION_OPERATOR",
    "INVALID_EFFECT",
    "INVALID_PARTITION",
    "INVALID_POLICY_ELEMENT",
    "INVALID_PRINCIPAL_FORMAT",
    "INVALID_SERVICE",
    "INVALID_SERVICE_IN_ACTION",
    "INVALID_VARIABLE_FOR_OPERATOR",
    "INVALID_VERSION",
    "JSON_SYNTAX_ERROR",
    "MISSING_ACTION",
    "MISSING_BRACE_IN_VARIABLE",
    "MISSING_EFFECT",
    "MISSING_QUOTE_IN_VARIABLE",
    "MISSING_RESOURCE",
    "MISSING_STATEMENT",
    "NULL_WITH_IF_EXISTS",
    "UNIQUE_SIDS_REQUIRED",
    "UNSUPPORTED_ELEMENT_COMBINATION",
    "UNSUPPORTED_PRINCIPAL",
    "UNSUPPORTED_SID",
];

pub fn has(findings: &[Finding], codes: &[&str]) -> bool {
    findings.iter().any(|finding| codes.contains(&finding.issue.code))
}

pub fn shape(text: &str) {
    for policy_type in TYPES {
        let findings = check(text, policy_type);
        assert_eq!(findings, check(text, policy_type), "it says the same twice");
        for finding in &findings {
            assert!(!finding.locations.is_empty() && !finding.details.is_empty());
            for location in &finding.locations {
                assert!(text.get(location.bytes.clone()).is_some(), "{finding:?}");
                let before = text[..location.bytes.start].chars().count();
                assert_eq!(location.start.offset, before);
                let line = text[..location.bytes.start].matches('\n').count() + 1;
                assert_eq!(location.start.line, line);
                assert!(location.start.column <= location.start.offset);
                assert!(location.end.offset >= location.start.offset);
                followed(text, &location.path);
            }
        }
    }
}

/// A path leads to a place in the JSON that another reader makes of the text.
fn followed(text: &str, path: &[PathElement]) {
    let root = match serde_json::from_str::<serde_json::Value>(text) {
        Ok(root) => root,
        // The other reader's own limit: ours keeps numbers as texts.
        Err(error) if error.to_string().starts_with("number out of range") => return,
        Err(_) => return assert!(path.is_empty()),
    };
    let mut at = &root;
    for element in path {
        match element {
            PathElement::Index(index) => at = &at[*index],
            PathElement::Value(name) => at = &at[name.as_str()],
            PathElement::Key(name) => {
                at.get(name.as_str()).expect("the name is there");
                return;
            }
            PathElement::Substring { start, length } => {
                let text = at.as_str().expect("a string");
                assert!(start + length <= text.chars().count());
                return;
            }
        }
    }
}
