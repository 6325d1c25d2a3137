//! The validator: a file per issue with what must be found, what it may never do, and how it
//! agrees with what IAM refuses.

mod agreement;
mod golden;
mod shape;

use policy::check::{Finding, PathElement};

/// A finding on two or more lines: its kind and name, its words, its places.
fn shown(finding: &Finding) -> String {
    let issue = finding.issue;
    let mut text = format!("{} {}\n", issue.finding_type.name(), issue.code);
    text += &format!("  {}\n", finding.details);
    for location in &finding.locations {
        let (start, end) = (location.start, location.end);
        text += &format!(
            "  at {}:{}-{}:{} ({}) {}\n",
            start.line,
            start.column,
            end.line,
            end.column,
            start.offset,
            location.path.iter().map(step).collect::<Vec<_>>().join("/")
        );
    }
    text
}

fn step(element: &PathElement) -> String {
    match element {
        PathElement::Index(at) => at.to_string(),
        PathElement::Key(name) => format!("{name}="),
        PathElement::Value(name) => name.clone(),
        PathElement::Substring { start, length } => format!("[{start}+{length}]"),
    }
}
