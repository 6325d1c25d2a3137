//! The validator: advice about a policy, as IAM Access Analyzer's `ValidatePolicy` gives it.
//!
//! Sources: IAM User Guide, "IAM policy validation check reference" (names and kinds of the
//! checks); IAM Access Analyzer API reference, `ValidatePolicy` and `Location`. Nothing here
//! refuses a write: what IAM refuses is in [`Policy::parse`](crate::Policy::parse). A document that
//! is only half a policy is read as far as it goes, so that one fault does not hide the others.
//!
//! Not found here: checks that need the catalogue of services other than IAM and STS, the obsolete
//! ones about service control policies, and those for one vendor's tokens (`NOT_FOUND`).

mod action;
mod arn;
mod catalogue;
mod condition;
mod empty;
mod federation;
mod finding;
mod issue;
mod locate;
mod pass_role;
mod principal;
mod read;
mod redundant;
mod report;
mod request;
mod resource;
mod service_principal;
mod sid;
mod size;
mod tree;
mod trust;
mod variable;

pub use catalogue::{knows_action, may_have_key};
pub use finding::{Finding, FindingType, Location, PathElement, Point};
pub use issue::{ISSUES, Issue, NOT_FOUND};
pub use request::RequestKey;

use crate::json::{self, Lists};
use alloc::{format, vec::Vec};
use locate::Places;
use report::Report;

/// What kind of policy a text is meant to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyType {
    /// An identity policy, permissions boundary or session policy (`IDENTITY_POLICY`).
    Identity,
    /// The policy of a resource (`RESOURCE_POLICY`).
    Resource,
    /// A service control policy (`SERVICE_CONTROL_POLICY`).
    ServiceControl,
    /// A resource control policy (`RESOURCE_CONTROL_POLICY`).
    ResourceControl,
    /// The trust policy of a role (`RESOURCE_POLICY` for `AWS::IAM::AssumeRolePolicyDocument`).
    Trust,
}

/// Everything that can be said about a policy, in the order of its places in the text.
///
/// Takes any text and time in proportion to its length: where comparing every pair of values would
/// take longer, comparing stops, and of very many findings only the first thousands are told.
pub fn check(text: &str, policy_type: PolicyType) -> Vec<Finding> {
    let mut report = Report::default();
    let tree = match json::parse(text, Lists::OfNodes) {
        Ok(tree) => tree,
        Err(error) => {
            let end = text[error.at..].chars().next().map_or(error.at, |c| error.at + c.len_utf8());
            let details = format!("The document is not JSON that can be read: {}.", error.what);
            report.add(issue::JSON_SYNTAX_ERROR, Some(error.at..end), details);
            return report.finish(&Places::new(text, None));
        }
    };
    let policy = read::read(&tree, policy_type, &mut report);
    size::check(&policy, text, &tree, &mut report);
    sid::check(&policy, &mut report);
    empty::check(&policy, &mut report);
    action::check(&policy, &mut report);
    resource::check(&policy, &mut report);
    principal::check(&policy, &mut report);
    trust::check(&policy, &mut report);
    federation::check(&policy, &mut report);
    service_principal::check(&policy, &mut report);
    condition::check(&policy, &mut report);
    pass_role::check(&policy, &mut report);
    redundant::check(&policy, &mut report);
    report.finish(&Places::new(text, Some(&tree.root)))
}
