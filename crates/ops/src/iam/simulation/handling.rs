//! Which resources an EC2 scenario needs: `ResourceHandlingOption`.
//!
//! Source: IAM API reference, SimulateCustomPolicy, "ResourceHandlingOption".

use model::arn;
use schema::Fault;

use crate::faults;

const SCENARIOS: [(&str, &[&str]); 6] = [
    ("EC2-Classic-InstanceStore", &["instance", "image", "security-group"]),
    ("EC2-Classic-EBS", &["instance", "image", "security-group", "volume"]),
    ("EC2-VPC-InstanceStore", &["instance", "image", "security-group", "network-interface"]),
    (
        "EC2-VPC-InstanceStore-Subnet",
        &["instance", "image", "security-group", "network-interface", "subnet"],
    ),
    ("EC2-VPC-EBS", &["instance", "image", "security-group", "network-interface", "volume"]),
    (
        "EC2-VPC-EBS-Subnet",
        &["instance", "image", "security-group", "network-interface", "subnet", "volume"],
    ),
];

/// Refuses a scenario that is none, or for which a resource is missing.
///
/// # Errors
/// `InvalidInput`
pub(super) fn check(option: Option<&str>, resources: &[&str]) -> Result<(), Fault> {
    let Some(option) = option else { return Ok(()) };
    let scenario = SCENARIOS.iter().find(|(name, _)| *name == option);
    let Some((_, needed)) = scenario else {
        return Err(faults::invalid_input(format!("Invalid ResourceHandlingOption: {option}")));
    };
    let is_there = |kind: &&&str| {
        resources
            .iter()
            .filter_map(|resource| arn::parse(resource))
            .any(|parts| parts.service == "ec2" && parts.rest.split('/').next() == Some(**kind))
    };
    match needed.iter().find(|kind| !is_there(kind)) {
        Some(kind) => {
            Err(faults::invalid_input(format!("{option} needs a resource of type {kind}.")))
        }
        None => Ok(()),
    }
}
