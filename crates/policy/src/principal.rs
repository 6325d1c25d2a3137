//! Who makes a request, and whether a statement names them.

mod caller;
mod named;

pub(crate) use named::{Named, is_partition};

use crate::{Effect, document};
use alloc::boxed::Box;

/// The kinds of caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrincipalKind {
    /// The root user of an account.
    Root,
    /// An IAM user, also with credentials from `GetSessionToken`.
    User,
    /// A session of a role.
    AssumedRole,
    /// A session from `GetFederationToken`.
    FederatedUser,
    /// A service that calls on its own behalf.
    Service,
    /// A caller without credentials.
    Anonymous,
    /// The bearer of a web identity token or SAML assertion.
    Federated,
}

/// The caller of a request. Parts that its kind does not have are empty.
#[derive(Debug, Clone, Copy)]
pub struct Principal<'a> {
    /// What kind of caller it is.
    pub kind: PrincipalKind,
    /// The account it belongs to, 12 digits.
    pub account: &'a str,
    /// Its ARN: of the user, the session or the root user. For a service its name
    /// (`ec2.amazonaws.com`), for a federated caller the ARN or host name of its provider.
    pub arn: &'a str,
    /// The unique id of the user (`AIDA…`), of the session's role (`AROA…`) or, for a federated
    /// user, of the user behind it. Empty where unknown.
    pub unique_id: &'a str,
    /// The ARN, with path, of the role behind a session. Without it a role is known by the name in
    /// the session's ARN, which carries no path.
    pub role_arn: Option<&'a str>,
    /// The ARN of the user behind a federated user's session.
    pub user_arn: Option<&'a str>,
}

impl<'a> Principal<'a> {
    const fn new(kind: PrincipalKind, account: &'a str, arn: &'a str, unique_id: &'a str) -> Self {
        Self { kind, account, arn, unique_id, role_arn: None, user_arn: None }
    }

    /// The root user of an account.
    pub const fn root(account: &'a str, arn: &'a str) -> Self {
        Self::new(PrincipalKind::Root, account, arn, account)
    }

    /// An IAM user.
    pub const fn user(account: &'a str, arn: &'a str, unique_id: &'a str) -> Self {
        Self::new(PrincipalKind::User, account, arn, unique_id)
    }

    /// A role session, by its session ARN, with the id and ARN of its role.
    pub const fn assumed_role(
        account: &'a str,
        arn: &'a str,
        role_id: &'a str,
        role_arn: &'a str,
    ) -> Self {
        let session = Self::new(PrincipalKind::AssumedRole, account, arn, role_id);
        Self { role_arn: Some(role_arn), ..session }
    }

    /// A federated user's session, by its session ARN, with the id and ARN of the user behind it.
    pub const fn federated_user(
        account: &'a str,
        arn: &'a str,
        user_id: &'a str,
        user_arn: &'a str,
    ) -> Self {
        let session = Self::new(PrincipalKind::FederatedUser, account, arn, user_id);
        Self { user_arn: Some(user_arn), ..session }
    }

    /// A service, by its name.
    pub const fn service(name: &'a str) -> Self {
        Self::new(PrincipalKind::Service, "", name, "")
    }

    /// The bearer of a token of this identity provider.
    pub const fn federated(provider: &'a str) -> Self {
        Self::new(PrincipalKind::Federated, "", provider, "")
    }

    /// A caller without credentials.
    pub const fn anonymous() -> Self {
        Self::new(PrincipalKind::Anonymous, "", "", "")
    }

    /// Whether the caller belongs to an account whose policies apply to it.
    pub(crate) fn has_account(&self) -> bool {
        use PrincipalKind::{AssumedRole, FederatedUser, Root, User};
        matches!(self.kind, Root | User | AssumedRole | FederatedUser)
    }
}

/// The levels at which statements name a caller: they decide which implicit denies matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Levels(u8);

impl Levels {
    pub(crate) const NONE: Self = Self(0);
    /// Named itself: identity policies, boundary and session policies need not allow.
    pub(crate) const DIRECT: Self = Self(1);
    /// By the role or user behind the session: boundary and session policies must allow.
    pub(crate) const ROLE: Self = Self(2);
    /// By its account: delegation, identity policies must allow, too.
    pub(crate) const ACCOUNT: Self = Self(4);

    /// No level: a statement denies.
    pub(crate) const DENIED: Self = Self(8);

    pub(crate) fn is_none(self) -> bool {
        self == Self::NONE
    }

    pub(crate) fn has(self, level: Self) -> bool {
        self.0 & level.0 != 0
    }

    pub(crate) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A compiled principal element.
#[derive(Debug, Clone)]
pub(crate) struct PrincipalClause {
    pub negated: bool,
    effect: Effect,
    pub named: Box<[Named]>,
}

impl PrincipalClause {
    /// Compiles the element. What is no principal, which validation refuses, names nobody.
    pub(crate) fn new(written: &document::Principals<'_>, effect: Effect) -> Self {
        let named = written.entries().map(|(kind, value)| Named::read(kind, value));
        let named = named.map(|named| named.unwrap_or(Named::Nobody)).collect();
        Self { negated: written.negated, effect, named }
    }

    /// At which levels the element names the caller.
    pub(crate) fn levels(&self, caller: &Principal<'_>, has_boundary: bool) -> Levels {
        let named =
            self.named.iter().fold(Levels::NONE, |sum, named| sum.with(named.level(caller)));
        if !self.negated {
            return named;
        }
        // Whoever is listed in part is denied by a Deny, and not allowed by an Allow.
        if self.effect == Effect::Allow {
            return if named.is_none() { Levels::DIRECT } else { Levels::NONE };
        }
        // It exempts nobody who has a permissions boundary (Permissions boundaries page).
        let is_exempt = !has_boundary && self.exempts(caller, named);
        if is_exempt { Levels::NONE } else { Levels::DIRECT }
    }

    /// Whether a `NotPrincipal` lists everything the caller is: AWS may check account, role and
    /// session one after another, so each of them must be listed (rule A-6).
    fn exempts(&self, caller: &Principal<'_>, named: Levels) -> bool {
        use PrincipalKind::{AssumedRole, FederatedUser, Root, User};
        if self.named.iter().any(|named| matches!(named, Named::Everyone)) {
            return true;
        }
        let by_account = named.has(Levels::ACCOUNT);
        match caller.kind {
            Root => by_account,
            User => by_account && named.has(Levels::DIRECT),
            AssumedRole => by_account && named.has(Levels::ROLE) && named.has(Levels::DIRECT),
            FederatedUser => {
                let by_user = caller.user_arn.is_none() || named.has(Levels::ROLE);
                by_account && by_user && named.has(Levels::DIRECT)
            }
            _ => named.has(Levels::DIRECT),
        }
    }
}

#[cfg(test)]
mod tests;
