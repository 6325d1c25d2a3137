//! The AWS-named managed policies that every cell starts with, and what managed policies know of themselves.

use crate::{AWS_ACCOUNT, v1};

/// A policy as a data file: `crates/model/data/managed/<name>.json`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct NamedPolicy {
    /// `ReadOnlyAccess`
    pub name: &'static str,
    /// `/` or `/job-function/`, …
    pub path: &'static str,
    /// What it allows, in our words.
    pub description: &'static str,
    /// The document.
    pub document: &'static str,
}

macro_rules! named {
    ($path:literal, $name:literal, $description:literal) => {
        NamedPolicy {
            name: $name,
            path: $path,
            description: $description,
            document: include_str!(concat!("../data/managed/", $name, ".json")),
        }
    };
}

/// The first set. An operator adds to it or replaces a document through `admin/v1`.
pub const BUILT_IN: &[NamedPolicy] = &[
    named!("/", "AdministratorAccess", "Everything, on everything."),
    named!("/", "PowerUserAccess", "Everything but managing users, groups and roles."),
    named!("/", "ReadOnlyAccess", "Reading everything, changing nothing."),
    named!("/", "IAMFullAccess", "Everything in IAM."),
    named!("/", "IAMReadOnlyAccess", "Reading everything in IAM."),
    named!("/", "SecurityAudit", "Reading the configuration that an audit looks at."),
    named!("/", "IAMUserChangePassword", "Changing one's own password."),
    named!("/", "IAMUserSSHKeys", "Managing one's own SSH public keys."),
    named!(
        "/",
        "IAMSelfManageServiceSpecificCredentials",
        "Managing one's own service-specific credentials."
    ),
    named!("/", "AmazonS3FullAccess", "Everything in object storage."),
    named!("/", "AmazonS3ReadOnlyAccess", "Reading everything in object storage."),
    named!(
        "/job-function/",
        "ViewOnlyAccess",
        "Listing and describing resources, not their contents."
    ),
    named!("/job-function/", "Billing", "Viewing and managing bills."),
    named!("/", "AWSDenyAll", "Nothing: denies everything."),
];

/// What a managed policy knows of its versions.
pub trait Versions {
    /// Whether it is AWS-named, and so the same for every account and closed to changes.
    fn is_aws(&self) -> bool;
    /// A version by its number.
    fn version(&self, number: u32) -> Option<&v1::PolicyVersion>;
    /// The document in force.
    fn default_document(&self) -> &str;
}

impl Versions for v1::ManagedPolicy {
    fn is_aws(&self) -> bool {
        self.account_id == AWS_ACCOUNT
    }

    fn version(&self, number: u32) -> Option<&v1::PolicyVersion> {
        self.versions.iter().find(|version| version.number == number)
    }

    fn default_document(&self) -> &str {
        self.version(self.default_version)
            .map(|version| version.document.as_str())
            .unwrap_or_default()
    }
}
