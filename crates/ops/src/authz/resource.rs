//! The resource of a question: whose it is, and its own policy.

use std::sync::{Arc, LazyLock};

use model::arn::{self, HasArn, Parts};
use model::{AWS_ACCOUNT, Account, v1};
use policy::{Kind, Policy};
use schema::Fault;

use super::{Asked, Subject};
use crate::faults;

/// A resource as far as it is known.
pub(super) struct Target<'a> {
    pub account_id: &'a str,
    pub policy: Option<Arc<Policy>>,
    /// The policy is the trust policy of a role of another account than the asker's.
    pub is_foreign_trust: bool,
    /// The tags of an entity of this cell; `None`: it is none, and only its service knows its tags.
    pub tags: Option<&'a [v1::Tag]>,
}

/// What an entity of the cell says of itself.
#[derive(Default)]
struct Entity<'a> {
    tags: &'a [v1::Tag],
    /// Whom a role trusts.
    trust: Option<&'a Arc<Policy>>,
}

/// Trusts nobody, for a role that does not exist: who asks learns the same as of one that does not trust it.
static NOBODY: LazyLock<Arc<Policy>> = LazyLock::new(|| {
    const TEXT: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow",
        "Principal":{"AWS":"arn:aws:iam::000000000000:root"},"Action":"sts:AssumeRole"}}"#;
    // INVARIANT: the constant is a valid policy.
    Arc::new(Policy::parse(TEXT, Kind::Trust).expect("the constant policy is valid"))
});

pub(super) fn read<'a>(
    subject: &'a Subject<'_>,
    question: &'a Asked<'_>,
) -> Result<Target<'a>, Fault> {
    let parts = arn::parse(question.resource);
    if question.resource != "*" && parts.is_none() {
        return Err(faults::validation("resource must be an ARN or *"));
    }
    let own = subject.account_id();
    let account_id = account(parts.as_ref(), question.resource_account, own)?;
    let service = question.action.get(..4).unwrap_or_default();
    let is_sts = service.eq_ignore_ascii_case("sts:");
    let kind = if is_sts { Kind::Trust } else { Kind::Resource };
    let mut target = Target { account_id, policy: None, is_foreign_trust: false, tags: None };
    if let Some(parts) = parts.filter(|parts| parts.service == "iam")
        && let Some(account) = subject.state.account(target.account_id)
    {
        let entity = entity(account, question.resource, parts.rest);
        let is_role = is_sts && parts.rest.starts_with("role/");
        let is_own = target.account_id == own;
        // Who may pass a role does not depend on its tags: see `Access::pass_role`.
        let is_passing = question.action.eq_ignore_ascii_case("iam:PassRole");
        target.tags = Some(if (is_own || is_role) && !is_passing { entity.tags } else { &[] });
        if is_role {
            if question.resource_policy.is_some() {
                let message = "resource_policy must be left out: the cell has what its roles trust";
                return Err(faults::validation(message));
            }
            target.policy = Some(Arc::clone(entity.trust.unwrap_or(&NOBODY)));
            target.is_foreign_trust = subject.own.as_ref().is_some_and(|o| *o != target.account_id);
            return Ok(target);
        }
    }
    if let Some(document) = question.resource_policy {
        let policy = Policy::parse(document, kind);
        let policy = policy.map_err(|malformed| faults::malformed_policy(&malformed))?;
        target.policy = Some(Arc::new(policy));
    }
    Ok(target)
}

/// The owner of a resource. Nothing is guessed: a resource that is taken for the principal's own needs no consent of
/// another account.
fn account<'a>(
    parts: Option<&Parts<'a>>,
    given: Option<&'a str>,
    own: &'a str,
) -> Result<&'a str, Fault> {
    let is_account = |text: &str| arn::is_account(text) && text != AWS_ACCOUNT;
    if given.is_some_and(|given| !is_account(given)) {
        return Err(faults::validation("resource_account must have 12 digits"));
    }
    let named = match parts.map(|parts| parts.account) {
        None | Some(AWS_ACCOUNT) => return Ok(given.unwrap_or(own)),
        Some("") => None,
        Some(account) if is_account(account) => Some(account),
        Some(_) => return Err(faults::validation("the account of resource must have 12 digits")),
    };
    match (named, given) {
        (Some(named), Some(given)) if named != given => {
            Err(faults::validation("resource_account must be the account that resource names"))
        }
        (Some(account), _) | (None, Some(account)) => Ok(account),
        (None, None) => Err(faults::validation(
            "resource_account must be given: the ARN of resource names no account",
        )),
    }
}

/// What the entity with an ARN says of itself; nothing where there is none.
fn entity<'a>(account: &'a Account, arn: &str, rest: &str) -> Entity<'a> {
    let Some((kind, path)) = rest.split_once('/') else { return Entity::default() };
    let name = path.rsplit('/').next().unwrap_or_default();
    let tags = match kind {
        "user" => {
            account.users().named(name).filter(|user| user.has_arn(arn)).map(|user| &user.tags)
        }
        "role" => {
            let role = account.roles().named(name).filter(|role| role.has_arn(arn));
            return role.map_or_else(Entity::default, |role| Entity {
                tags: &role.tags,
                trust: Some(&role.derived.trust),
            });
        }
        "policy" => {
            let policy = account.policies().named(name).filter(|policy| policy.has_arn(arn));
            policy.map(|policy| &policy.tags)
        }
        "instance-profile" => {
            let profile = account.profiles().named(name).filter(|profile| profile.has_arn(arn));
            profile.map(|profile| &profile.tags)
        }
        _ => None,
    };
    Entity { tags: tags.map_or(&[], Vec::as_slice), trust: None }
}
