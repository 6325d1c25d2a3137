//! From JSON to `Principal` and `NotPrincipal`.

use super::{is_empty, texts, word};
use crate::{
    check::{
        issue,
        report::Report,
        tree::{PrincipalType, Principals},
    },
    json::{Member, Value},
};
use alloc::{format, vec::Vec};

/// The types of principal (IAM policy elements: Principal).
const TYPES: [&str; 4] = ["AWS", "Service", "Federated", "CanonicalUser"];

/// Reads the element.
pub(super) fn read<'a>(member: &'a Member, report: &mut Report) -> Principals<'a> {
    let node = &member.value;
    let mut principals = Principals {
        negated: &*member.key.value == "NotPrincipal",
        name: word(&member.key),
        span: node.span.clone(),
        is_everyone: false,
        types: Vec::new(),
    };
    match &node.value {
        Value::Text(text) if &**text == "*" => principals.is_everyone = true,
        Value::Object(members) => {
            if members.is_empty() {
                let details =
                    "The Principal is an empty object, which names nobody. Name somebody.";
                report.add(issue::EMPTY_OBJECT_PRINCIPAL, [node.span.clone()], details);
            }
            for member in members {
                if !TYPES.contains(&&*member.key.value) {
                    let details = format!(
                        "There is no type of principal {}. Use one of: {}.",
                        member.key.value,
                        TYPES.join(", ")
                    );
                    report.add(issue::INVALID_PRINCIPAL_KEY, [member.key.span.clone()], details);
                }
                principals.types.push(PrincipalType {
                    name: word(&member.key),
                    span: member.value.span.clone(),
                    is_empty: is_empty(&member.value),
                    values: texts(&member.value, report),
                });
            }
        }
        _ => {
            let details = "A Principal is either \"*\" or an object such as \
                           {\"AWS\": \"arn:aws:iam::111122223333:root\"}.";
            report.add(issue::INVALID_PRINCIPAL_FORMAT, [node.span.clone()], details);
        }
    }
    principals
}
