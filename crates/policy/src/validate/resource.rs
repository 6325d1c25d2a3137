//! The format of resources in identity policies.

use crate::{Malformed, Version, arn::fields, json::Text, principal::is_partition, variable};
use alloc::{format, string::String};

/// What the resource part of an IAM ARN may start with.
pub(crate) const IAM_RESOURCE_TYPES: [&str; 13] = [
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];

/// S3 resources that do have a region (Service Authorization Reference: Amazon S3).
const S3_REGIONAL_TYPES: [&str; 7] = [
    "*",
    "accesspoint/",
    "access-grants/",
    "async-request/",
    "job/",
    "storage-lens/",
    "storage-lens-group/",
];

/// What the "legacy parser" cannot read, if anything: ARNs without a service, ARNs that end too
/// early after an empty field, and fields and variables that can never match.
pub(super) fn legacy_fault(resource: &str) -> Option<&'static str> {
    let written = resource.strip_prefix("arn:")?;
    let mut fields = fields(written, 5);
    let (partition, service) = (fields.next()?, fields.next()?);
    if service.is_empty() {
        return Some("an ARN without a service");
    }
    if partition != "*" && !is_partition(partition) {
        return None;
    }
    let (region, account, rest) = (fields.next(), fields.next(), fields.next());
    if rest.is_none() && resource.contains("::") && !resource.ends_with('*') {
        return Some("an ARN with fewer than six fields");
    }
    let is_field =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'*' | b'?' | b'-' | b'_' | b'.');
    let mut written = [Some(service), region, account].into_iter().flatten();
    if written.any(|field| !field.bytes().all(is_field)) {
        return Some("a character or variable where an ARN may not have one");
    }
    rest.and_then(|rest| variable::fault(rest, Version::V2012))
}

/// Checks a resource's format in words for each fault.
pub(super) fn check(text: &Text<'_>) -> Result<(), Malformed> {
    match fault(&text.value) {
        Some((message, detail)) => Err(Malformed::new(message, Some(text.span.clone()), detail)),
        None => Ok(()),
    }
}

fn fault(resource: &str) -> Option<(String, &'static str)> {
    if resource == "*" {
        return None;
    }
    let no_arn = || format!("Resource {resource} must be in ARN format or \"*\".");
    let mut fields = fields(resource, 6);
    let (Some(prefix), Some(partition)) = (fields.next(), fields.next()) else {
        return Some((no_arn(), "neither an ARN nor \"*\""));
    };
    if partition != "*" && !is_partition(partition) {
        let written = &resource[prefix.len() + 1..];
        return Some((invalid_partition(written), "not the name of a partition"));
    }
    if prefix != "arn" {
        return Some((no_arn(), "an ARN starts with arn:"));
    }
    let service = fields.next().unwrap_or("");
    if service.is_empty() || service.contains(['*', '?']) && !resource.ends_with(service) {
        let message = "Resource vendor must be fully qualified and cannot contain regexes.";
        return Some((message.into(), "the service of an ARN must be written out"));
    }
    let (region, _account, rest) = (fields.next(), fields.next(), fields.next());
    let is_short = rest.is_none() && resource.ends_with('*');
    let (region, rest) = if is_short { ("", "*") } else { (region?, rest?) };
    match service {
        "iam" => iam_fault(resource, region, rest),
        "s3" => s3_fault(resource, region, rest),
        _ => None,
    }
}

/// The answer shows the text as an ARN of six fields, with a star for each that lacks.
fn invalid_partition(written: &str) -> String {
    let mut fields = fields(written, 5);
    let mut next = || fields.next().unwrap_or("*");
    let partition = next();
    let (service, region, account, rest) = (next(), next(), next(), next());
    format!(
        "Partition \"{partition}\" is not valid for resource \
         \"arn:{partition}:{service}:{region}:{account}:{rest}\"."
    )
}

fn iam_fault(resource: &str, region: &str, rest: &str) -> Option<(String, &'static str)> {
    if !region.is_empty() {
        let message = format!("IAM resource {resource} cannot contain region information.");
        return Some((message, "IAM has no regions"));
    }
    let is_known = IAM_RESOURCE_TYPES.iter().any(|kind| rest.starts_with(kind));
    if rest == "*" || rest == "root" || is_known {
        return None;
    }
    let message = format!(
        "IAM resource path must either be \"*\", root, or start with {}.",
        IAM_RESOURCE_TYPES.join(", ")
    );
    Some((message, "not a type of IAM resource"))
}

/// Whether a resource of S3 may have a region in its ARN.
pub(crate) fn is_regional_in_s3(rest: &str) -> bool {
    S3_REGIONAL_TYPES.iter().any(|kind| rest.starts_with(kind))
}

fn s3_fault(resource: &str, region: &str, rest: &str) -> Option<(String, &'static str)> {
    if region.is_empty() || is_regional_in_s3(rest) {
        return None;
    }
    let message = format!("Resource {resource} can not contain region information.");
    Some((message, "buckets and objects have no region in their ARN"))
}
