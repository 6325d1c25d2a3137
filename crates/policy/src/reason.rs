//! What was decided, and why.

use crate::{PrincipalKind, Request};
use alloc::{format, string::String};

/// The answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Allowed.
    Allowed,
    /// A statement denies it.
    ExplicitlyDenied,
    /// Nothing that would have to allow it does.
    ImplicitlyDenied,
}

impl Outcome {
    /// The name, as test vectors spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "Allowed",
            Self::ExplicitlyDenied => "ExplicitlyDenied",
            Self::ImplicitlyDenied => "ImplicitlyDenied",
        }
    }
}

/// What a decision rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Set {
    /// The identity policies.
    Identity,
    /// The permissions boundary.
    Boundary,
    /// The session policies.
    Session,
    /// The policy of the resource.
    Resource,
    /// The trust policy of a role.
    Trust,
    /// Service control policies.
    Scp,
    /// Resource control policies.
    Rcp,
    /// No policy: a root user in its own account.
    Root,
    /// No policy: an operation that every signed caller may perform.
    Always,
}

impl Set {
    /// The name, in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Boundary => "boundary",
            Self::Session => "session",
            Self::Resource => "resource",
            Self::Trust => "trust",
            Self::Scp => "scp",
            Self::Rcp => "rcp",
            Self::Root => "root",
            Self::Always => "always",
        }
    }
}

/// What decided: a set of policies, and the statement in it, where one statement did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason {
    /// The set of policies.
    pub set: Set,
    /// The level in a chain of service or resource control policies, the root first; otherwise 0.
    pub level: usize,
    /// The index of the policy in its set or level.
    pub policy: Option<usize>,
    /// The index of the statement in its policy.
    pub statement: Option<usize>,
}

impl Reason {
    pub(crate) const fn of(set: Set) -> Self {
        Self { set, level: 0, policy: None, statement: None }
    }
}

/// A decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// The answer.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
}

impl Decision {
    /// Whether the request is allowed.
    pub fn is_allowed(&self) -> bool {
        self.outcome == Outcome::Allowed
    }

    /// AWS's `AccessDenied` message (IAM User Guide: Troubleshoot access denied error messages), with
    /// the ARN of the managed policy that denies where it is known. `None` when allowed.
    pub fn message(&self, request: &Request<'_>, policy_arn: Option<&str>) -> Option<String> {
        if self.is_allowed() {
            return None;
        }
        let caller = match request.principal.kind {
            PrincipalKind::Anonymous => "anonymous",
            _ => request.principal.arn,
        };
        let (action, resource) = (request.action, request.resource);
        let mut message = format!(
            "User: {caller} is not authorized to perform: {action} on resource: {resource}"
        );
        let why = self.why(action, policy_arn);
        if !why.is_empty() {
            message.push(' ');
            message.push_str(&why);
        }
        Some(message)
    }

    /// The end of AWS's `AccessDenied` message: `because no … allows the … action`, or `with an
    /// explicit deny in …` with the ARN of the managed policy that denies (IAM User Guide:
    /// Troubleshoot access denied error messages). Empty where AWS says nothing: when allowed, and
    /// when it is a trust policy that lacks an allow.
    pub fn why(&self, action: &str, policy_arn: Option<&str>) -> String {
        let (article, name) = match self.reason.set {
            Set::Identity | Set::Root | Set::Always => ("an", "identity-based policy"),
            Set::Boundary => ("a", "permissions boundary"),
            Set::Session => ("a", "session policy"),
            Set::Resource => ("a", "resource-based policy"),
            Set::Trust => ("a", "role trust policy"),
            Set::Scp => ("a", "service control policy"),
            Set::Rcp => ("a", "resource control policy"),
        };
        match (self.outcome, self.reason.set, policy_arn) {
            (Outcome::Allowed, ..) | (Outcome::ImplicitlyDenied, Set::Trust, _) => String::new(),
            (Outcome::ImplicitlyDenied, ..) => {
                format!("because no {name} allows the {action} action")
            }
            (Outcome::ExplicitlyDenied, _, Some(arn)) => {
                format!("with an explicit deny in {article} {name}: {arn}")
            }
            (Outcome::ExplicitlyDenied, _, None) => {
                format!("with an explicit deny in {article} {name}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(outcome: Outcome, set: Set, arn: Option<&str>) -> String {
        Decision { outcome, reason: Reason::of(set) }.why("iam:GetUser", arn)
    }

    #[test]
    fn words_of_access_denied() {
        use Outcome::{Allowed, ExplicitlyDenied, ImplicitlyDenied};
        for (outcome, set, arn, words) in [
            (
                ImplicitlyDenied,
                Set::Identity,
                None,
                "because no identity-based policy allows the iam:GetUser action",
            ),
            (
                ImplicitlyDenied,
                Set::Boundary,
                None,
                "because no permissions boundary allows the iam:GetUser action",
            ),
            (
                ImplicitlyDenied,
                Set::Scp,
                None,
                "because no service control policy allows the iam:GetUser action",
            ),
            (ImplicitlyDenied, Set::Trust, None, ""),
            (
                ExplicitlyDenied,
                Set::Identity,
                Some("arn:aws:iam::1:policy/p"),
                "with an explicit deny in an identity-based policy: arn:aws:iam::1:policy/p",
            ),
            (ExplicitlyDenied, Set::Session, None, "with an explicit deny in a session policy"),
            (Allowed, Set::Identity, None, ""),
        ] {
            assert_eq!(why(outcome, set, arn), words);
        }
    }
}
