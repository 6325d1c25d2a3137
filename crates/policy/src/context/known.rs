//! The condition keys that policies name most: they are found by their place in this list.
//!
//! Source: IAM User Guide, "AWS global condition context keys". Tag keys are not among them: there
//! is no end of those.

/// In lower case and in order.
pub(super) const KNOWN: [&str; 56] = [
    "aws:assumedroot",
    "aws:calledvia",
    "aws:calledviafirst",
    "aws:calledvialast",
    "aws:currenttime",
    "aws:ec2instancesourceprivateipv4",
    "aws:ec2instancesourcevpc",
    "aws:epochtime",
    "aws:federatedprovider",
    "aws:multifactorauthage",
    "aws:multifactorauthpresent",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalisawsservice",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalservicename",
    "aws:principalservicenameslist",
    "aws:principaltype",
    "aws:referer",
    "aws:requestedregion",
    "aws:resourceaccount",
    "aws:resourceorgid",
    "aws:resourceorgpaths",
    "aws:securetransport",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceidentity",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:tagkeys",
    "aws:tokenissuetime",
    "aws:useragent",
    "aws:userid",
    "aws:username",
    "aws:viaawsservice",
    "aws:vpceaccount",
    "aws:vpceorgid",
    "aws:vpceorgpaths",
    "aws:vpcsourceip",
    "iam:associatedresourcearn",
    "iam:awsservicename",
    "iam:passedtoservice",
    "iam:permissionsboundary",
    "iam:policyarn",
    "kms:viaservice",
    "s3:prefix",
    "s3:x-amz-server-side-encryption",
    "sts:durationseconds",
    "sts:externalid",
    "sts:rolesessionname",
    "sts:sourceidentity",
    "sts:transitivetagkeys",
];

/// The place of `aws:SourceIp`.
pub(super) const SOURCE_IP: usize = place_of_source_ip();

const fn place_of_source_ip() -> usize {
    let mut at = 0;
    while !matches!(KNOWN[at].as_bytes(), b"aws:sourceip") {
        at += 1;
    }
    at
}

/// The place of a key in lower case.
pub(super) fn known(key: &str) -> Option<usize> {
    KNOWN.binary_search(&key).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn are_in_order() {
        assert!(KNOWN.is_sorted());
        assert!(KNOWN.iter().all(|key| known(key).is_some_and(|at| KNOWN[at] == *key)));
        assert_eq!(known("aws:principaltag/team"), None);
    }
}
