//! The names of condition keys.

use super::split_key;
use crate::check::{
    PolicyType,
    catalogue::{self, Known},
    issue,
    report::Report,
    tree::{Condition, Policy},
    variable,
};
use alloc::{format, string::String};

/// Keys about the owner of a resource: its own policy knows who that is.
const OF_OWNERS: [&str; 4] =
    ["aws:ResourceAccount", "aws:ResourceOrgID", "aws:ResourceOrgPaths", "s3:ResourceAccount"];

/// Keys whose last part is the name of a tag.
const OF_TAGS: [&str; 4] =
    ["aws:RequestTag/", "aws:ResourceTag/", "aws:PrincipalTag/", "iam:ResourceTag/"];

/// Comparisons that looking for a name like another one counts as.
const LOOKING: usize = 2_000;

pub(super) fn check(
    policy: &Policy<'_>,
    condition: &Condition<'_>,
    known: &Known,
    report: &mut Report,
) {
    let key = &condition.key;
    if variable::forbid(policy, key, key.text.len(), "condition keys", report) {
        return;
    }
    let mut add = |issue, details: String| report.add(issue, [key.span.clone()], details);
    let Some((prefix, _)) = split_key(key.text) else {
        let details = format!("\"{}\" is no condition key. Write prefix:name.", key.text);
        return add(issue::INVALID_CONDITION_KEY_FORMAT, details);
    };
    if key.is("aws:ARN") {
        let details = "aws:ARN is gone. Use aws:PrincipalArn or aws:SourceArn.";
        return add(issue::UNSUPPORTED_GLOBAL_CONDITION_KEY, details.into());
    }
    if key.is("aws:SourceOwner") {
        let details = "aws:SourceOwner is kept for old policies only. Use aws:SourceAccount.";
        add(issue::DEPRECATED_GLOBAL_CONDITION_KEY, details.into());
    }
    let lacks_tag = |stem: &str| key.is(stem) || key.is(stem.trim_end_matches('/'));
    if let Some(stem) = OF_TAGS.into_iter().find(|stem| lacks_tag(stem)) {
        let details = format!("Name the tag that is meant: {stem}tag-name.");
        return add(issue::MISSING_TAG_KEY_IN_CONDITION, details);
    }
    let is_attached = matches!(policy.policy_type, PolicyType::Resource | PolicyType::Trust);
    if is_attached && OF_OWNERS.into_iter().any(|owner| key.is(owner)) {
        let details = format!(
            "{} is about the owner of the resource, whom the policy of the resource knows. Test it \
             in identity policies.",
            key.text
        );
        add(issue::IRRELEVANT_CONDITION_KEY_IN_POLICY, details);
    }
    if matches!(known, Known::No) {
        let is_global = prefix.eq_ignore_ascii_case("aws");
        let issue = match is_global {
            true => issue::INVALID_GLOBAL_CONDITION_KEY,
            false => issue::INVALID_SERVICE_CONDITION_KEY,
        };
        let near = report.may_compare(LOOKING).then(|| catalogue::nearest_key(key.text)).flatten();
        let hint = near.map(|near| format!(" Did you mean {near}?")).unwrap_or_default();
        let details = format!("There is no condition key {}.{hint}", key.text);
        report.add(issue, [key.span.clone()], details);
    }
}
