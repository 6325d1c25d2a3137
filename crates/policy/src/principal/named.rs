//! One principal that a statement names.

use super::{Levels, Principal, PrincipalKind};
use crate::{Span, json::Text};
use alloc::boxed::Box;

/// A principal as written, understood. `id` is the unique id a name was bound to when the policy
/// was stored: from then on the name matches no other entity.
#[derive(Debug, Clone)]
pub(crate) enum Named {
    Everyone,
    Account(Box<str>),
    User {
        arn: Box<str>,
        id: Option<Box<str>>,
        span: Span,
    },
    Role {
        arn: Box<str>,
        id: Option<Box<str>>,
        span: Span,
    },
    Session {
        arn: Box<str>,
        id: Option<Box<str>>,
    },
    FederatedUser(Box<str>),
    UniqueId(Box<str>),
    Service(Box<str>),
    Federated(Box<str>),
    /// No principal at all, such as a group or a name with wildcards.
    Nobody,
}

impl Named {
    /// Reads a value of a principal type; `None` when it is no principal.
    pub(crate) fn read(kind: &str, text: &Text<'_>) -> Option<Self> {
        let value = &*text.value;
        if value != "*" && value.contains(['*', '?']) {
            return None;
        }
        match kind {
            "AWS" if value == "*" => Some(Self::Everyone),
            "AWS" if is_account(value) => Some(Self::Account(value.into())),
            "AWS" if is_unique_id(value) => Some(Self::UniqueId(value.into())),
            "AWS" => Self::read_arn(text),
            "Service" => is_host(value).then(|| Self::Service(value.into())),
            "Federated" => is_provider(value).then(|| Self::Federated(value.into())),
            _ => None,
        }
    }

    fn read_arn(text: &Text<'_>) -> Option<Self> {
        let arn: Box<str> = (&*text.value).into();
        let (service, account, resource) = split_arn(&arn)?;
        let (kind, name) = resource.split_once('/').unwrap_or((resource, ""));
        let span = text.span.clone();
        match (service, kind) {
            ("iam", "root") if resource == "root" => Some(Self::Account(account.into())),
            ("iam", "user") if is_path(name) => Some(Self::User { arn, id: None, span }),
            ("iam", "role") if is_path(name) => Some(Self::Role { arn, id: None, span }),
            ("sts", "assumed-role") => {
                let (role, session) = name.split_once('/')?;
                let is_session = is_name(role) && is_name(session);
                is_session.then_some(Self::Session { arn, id: None })
            }
            ("sts", "federated-user") if is_name(name) => Some(Self::FederatedUser(arn)),
            _ => None,
        }
    }

    /// At which level this names the caller.
    pub(crate) fn level(&self, caller: &Principal<'_>) -> Levels {
        use PrincipalKind::{AssumedRole, Federated, FederatedUser, Service, User};
        let has_id = |id: &str| !id.is_empty() && caller.unique_id == id;
        let (is_named, level) = match (self, caller.kind) {
            (Self::Everyone, _) => (true, Levels::DIRECT),
            (Self::Account(account), _) => {
                (caller.has_account() && **account == *caller.account, Levels::ACCOUNT)
            }
            (Self::User { arn, id, .. }, User) => {
                (id.as_deref().map_or(**arn == *caller.arn, has_id), Levels::DIRECT)
            }
            (Self::User { arn, id, .. }, FederatedUser) => {
                let by_arn = caller.user_arn == Some(arn);
                (id.as_deref().map_or(by_arn, has_id), Levels::ROLE)
            }
            (Self::Role { arn, id, .. }, AssumedRole) => {
                let is_named = match id {
                    Some(id) => has_id(id),
                    None => is_session_of(caller, arn),
                };
                (is_named, Levels::ROLE)
            }
            (Self::Session { arn, id }, AssumedRole) => {
                let is_bound = id.as_deref().is_none_or(has_id);
                (is_bound && **arn == *caller.arn, Levels::DIRECT)
            }
            (Self::FederatedUser(arn), FederatedUser) => (**arn == *caller.arn, Levels::DIRECT),
            (Self::UniqueId(id), User) => (has_id(id), Levels::DIRECT),
            (Self::UniqueId(id), AssumedRole | FederatedUser) => (has_id(id), Levels::ROLE),
            (Self::Service(name), Service) => (**name == *caller.arn, Levels::DIRECT),
            (Self::Federated(name), Federated) => (**name == *caller.arn, Levels::DIRECT),
            _ => (false, Levels::NONE),
        };
        if is_named { level } else { Levels::NONE }
    }
}

/// Whether the caller is a session of the role with this ARN: by the role's own ARN where it is
/// known, else by account and name. Role names are unique in an account without regard to case.
fn is_session_of(caller: &Principal<'_>, role_arn: &str) -> bool {
    if let Some(known) = caller.role_arn {
        return known == role_arn;
    }
    let name = role_arn.rsplit('/').next();
    let session = split_arn(caller.arn).and_then(|(_, account, resource)| {
        let role = resource.strip_prefix("assumed-role/")?.split('/').next()?;
        Some((account, role))
    });
    let account = split_arn(role_arn).map(|(_, account, _)| account);
    let (Some(name), Some(account), Some(session)) = (name, account, session) else { return false };
    session.0 == account && session.1.eq_ignore_ascii_case(name)
}

/// Service, account and resource of `arn:partition:service::account:resource`.
pub(super) fn split_arn(arn: &str) -> Option<(&str, &str, &str)> {
    let mut parts = arn.splitn(6, ':');
    let (prefix, partition) = (parts.next()?, parts.next()?);
    let (service, region, account) = (parts.next()?, parts.next()?, parts.next()?);
    let is_arn = prefix == "arn" && is_partition(partition) && region.is_empty();
    (is_arn && is_account(account)).then_some((service, account, parts.next()?))
}

/// Whether a text is the name of an AWS partition, or reads like one.
pub(crate) fn is_partition(text: &str) -> bool {
    let is_name = |rest: &str| rest.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    text == "aws" || text.strip_prefix("aws-").is_some_and(|rest| !rest.is_empty() && is_name(rest))
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The ids of users and roles; other entities cannot be principals.
fn is_unique_id(text: &str) -> bool {
    let known = text.starts_with("AIDA") || text.starts_with("AROA");
    let is_id = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    known && (16..=128).contains(&text.len()) && text.bytes().all(is_id)
}

/// `[\w+=,.@-]+`, the names of users, roles and sessions.
fn is_name(text: &str) -> bool {
    let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b"_+=,.@-".contains(&b);
    !text.is_empty() && text.bytes().all(is_allowed)
}

/// A name after a path of printable characters.
fn is_path(text: &str) -> bool {
    let name = text.rsplit('/').next().unwrap_or(text);
    is_name(name) && text.bytes().all(|byte| (0x21..=0x7e).contains(&byte))
}

/// A host name with at least one dot.
fn is_host(text: &str) -> bool {
    let is_label = |label: &str| {
        let is_allowed = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        !label.is_empty() && label.bytes().all(is_allowed)
    };
    text.contains('.') && text.split('.').all(is_label)
}

/// A provider: a host name, perhaps with a path, or the ARN of a SAML or OIDC provider.
fn is_provider(text: &str) -> bool {
    if let Some(("iam", _, resource)) = split_arn(text) {
        let name = resource
            .strip_prefix("saml-provider/")
            .or_else(|| resource.strip_prefix("oidc-provider/"));
        return name.is_some_and(|name| !name.is_empty() && !name.contains(' '));
    }
    let (host, path) = text.split_once('/').unwrap_or((text, ""));
    is_host(host) && path.bytes().all(|byte| (0x21..=0x7e).contains(&byte))
}
