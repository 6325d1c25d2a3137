//! Keys that are safe only beside another one.
//!
//! Source: IAM User Guide, "AWS global condition context keys": private addresses are unique only
//! within a VPC.

use crate::check::{issue, report::Report, tree::Statement};
use alloc::format;

/// A key, and those of which one must stand beside it.
const PAIRS: [(&str, &[&str]); 2] = [
    ("aws:Ec2InstanceSourcePrivateIPv4", &["aws:Ec2InstanceSourceVpc"]),
    ("aws:VpcSourceIp", &["aws:SourceVpc", "aws:SourceVpce", "aws:SourceVpcArn"]),
];

pub(super) fn check(statement: &Statement<'_>, report: &mut Report) {
    for condition in statement.conditions.iter().filter(|_| statement.allows()) {
        let pair = PAIRS.into_iter().find(|(key, _)| condition.key.is(key));
        let Some((key, partners)) = pair else { continue };
        if !partners.iter().any(|partner| statement.tests(partner)) {
            let details = format!(
                "Many networks have the same private addresses. Beside {key} test also {}.",
                partners.join(" or ")
            );
            let span = condition.key.span.clone();
            report.add(issue::MISSING_PAIRED_CONDITION_KEYS, [span], details);
        }
    }
}
