//! Who asks: a caller's references resolved against a state.

use std::sync::Arc;

use model::arn::HasArn;
use model::v1::{self, caller, session};
use model::{Account, Sealed, State, Stored, arn};
use policy::{Policy, PrincipalKind};
use schema::Fault;

use crate::faults;

/// A caller as the state knows it.
#[derive(Clone)]
pub struct Principal {
    /// Root, user, role session, …; `None` for the operator and the cell itself, who are in no account.
    pub kind: Option<PrincipalKind>,
    /// The account; empty for the operator.
    pub account_id: String,
    /// The ARN that names the caller in answers and refusals.
    pub arn: String,
    /// `aws:userid`: account id, user id, or `role id:session name`.
    pub user_id: String,
    /// Unique id of the user or role; the account id for root.
    pub unique_id: String,
    /// The key that signed.
    pub access_key_id: String,
    /// The user, also behind a GetSessionToken session.
    pub user: Option<Arc<Stored<v1::User>>>,
    /// The role of a role session.
    pub role: Option<Arc<Stored<v1::Role>>>,
    /// The session of temporary credentials.
    pub session: Option<v1::Session>,
}

/// A policy that belongs to a principal, and what names it: in a refusal the ARN alone.
pub struct Owned {
    /// The compiled policy.
    pub policy: Arc<Policy>,
    /// The managed policy's ARN.
    pub arn: Option<String>,
    /// The inline policy's name.
    pub name: Option<String>,
}

impl Principal {
    /// The caller of a request, at a state and a time.
    ///
    /// # Errors
    /// `InvalidClientTokenId` when the key, its owner or the session's role is gone or inactive; `ExpiredToken`.
    pub fn resolve(state: &State, caller: &v1::Caller, now_ms: u64) -> Result<Principal, Fault> {
        match &caller.kind {
            Some(caller::Kind::LongTerm(_)) => long_term(state, &caller.access_key_id),
            Some(caller::Kind::Session(session)) => of_session(state, session, now_ms),
            Some(caller::Kind::Operator(_)) => operator(state, &caller.access_key_id),
            Some(caller::Kind::System(_)) => Ok(outside("system")),
            None => Err(faults::invalid_client_token_id()),
        }
    }

    /// Whether the caller is the operator.
    pub fn is_operator(&self) -> bool {
        self.kind.is_none() && !self.access_key_id.is_empty()
    }

    /// Whether the caller is the cell itself.
    pub fn is_system(&self) -> bool {
        self.kind.is_none() && self.access_key_id.is_empty()
    }

    /// Whether the caller is an account's root user.
    pub fn is_root(&self) -> bool {
        self.kind == Some(PrincipalKind::Root)
    }

    /// The ARN of the entity behind a session: `aws:PrincipalArn`.
    pub fn principal_arn(&self) -> String {
        match &self.role {
            Some(role) => role.arn(),
            None => self.arn.clone(),
        }
    }

    /// Identity policies: the user's own and its groups', or the role's.
    pub fn identity_policies(&self, state: &State) -> Vec<Owned> {
        let mut policies = Vec::new();
        if let Some(user) = &self.user {
            collect(state, &user.derived, &user.attached_policies, &mut policies);
            let account = state.account(&user.account_id);
            for group in user.group_ids.iter().filter_map(|id| account?.group_by_id(id)) {
                collect(state, &group.derived, &group.attached_policies, &mut policies);
            }
        }
        if let Some(role) = &self.role {
            collect(state, &role.derived.inline, &role.attached_policies, &mut policies);
        }
        policies
    }

    /// The ARN of the permissions boundary, if there is one.
    pub fn boundary(&self) -> Option<&str> {
        let boundary = match (&self.user, &self.role) {
            (Some(user), _) => &user.boundary,
            (None, Some(role)) => &role.boundary,
            (None, None) => return None,
        };
        (!boundary.is_empty()).then_some(boundary.as_str())
    }

    /// Tags of the principal; a session's own come over its role's, without regard to the case of the key.
    pub fn tags(&self) -> Vec<v1::Tag> {
        let mut tags = match (&self.user, &self.role) {
            (Some(user), _) => user.tags.clone(),
            (None, Some(role)) => role.tags.clone(),
            (None, None) => Vec::new(),
        };
        for tag in self.session.iter().flat_map(|session| &session.tags) {
            tags.retain(|known| known.key.to_lowercase() != tag.key.to_lowercase());
            tags.push(tag.clone());
        }
        tags
    }
}

fn collect(
    state: &State,
    inline: &model::record::Inline,
    attached: &[String],
    into: &mut Vec<Owned>,
) {
    into.extend(inline.iter().map(|(name, policy)| Owned {
        policy: Arc::clone(policy),
        arn: None,
        name: Some(name.clone()),
    }));
    for arn in attached {
        if let Some(policy) = state.managed_policy(arn) {
            let policy = Arc::clone(&policy.derived);
            into.push(Owned { policy, arn: Some(arn.clone()), name: None });
        }
    }
}

pub(crate) fn outside(arn: &str) -> Principal {
    Principal {
        kind: None,
        account_id: String::new(),
        arn: arn.to_owned(),
        user_id: String::new(),
        unique_id: String::new(),
        access_key_id: String::new(),
        user: None,
        role: None,
        session: None,
    }
}

fn operator(state: &State, key_id: &str) -> Result<Principal, Fault> {
    match state.operator_keys().get(key_id) {
        Some(key) if key.sealed_secret().is_some() => {
            Ok(Principal { access_key_id: key_id.to_owned(), ..outside("operator") })
        }
        _ => Err(faults::invalid_client_token_id()),
    }
}

fn long_term(state: &State, key_id: &str) -> Result<Principal, Fault> {
    match state.access_key(key_id) {
        // A key whose secret is bound to somebody else opens nothing: see [`Sealed`].
        Some((account, key)) if key.active && key.sealed_secret().is_some() => {
            of_owner(account, &key.owner_id, key_id)
        }
        _ => Err(faults::invalid_client_token_id()),
    }
}

pub(crate) fn of_owner(
    account: &Account,
    owner_id: &str,
    key_id: &str,
) -> Result<Principal, Fault> {
    if owner_id == account.id() {
        return Ok(Principal {
            kind: Some(PrincipalKind::Root),
            account_id: owner_id.to_owned(),
            arn: arn::root(owner_id),
            user_id: owner_id.to_owned(),
            unique_id: owner_id.to_owned(),
            access_key_id: key_id.to_owned(),
            ..outside("")
        });
    }
    let user = account.user_by_id(owner_id).ok_or_else(faults::invalid_client_token_id)?;
    Ok(Principal {
        kind: Some(PrincipalKind::User),
        account_id: account.id().to_owned(),
        arn: user.arn(),
        user_id: user.id.clone(),
        unique_id: user.id.clone(),
        access_key_id: key_id.to_owned(),
        user: Some(Arc::clone(user)),
        ..outside("")
    })
}

fn of_session(state: &State, session: &v1::Session, now_ms: u64) -> Result<Principal, Fault> {
    if session.expires_ms <= now_ms {
        return Err(faults::expired_token());
    }
    let account = state.account(&session.account_id).ok_or_else(faults::invalid_client_token_id)?;
    match &session.subject {
        Some(session::Subject::Role(subject)) => {
            let role =
                account.role_by_id(&subject.role_id).ok_or_else(faults::invalid_client_token_id)?;
            Ok(Principal {
                kind: Some(PrincipalKind::AssumedRole),
                account_id: account.id().to_owned(),
                arn: arn::assumed_role(account.id(), &role.name, &subject.session_name),
                user_id: format!("{}:{}", role.id, subject.session_name),
                unique_id: role.id.clone(),
                access_key_id: session.access_key_id.clone(),
                role: Some(Arc::clone(role)),
                session: Some(session.clone()),
                ..outside("")
            })
        }
        Some(session::Subject::User(subject)) => {
            // A session lives no longer than the key that asked for it.
            let parent = account.keys().get(subject.parent_key_id.as_str());
            if !parent.is_some_and(|key| key.active) {
                return Err(faults::invalid_client_token_id());
            }
            let owner = of_owner(account, &subject.owner_id, &session.access_key_id)?;
            Ok(Principal { session: Some(session.clone()), ..owner })
        }
        None => Err(faults::invalid_client_token_id()),
    }
}

#[cfg(test)]
mod tests {
    use model::v1::{Entity, entity};
    use schema::sts::v1::GetCallerIdentityRequest;

    use crate::testing::{Cell, assert_fault};

    #[test]
    fn a_key_whose_secret_is_bound_to_somebody_else_opens_nothing() {
        let mut cell = Cell::new();
        let mine = cell.user("mallory");
        let (_, known) = cell.state.access_key(&mine.access_key_id).unwrap();
        let secret = known.secret.clone();
        let (_, roots) = cell.state.access_key(&cell.root.access_key_id).unwrap();
        let forged = super::v1::AccessKey { secret, ..roots.record().clone() };
        cell.state.put(Entity { kind: Some(entity::Kind::AccessKey(forged)) }).unwrap();
        assert_fault(
            cell.read(GetCallerIdentityRequest {}),
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        );
    }
}
