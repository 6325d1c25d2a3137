//! Sizes, as the quotas of each kind of policy count them.
//!
//! Sources: IAM User Guide, "IAM and AWS STS quotas"; AWS Organizations User Guide, "Quotas": white
//! space outside strings counts in service control policies and nowhere else.

use super::{PolicyType, issue, report::Report, tree::Policy};
use crate::json::Tree;
use alloc::format;

const MANAGED_POLICY: usize = 6_144;
const RESOURCE_POLICY: usize = 20_480;
const TRUST_POLICY: usize = 2_048;
const SERVICE_CONTROL_POLICY: usize = 5_120;

pub(super) fn check(policy: &Policy<'_>, text: &str, tree: &Tree, report: &mut Report) {
    let (issue, size, quota) = match policy.policy_type {
        PolicyType::Identity => {
            (issue::POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA, tree.size, MANAGED_POLICY)
        }
        PolicyType::Resource => {
            (issue::POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA, tree.size, RESOURCE_POLICY)
        }
        PolicyType::Trust => {
            (issue::POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA, tree.size, TRUST_POLICY)
        }
        PolicyType::ServiceControl => (
            issue::POLICY_SIZE_EXCEEDS_SCP_QUOTA,
            text.trim().chars().count(),
            SERVICE_CONTROL_POLICY,
        ),
        // AWS's list has no such check.
        PolicyType::ResourceControl => return,
    };
    if size > quota {
        let details = format!(
            "The policy has {size} characters that count, {quota} is the quota of its kind. Split \
             it, or take wider patterns."
        );
        report.add(issue, [policy.span.clone()], details);
    }
}
