//! Statement ids: their characters, and that no two are alike.

use super::{PolicyType, issue, report::Report, tree::Policy};
use alloc::{collections::BTreeMap, format};

pub(super) fn check(policy: &Policy<'_>, report: &mut Report) {
    use PolicyType::{Resource, ResourceControl, ServiceControl, Trust};
    let mut seen = BTreeMap::new();
    for sid in policy.statements.iter().filter_map(|statement| statement.sid.as_ref()) {
        if sid.text.is_empty() {
            let details = "The Sid is empty. Give it a text, or remove it.";
            report.add(issue::EMPTY_SID_VALUE, [sid.span.clone()], details);
            continue;
        }
        // Trust policies and those of some services take any characters.
        let is_plain = sid.text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_plain && !matches!(policy.policy_type, Resource | Trust) {
            let details =
                format!("The Sid \"{}\" may have letters A-Z, a-z and digits only.", sid.text);
            report.add(issue::UNSUPPORTED_SID, [sid.span.clone()], details);
        }
        let Some(first) = seen.insert(sid.text, sid.span.clone()) else { continue };
        let issue = match policy.policy_type {
            Resource | ServiceControl | ResourceControl => issue::UNIQUE_SIDS_RECOMMENDED,
            _ => issue::UNIQUE_SIDS_REQUIRED,
        };
        let details =
            format!("The Sid \"{}\" stands twice. Give each statement its own.", sid.text);
        report.add(issue, [sid.span.clone(), first], details);
    }
}
