//! From JSON to `Principal` and `NotPrincipal`.

use super::{Principals, Problem, ProblemKind, Written, read::texts};
use crate::json::{Node, Text, Value};
use alloc::vec::Vec;

/// Reads the element's shape; what the values mean is for validation.
pub(super) fn principals<'a>(key: &Text<'a>, node: Node<'a>) -> Result<Principals<'a>, Problem> {
    let span = key.span.start..node.span.end;
    let written = match node.value {
        Value::Text(value) => Written::Bare(Text { value, span: node.span }),
        Value::Object(members) if members.is_empty() => {
            let kind = ProblemKind::PrincipalEmpty;
            return Err(Problem::new(kind, &node.span, "no principal in Principal"));
        }
        Value::Object(members) => {
            let mut entries = Vec::with_capacity(members.len());
            for member in members {
                let values = texts("a principal", member.value)?;
                entries.push((member.key, values));
            }
            Written::Map(entries)
        }
        _ => {
            let detail = "Principal must be \"*\" or an object";
            return Err(Problem::new(ProblemKind::PrincipalShape, &node.span, detail));
        }
    };
    Ok(Principals { negated: &*key.value == "NotPrincipal", written, span })
}
